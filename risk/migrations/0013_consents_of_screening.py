"""Whom two people clear and except, members renewed, turns that fail, and versions of lists that are used once."""

from pathlib import Path

from django.db import migrations, models

from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent
_PIN = pinned_search_path("risk").sql


class Migration(migrations.Migration):
    dependencies = [("approvals", "0008_endpoint_terms_whole"), ("risk", "0012_unscreened")]

    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, _PIN),
        migrations.AddField(
            model_name="screeningdue",
            name="failed_at",
            field=models.DateTimeField(null=True, verbose_name="failed at"),
        ),
        migrations.AddField(
            model_name="screeningdue",
            name="failure",
            field=models.CharField(blank=True, db_default="", max_length=100, verbose_name="why it failed"),
        ),
        migrations.RemoveConstraint(model_name="ownlistmember", name="member_once"),
        migrations.AddConstraint(
            model_name="ownlistmember",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at", None)),
                fields=("watch_list", "value_type", "value_index", "until"),
                name="member_once",
                nulls_distinct=False,
            ),
        ),
        sql_file(HERE / "hits.sql"),
        sql_file(HERE / "snoozes.sql"),
        sql_file(HERE / "lists_version.sql"),
        migrations.RunSQL(_PIN, migrations.RunSQL.noop),
    ]
