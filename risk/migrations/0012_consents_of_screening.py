"""Whom two people clear and except, members renewed, turns that fail, and versions of lists that are used once.

Members of the bank's own lists are spelled as they are today, without spaces for instance, or they would never be found again.
One that is there so spelled already, or that cannot be read, keeps its spelling. Backwards it leaves them as they are.
"""

from pathlib import Path
from typing import Any

from django.db import migrations, models

from bankops.core.db import pinned_search_path, sql_file
from bankops.core.encryption import CannotDecrypt
from risk.errors import ListValueUnreadable
from risk.lists.values import canonical, compared

HERE = Path(__file__).parent
_PIN = pinned_search_path("risk").sql


def spell(apps: Any, _schema_editor: Any) -> None:
    members = apps.get_model("risk", "OwnListMember").objects.filter(removed_at=None)
    for member in members.order_by("added_at", "pk").iterator(chunk_size=1_000):
        try:
            written = canonical(member.value_type, member.written.reveal())
            value = compared(member.value_type, written)
            if value == member.value.reveal():
                continue
        except (CannotDecrypt, ListValueUnreadable):
            continue
        same = members.filter(watch_list=member.watch_list_id, value_type=member.value_type, until=member.until)
        if not same.filter(value_index__matches=value).exclude(pk=member.pk).exists():
            member.written, member.value = written, value
            member.save(update_fields=["written", "value", "value_index"])


class Migration(migrations.Migration):
    dependencies = [("approvals", "0008_endpoint_terms_whole"), ("risk", "0011_unscreened")]

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
        migrations.RunPython(spell, migrations.RunPython.noop),
        migrations.RunSQL(_PIN, migrations.RunSQL.noop),
    ]
