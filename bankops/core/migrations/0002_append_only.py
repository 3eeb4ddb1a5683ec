"""The audit trail refuses every change but its seal."""

from pathlib import Path

from django.db import migrations

from bankops.core.db import sql_file


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [sql_file(Path(__file__).parent / "append_only.sql")]
