"""Partners on transactions, payments held back as possible duplicates, refunds."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import bankops.core.ids
from approvals.protection import always_two
from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_access"),
        ("approvals", "0003_protected_operations"),
        ("partners", "0001_initial"),
        ("transactions", "0008_hold_capture"),
    ]

    operations = [
        migrations.CreateModel(
            name="DuplicatePolicy",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("window_minutes", models.PositiveIntegerField(default=1440, verbose_name="window in minutes")),
                ("twins_tolerated", models.PositiveSmallIntegerField(default=0, verbose_name="twins tolerated")),
                (
                    "amount_within_basis_points",
                    models.PositiveSmallIntegerField(default=0, verbose_name="amounts within, in basis points"),
                ),
                ("held_hours", models.PositiveSmallIntegerField(default=72, verbose_name="held for, in hours")),
                ("staff_too", models.BooleanField(default=False, verbose_name="staff, too")),
                ("set_at", models.DateTimeField(verbose_name="set at")),
            ],
            options={
                "verbose_name": "duplicate policy",
                "verbose_name_plural": "duplicate policies",
                "permissions": [("change_duplicate_policy", "Can change what counts as a possible duplicate")],
                "default_permissions": ("view",),
            },
        ),
        migrations.AlterModelOptions(
            name="transaction",
            options={
                "default_permissions": ("view",),
                "permissions": [
                    ("deposit", "Can take a deposit"),
                    ("withdraw", "Can pay out a withdrawal"),
                    ("transfer", "Can transfer between accounts"),
                    ("charge_fee", "Can charge a fee"),
                    ("reverse", "Can reverse a transaction"),
                    ("refund", "Can refund a transfer"),
                    ("release", "Can release a payment held as a possible duplicate"),
                    ("cancel_held", "Can cancel a payment held as a possible duplicate"),
                    ("view_trial_balance", "Can view the trial balance"),
                ],
                "verbose_name": "transaction",
                "verbose_name_plural": "transactions",
            },
        ),
        migrations.RemoveConstraint(
            model_name="transaction",
            name="transaction_kind_known",
        ),
        migrations.AddField(
            model_name="transaction",
            name="confirmed_genuine_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="confirmed as no duplicate at"),
        ),
        migrations.AddField(
            model_name="transaction",
            name="held_because",
            field=models.CharField(
                blank=True,
                choices=[("possible_duplicate", "possible duplicate")],
                db_default="",
                default="",
                editable=False,
                max_length=20,
                verbose_name="held because",
            ),
        ),
        migrations.AddField(
            model_name="transaction",
            name="partner",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="partners.partner",
                verbose_name="partner",
            ),
        ),
        migrations.AddField(
            model_name="transaction",
            name="refunds",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="refunded_by",
                to="transactions.transaction",
                verbose_name="refunds",
            ),
        ),
        migrations.AddField(
            model_name="transaction",
            name="twin",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="transactions.transaction",
                verbose_name="looks like",
            ),
        ),
        migrations.AlterField(
            model_name="transaction",
            name="kind",
            field=models.CharField(
                choices=[
                    ("DEPOSIT", "deposit"),
                    ("WITHDRAWAL", "withdrawal"),
                    ("TRANSFER", "transfer"),
                    ("FEE", "fee"),
                    ("INTEREST", "interest"),
                    ("PAYMENT_IN", "payment from another bank"),
                    ("PAYMENT_OUT", "payment to another bank"),
                    ("REVERSAL", "reversal"),
                    ("REFUND", "refund"),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(
                fields=["debit_account", "credit_account", "amount", "created_at"], name="transaction_alike"
            ),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(
                condition=models.Q(("partner__isnull", False)),
                fields=["partner", "-created_at", "-id"],
                name="transaction_of_partner",
            ),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(
                condition=models.Q(("refunds__isnull", False)), fields=["refunds"], name="transaction_refunds"
            ),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(condition=models.Q(("state", "HELD")), fields=["created_at"], name="transaction_held"),
        ),
        migrations.AddConstraint(
            model_name="transaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "DEPOSIT",
                            "WITHDRAWAL",
                            "TRANSFER",
                            "FEE",
                            "INTEREST",
                            "PAYMENT_IN",
                            "PAYMENT_OUT",
                            "REVERSAL",
                            "REFUND",
                        ],
                    )
                ),
                name="transaction_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="transaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "REFUND"), ("refunds__isnull", False)),
                    models.Q(models.Q(("kind", "REFUND"), _negated=True), ("refunds__isnull", True)),
                    _connector="OR",
                ),
                name="transaction_refund_names_original",
            ),
        ),
        migrations.AddConstraint(
            model_name="transaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "HELD"), _negated=True),
                    ("held_because__in", ["possible_duplicate"]),
                    _connector="OR",
                ),
                name="transaction_held_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="transaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("POSTED", "REVERSED")), _negated=True),
                    ("held_because", ""),
                    ("confirmed_genuine_at__isnull", False),
                    _connector="OR",
                ),
                name="transaction_held_is_confirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="transaction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("partner__isnull", False), models.Q(("external_reference", ""), _negated=True)),
                fields=("partner", "external_reference"),
                name="transaction_reference_once_per_partner",
            ),
        ),
        migrations.AddField(
            model_name="duplicatepolicy",
            name="partner",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="partners.partner",
                verbose_name="partner",
            ),
        ),
        migrations.AddIndex(
            model_name="duplicatepolicy",
            index=models.Index(fields=["partner", "-set_at", "-id"], name="duplicate_policy_newest"),
        ),
        migrations.AddConstraint(
            model_name="duplicatepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("window_minutes__gte", 1), ("window_minutes__lte", 44640)),
                name="duplicate_window_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="duplicatepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_within_basis_points__lte", 1000)),
                name="duplicate_tolerance_at_most_a_tenth",
            ),
        ),
        migrations.AddConstraint(
            model_name="duplicatepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("twins_tolerated__lte", 100)), name="duplicate_twins_sane"
            ),
        ),
        migrations.AddConstraint(
            model_name="duplicatepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("held_hours__gte", 1), ("held_hours__lte", 720)), name="duplicate_held_hours_sane"
            ),
        ),
        sql_file(HERE / "duplicate_guards.sql"),
        always_two("transactions.change_duplicate_policy"),
        pinned_search_path("transactions"),
    ]
