"""Separation of duties, held by the database too."""

from pathlib import Path

from django.db import migrations

from bankops.core.db import sql_file


class Migration(migrations.Migration):
    dependencies = [("staff", "0001_initial")]

    operations = [sql_file(Path(__file__).with_name("role_guards.sql"))]
