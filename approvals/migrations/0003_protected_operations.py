"""Operations that two people must always agree to: each app adds its own."""

from pathlib import Path

from django.db import migrations, models

from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("approvals", "0002_guards")]

    operations = [
        migrations.CreateModel(
            name="ProtectedOperation",
            fields=[
                ("key", models.CharField(max_length=80, primary_key=True, serialize=False, verbose_name="operation")),
            ],
            options={
                "verbose_name": "protected operation",
                "verbose_name_plural": "protected operations",
                "default_permissions": (),
            },
        ),
        sql_file(HERE / "protected_operations.sql"),
        pinned_search_path("approvals_always"),
    ]
