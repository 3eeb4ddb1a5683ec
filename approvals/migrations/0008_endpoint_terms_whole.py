"""All that two people read about a webhook endpoint is what they agreed to, who picks its secret up too."""

from pathlib import Path

from django.db import migrations

from bankops.core.db import pinned_search_path, sql_file

_PIN = pinned_search_path("approvals_endpoint")


class Migration(migrations.Migration):
    dependencies = [("approvals", "0007_notices")]

    operations = [
        migrations.RunSQL(
            migrations.RunSQL.noop, _PIN.sql
        ),  # last on the way back: what is replaced is to be pinned again
        sql_file(Path(__file__).parent / "endpoint_terms_whole.sql"),
        _PIN,
    ]
