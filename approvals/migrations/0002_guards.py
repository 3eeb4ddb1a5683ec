"""What holds whoever writes: policies, requests, decisions."""

from pathlib import Path

from django.db import migrations

from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial"), ("core", "0002_append_only"), ("staff", "0002_role_guards")]
    operations = [
        sql_file(HERE / "policy_guards.sql"),
        sql_file(HERE / "request_guards.sql"),
        sql_file(HERE / "decision_guards.sql"),
        sql_file(HERE / "inbox.sql"),
        pinned_search_path("approvals"),
    ]
