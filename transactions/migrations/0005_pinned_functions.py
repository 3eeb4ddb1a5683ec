"""No temporary table takes the place of a real one in a guard (see `pinned_search_path`)."""

from django.db import migrations

from bankops.core.db import pinned_search_path


class Migration(migrations.Migration):
    dependencies = [("transactions", "0004_hold_guards")]
    operations = [pinned_search_path("ledger", "transactions")]
