"""Holds that announce a payment, and are captured in full or in part."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from approvals.protection import always_two
from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_access"),
        ("transactions", "0007_standing_orders_and_interest"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="hold",
            options={
                "default_permissions": ("view",),
                "permissions": [
                    ("place_hold", "Can hold money on an account"),
                    ("capture_hold", "Can pay held money out"),
                    ("void_hold", "Can give held money back"),
                ],
                "verbose_name": "hold",
                "verbose_name_plural": "holds",
            },
        ),
        migrations.AddField(
            model_name="hold",
            name="captured",
            field=models.BigIntegerField(null=True, verbose_name="captured"),
        ),
        migrations.AddField(
            model_name="hold",
            name="external_reference",
            field=models.CharField(blank=True, db_default="", max_length=100, verbose_name="external reference"),
        ),
        migrations.AddField(
            model_name="hold",
            name="order_key",
            field=models.CharField(editable=False, max_length=400, null=True, verbose_name="order key"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(fields=("order_key",), name="hold_order_once"),
        ),
        migrations.AddField(
            model_name="hold",
            name="payee",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.account",
                verbose_name="payee",
            ),
        ),
        migrations.AlterField(
            model_name="hold",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("APPROVAL", "payment that waits for approval"),
                    ("MANUAL", "set aside by the bank"),
                    ("PAYMENT", "payment announced, to be captured"),
                ],
                max_length=10,
                verbose_name="purpose",
            ),
        ),
        migrations.RemoveConstraint(model_name="hold", name="hold_purpose_known"),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", ["APPROVAL", "MANUAL", "PAYMENT"])), name="hold_purpose_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("captured__isnull", True),
                    models.Q(("captured__gt", 0), ("captured__lte", models.F("amount")), ("state", "POSTED")),
                    _connector="OR",
                ),
                name="hold_captured_within",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("payee__isnull", False), ("purpose", "PAYMENT")),
                    models.Q(
                        models.Q(("purpose", "PAYMENT"), _negated=True),
                        ("captured__isnull", True),
                        ("payee__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="hold_payment_has_payee",
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                condition=models.Q(("ends_at__isnull", False), ("state", "PENDING")),
                fields=["ends_at"],
                name="hold_due",
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(fields=["-placed_at", "-id"], name="hold_newest"),
        ),
        # One index for each side of a transaction as before, with the day in it: limits and dormancy ask by day.
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(fields=["debit_account", "booking_date"], name="transaction_debited_on"),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(fields=["credit_account", "booking_date"], name="transaction_credited_on"),
        ),
        migrations.AlterField(
            model_name="transaction",
            name="debit_account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.account",
                verbose_name="debit account",
            ),
        ),
        migrations.AlterField(
            model_name="transaction",
            name="credit_account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.account",
                verbose_name="credit account",
            ),
        ),
        sql_file(HERE / "hold_capture.sql"),
        always_two("transactions.set_interest_rate"),
        pinned_search_path("transactions"),
    ]
