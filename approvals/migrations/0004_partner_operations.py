"""Partners stand below approvals, so what two people must always agree to there is said here."""

from pathlib import Path

from django.db import migrations

from approvals.protection import always_two
from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("approvals", "0003_protected_operations"), ("partners", "0002_guards")]

    operations = [
        sql_file(HERE / "partner_consent.sql"),
        always_two(
            "partners.change_partner",
            "partners.issue_credential",
            "partners.register_partner",
            "partners.resume_partner",
            "partners.rotate_credential",
            "partners.set_networks",
            "partners.set_partner_limits",
        ),
        pinned_search_path("approvals_credential"),
    ]
