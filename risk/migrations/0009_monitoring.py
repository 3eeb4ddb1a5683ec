"""What monitoring reads, remembers and found, and the guards of it."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import bankops.core.ids
import bankops.core.models.outbox
from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_partner_float"), ("risk", "0008_day_reports")]

    operations = [
        migrations.CreateModel(
            name="MonitorState",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("fed_below", models.BigIntegerField(default=0, verbose_name="fed below")),
                ("fed_until", models.DateTimeField(null=True, verbose_name="fed until")),
                ("memory", models.BinaryField(default=b"", verbose_name="memory")),
            ],
            options={
                "verbose_name": "state of monitoring",
                "verbose_name_plural": "state of monitoring",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="MovedMoney",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "xid",
                    models.BigIntegerField(db_default=bankops.core.models.outbox.TransactionNumber(), editable=False),
                ),
                ("kind", models.CharField(max_length=12, verbose_name="kind")),
                ("channel", models.CharField(max_length=12, verbose_name="channel")),
                ("moment", models.DateTimeField(verbose_name="moment")),
                ("payer", models.CharField(blank=True, max_length=40, verbose_name="payer")),
                ("payee", models.CharField(blank=True, max_length=40, verbose_name="payee")),
                ("customer", models.CharField(blank=True, max_length=40, verbose_name="customer")),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("base_amount", models.BigIntegerField(null=True, verbose_name="amount in the base currency")),
            ],
            options={
                "verbose_name": "movement seen",
                "verbose_name_plural": "movements seen",
                "default_permissions": (),
                "indexes": [models.Index(fields=["xid"], name="moved_since")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="moved_amount_positive")
                ],
            },
        ),
        migrations.CreateModel(
            name="Pattern",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.CharField(max_length=64, unique=True, verbose_name="key")),
                (
                    "family",
                    models.CharField(
                        choices=[
                            ("fan_out", "Fan-out"),
                            ("fan_in", "Fan-in"),
                            ("gather_scatter", "Gathered and scattered"),
                            ("scatter_gather", "Scattered and gathered"),
                            ("cycle", "Cycle"),
                            ("chain", "Chain"),
                            ("bipartite", "Two groups"),
                            ("stack", "Layers"),
                            ("structuring", "Structuring"),
                        ],
                        max_length=16,
                        verbose_name="family",
                    ),
                ),
                ("subject", models.CharField(max_length=40, verbose_name="subject")),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="patterns",
                        to="accounts.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "accounts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None, verbose_name="accounts"
                    ),
                ),
                (
                    "movements",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None, verbose_name="movements"
                    ),
                ),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("score", models.PositiveSmallIntegerField(verbose_name="score")),
                ("usual", models.PositiveIntegerField(verbose_name="usual")),
                ("began", models.DateTimeField(verbose_name="began")),
                ("ended", models.DateTimeField(verbose_name="ended")),
                ("found_at", models.DateTimeField(verbose_name="found at")),
                ("grown_at", models.DateTimeField(verbose_name="grown at")),
            ],
            options={
                "verbose_name": "pattern",
                "verbose_name_plural": "patterns",
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["-grown_at", "-id"], name="patterns_latest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ended__gte", models.F("began"))), name="pattern_ends_after_it_began"
                    ),
                    models.CheckConstraint(condition=models.Q(("score__lte", 999)), name="pattern_score_within_bounds"),
                ],
            },
        ),
        sql_file(HERE / "monitoring.sql"),
        pinned_search_path("risk_moved", "risk_pattern"),
    ]
