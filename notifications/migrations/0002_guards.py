"""What the services promise about endpoints and what is sent to them, held by the database."""

from pathlib import Path

from django.db import migrations

from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]

    operations = [sql_file(HERE / "guards.sql"), pinned_search_path("notifications")]
