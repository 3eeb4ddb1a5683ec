"""What the services promise about partners, held by the database."""

from pathlib import Path

from django.db import migrations

from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_initial"), ("staff", "0003_pinned_functions")]

    operations = [sql_file(HERE / "guards.sql"), pinned_search_path("partners")]
