"""Many transfers in one request."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import bankops.core.ids
from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_access"),
        ("approvals", "0003_protected_operations"),
        ("partners", "0001_initial"),
        ("transactions", "0011_duplicate_notes"),
    ]

    operations = [
        migrations.CreateModel(
            name="TransferBatch",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("reference", models.CharField(max_length=35, verbose_name="reference")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("RECEIVED", "received"),
                            ("CARRIED_OUT", "carried out"),
                            ("AWAITING_APPROVAL", "awaiting approval"),
                            ("REJECTED", "rejected"),
                            ("CANCELLED", "cancelled"),
                            ("EXPIRED", "expired"),
                            ("FAILED", "failed"),
                        ],
                        max_length=17,
                        verbose_name="state",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("total", models.BigIntegerField(verbose_name="total")),
                ("item_count", models.PositiveSmallIntegerField(verbose_name="transfers")),
                ("all_or_nothing", models.BooleanField(verbose_name="all or nothing")),
                ("content_hash", models.BinaryField(max_length=32)),
                ("metadata", models.JSONField(default=dict, verbose_name="metadata")),
                ("business_date", models.DateField(verbose_name="business date")),
                ("created_at", models.DateTimeField(verbose_name="received at")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed at")),
                ("maker_id", models.CharField(max_length=64, verbose_name="maker id")),
                ("maker_name", models.CharField(max_length=150, verbose_name="made by")),
                (
                    "approval_request",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="approvals.approvalrequest",
                        verbose_name="approval request",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
            ],
            options={
                "verbose_name": "transfer batch",
                "verbose_name_plural": "transfer batches",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="TransferBatchItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                ("payer_named", models.CharField(max_length=40, verbose_name="payer, as named")),
                ("payee_named", models.CharField(max_length=40, verbose_name="payee, as named")),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("reference", models.CharField(max_length=35, verbose_name="reference")),
                ("narrative", models.CharField(blank=True, max_length=200, verbose_name="narrative")),
                ("code", models.CharField(blank=True, max_length=40, verbose_name="refused because")),
                ("blamed", models.CharField(blank=True, max_length=12, verbose_name="field to blame")),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="transactions.transferbatch",
                        verbose_name="batch",
                    ),
                ),
                (
                    "payee",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                        verbose_name="payee",
                    ),
                ),
                (
                    "payer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                        verbose_name="payer",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batch_items",
                        to="transactions.transaction",
                        verbose_name="transaction",
                    ),
                ),
            ],
            options={
                "verbose_name": "transfer of a batch",
                "verbose_name_plural": "transfers of a batch",
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="transferbatch",
            index=models.Index(fields=["partner", "-created_at", "-id"], name="transfer_batch_of_partner"),
        ),
        migrations.AddIndex(
            model_name="transferbatch",
            index=models.Index(fields=["-created_at", "-id"], name="transfer_batch_newest"),
        ),
        migrations.AddIndex(
            model_name="transferbatch",
            index=models.Index(
                condition=models.Q(("state", "AWAITING_APPROVAL")), fields=["created_at"], name="transfer_batch_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="transferbatch",
            constraint=models.UniqueConstraint(fields=("partner", "reference"), name="transfer_batch_reference_once"),
        ),
        migrations.AddConstraint(
            model_name="transferbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["RECEIVED", "CARRIED_OUT", "AWAITING_APPROVAL", "REJECTED", "CANCELLED", "EXPIRED", "FAILED"],
                    )
                ),
                name="transfer_batch_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("item_count__gte", 1), ("item_count__lte", 1000), ("total__gt", 0)),
                name="transfer_batch_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "AWAITING_APPROVAL"), _negated=True),
                    models.Q(("approval_request__isnull", False), ("closed_at__isnull", True)),
                    _connector="OR",
                ),
                name="transfer_batch_parked_has_request",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferbatch",
            constraint=models.UniqueConstraint(
                condition=models.Q(("approval_request__isnull", False)),
                fields=("approval_request",),
                name="transfer_batch_request_once",
            ),
        ),
        migrations.AddIndex(
            model_name="transferbatchitem",
            index=models.Index(
                condition=models.Q(("code", ""), ("transaction__isnull", True)),
                fields=["reference"],
                name="batch_item_reserved",
            ),
        ),
        migrations.AddIndex(
            model_name="transferbatchitem",
            index=models.Index(
                condition=models.Q(("code", ""), ("transaction__isnull", True)),
                fields=["payer", "payee", "amount"],
                name="batch_item_alike",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferbatchitem",
            constraint=models.UniqueConstraint(fields=("batch", "position"), name="batch_item_position_once"),
        ),
        migrations.AddConstraint(
            model_name="transferbatchitem",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="batch_item_amount_positive"),
        ),
        migrations.AddConstraint(
            model_name="transferbatchitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("transaction__isnull", True),
                    models.Q(("code", ""), ("payee__isnull", False), ("payer__isnull", False)),
                    _connector="OR",
                ),
                name="batch_item_one_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferbatchitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("transaction__isnull", False)),
                fields=("transaction",),
                name="batch_item_transaction_once",
            ),
        ),
        sql_file(HERE / "transfer_batch_guards.sql"),
        pinned_search_path("transactions"),
    ]
