"""A rule is passed over for a customer by two people, whatever policies say."""

from django.db import migrations

from approvals.protection import always_two


class Migration(migrations.Migration):
    dependencies = [("approvals", "0011_risk_cases")]

    operations = [always_two("risk.snooze_rule")]
