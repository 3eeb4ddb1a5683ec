"""Notifications stand below approvals, so what two people must always agree to about webhooks is said here."""

from pathlib import Path

from django.db import migrations

from approvals.protection import always_two
from bankops.core.db import pinned_search_path, sql_file


class Migration(migrations.Migration):
    dependencies = [("approvals", "0005_signing_keys"), ("notifications", "0002_guards")]

    operations = [
        sql_file(Path(__file__).parent / "endpoint_consent.sql"),
        always_two(
            "notifications.add_endpoint", "notifications.change_endpoint", "notifications.rotate_endpoint_secret"
        ),
        pinned_search_path("approvals_endpoint"),
    ]
