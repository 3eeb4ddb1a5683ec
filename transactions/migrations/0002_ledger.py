"""The posting function, and the guards that hold whoever writes."""

from pathlib import Path

from django.db import migrations

from bankops.core.db import sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("transactions", "0001_initial"), ("accounts", "0002_guards"), ("core", "0002_append_only")]
    operations = [
        sql_file(HERE / "ledger_guards.sql"),
        sql_file(HERE / "ledger_post.sql"),
        sql_file(HERE / "transaction_guards.sql"),
    ]
