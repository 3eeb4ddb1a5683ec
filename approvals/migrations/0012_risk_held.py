"""What risk held back is released by two people, whatever policies say."""

from django.db import migrations

from approvals.protection import always_two


class Migration(migrations.Migration):
    dependencies = [("approvals", "0010_lists_and_hits")]

    operations = [always_two("transactions.release_risk_held")]
