"""A case of high risk is always closed by two people."""

from django.db import migrations

from approvals.protection import always_two


class Migration(migrations.Migration):
    dependencies = [("approvals", "0012_risk_held")]

    operations = [always_two("risk.close_high_risk_case")]
