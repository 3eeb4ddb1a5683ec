"""Who was not screened as they are now does not count as clear."""

from pathlib import Path

from django.db import migrations, models

from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent
_PIN = pinned_search_path("risk").sql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_partner_float"), ("risk", "0010_score")]

    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, _PIN),
        migrations.AlterField(
            model_name="screeningdue",
            name="because",
            field=models.CharField(
                choices=[
                    ("NEW", "new customer"),
                    ("PARTY", "name, kind, date of birth or owners changed"),
                    ("CHANGED", "the customer's data changed"),
                    ("LISTED", "an entry that was met changed"),
                    ("INTERVAL", "not screened for long"),
                ],
                max_length=8,
                verbose_name="because",
            ),
        ),
        migrations.AddIndex(
            model_name="screeningdue",
            index=models.Index(
                condition=models.Q(("because", "PARTY")), fields=["customer_id"], name="screening_due_party"
            ),
        ),
        sql_file(HERE / "unscreened.sql"),
        migrations.RunSQL(_PIN, migrations.RunSQL.noop),
    ]
