"""Cases are reminded of, keep why they ordered an operation, and the money at stake of an alert may rise."""

from pathlib import Path

from django.db import migrations, models

from bankops.core.db import sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("risk", "0012_consents_of_screening"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="reminded_at",
            field=models.DateTimeField(null=True, verbose_name="assignee reminded at"),
        ),
        migrations.AddField(
            model_name="case",
            name="escalated_at",
            field=models.DateTimeField(null=True, verbose_name="heads of risk told at"),
        ),
        migrations.AddField(
            model_name="case",
            name="reminded_to_look_at",
            field=models.DateTimeField(null=True, verbose_name="told to look again at"),
        ),
        migrations.AddField(
            model_name="caseaction",
            name="reason",
            field=models.CharField(blank=True, default="", max_length=500, verbose_name="why"),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="caseaction",
            index=models.Index(
                condition=models.Q(("approval_request__isnull", False)),
                fields=["approval_request"],
                name="case_action_of_request",
            ),
        ),
        sql_file(HERE / "cases_followed_up.sql"),
    ]
