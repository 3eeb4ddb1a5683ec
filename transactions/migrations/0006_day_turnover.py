"""Turnover by day, and the functions that add it up and read it."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import transactions.models.turnover
from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("transactions", "0005_pinned_functions"), ("accounts", "0003_pinned_functions")]

    operations = [
        migrations.CreateModel(
            name="DayTurnover",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id", "booking_date", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("booking_date", models.DateField(verbose_name="booking date")),
                ("debit", transactions.models.turnover.WholeNumberField(verbose_name="debit")),
                ("credit", transactions.models.turnover.WholeNumberField(verbose_name="credit")),
                ("postings", models.BigIntegerField(verbose_name="postings")),
                ("versions", transactions.models.turnover.VersionsField(verbose_name="versions")),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
            ],
            options={
                "verbose_name": "turnover of a day",
                "verbose_name_plural": "turnover by day",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="RolledUp",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.account",
                    ),
                ),
                ("through_version", models.BigIntegerField(verbose_name="through version")),
            ],
            options={
                "verbose_name": "rolled-up account",
                "verbose_name_plural": "rolled-up accounts",
                "default_permissions": (),
            },
        ),
        sql_file(HERE / "turnover.sql"),
        pinned_search_path("turnover"),
    ]
