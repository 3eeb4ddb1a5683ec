"""A partner's signing key always takes two people, and the database looks for their consent."""

from pathlib import Path

from django.db import migrations

from approvals.protection import always_two
from bankops.core.db import pinned_search_path, sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0004_partner_operations"),
        ("partners", "0003_signing"),
    ]

    operations = [
        sql_file(Path(__file__).parent / "signing_consent.sql"),
        always_two("partners.set_signing_key"),
        pinned_search_path("approvals_signing"),
    ]
