"""Notices move to the staff inbox that every app writes to (`notifications.Notice`); none is lost, read ones stay read."""

from pathlib import Path

from django.db import migrations

from bankops.core.db import sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0006_webhook_operations"),
        ("notifications", "0001_initial"),
    ]

    operations = [
        sql_file(Path(__file__).parent / "notices.sql"),
        migrations.DeleteModel(name="Notice"),
    ]
