"""What holds about holds and consent, whoever writes."""

from pathlib import Path

from django.db import migrations

from bankops.core.db import sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("transactions", "0003_holds")]
    operations = [sql_file(HERE / "hold_guards.sql"), sql_file(HERE / "consent_guards.sql")]
