"""A case of high risk is always closed by two people."""

from django.db import migrations

from approvals.protection import always_two


class Migration(migrations.Migration):
    dependencies = [("approvals", "0008_endpoint_terms_whole")]

    operations = [always_two("risk.close_high_risk_case")]
