"""Accounts are never deleted, and what gives their postings a meaning never changes."""

from pathlib import Path

from django.db import migrations

from bankops.core.db import sql_file


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("core", "0002_append_only")]
    operations = [sql_file(Path(__file__).parent / "guards.sql")]
