"""How customers stand is planned once for each connection, and not for every movement."""

from pathlib import Path

from django.db import migrations

from bankops.core.db import sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("risk", "0013_cases_followed_up")]

    operations = [sql_file(HERE / "standing_plan.sql")]
