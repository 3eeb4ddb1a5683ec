"""Answers about a movement that was asked about again are kept beside the first one."""

from pathlib import Path

from django.db import migrations, models

from bankops.core.db import sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("risk", "0014_standing_planned_once")]

    operations = [
        migrations.AddField("assessment", "number", models.PositiveSmallIntegerField(default=1, verbose_name="number")),
        migrations.RemoveConstraint("assessment", "assessment_once"),
        migrations.AddConstraint(
            "assessment",
            models.UniqueConstraint(fields=("movement", "number"), name="assessment_numbered_once"),
        ),
        migrations.AddConstraint(
            "assessment",
            models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="assessment_number_from_one"),
        ),
        sql_file(HERE / "later_answers.sql"),
    ]
