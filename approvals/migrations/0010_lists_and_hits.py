"""What two people must always agree to about lists and screening."""

from django.db import migrations

from approvals.protection import always_two


class Migration(migrations.Migration):
    dependencies = [("approvals", "0008_endpoint_terms_whole")]

    operations = [
        always_two("risk.accept_list_edition", "risk.add_to_list", "risk.clear_strong_hit", "risk.remove_from_list"),
    ]
