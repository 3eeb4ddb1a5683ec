"""What is held back as a possible duplicate can be held by risk, too, while it waits."""

from pathlib import Path

from django.db import migrations

from bankops.core.db import sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("transactions", "0016_risk_held")]

    operations = [sql_file(HERE / "risk_held_later.sql")]
