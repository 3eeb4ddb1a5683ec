"""Standing orders that are carried out, and interest that accrues."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import bankops.core.ids
import transactions.models.turnover
from bankops.core.db import sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_pinned_functions"),
        ("transactions", "0006_day_turnover"),
    ]

    operations = [
        migrations.CreateModel(
            name="InterestRate",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.product",
                        verbose_name="product",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("rate", models.PositiveIntegerField(verbose_name="rate")),
                (
                    "day_count",
                    models.CharField(
                        choices=[("ACT_365", "actual/365 fixed"), ("ACT_360", "actual/360")],
                        max_length=7,
                        verbose_name="day count",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("created_at", models.DateTimeField(verbose_name="set at")),
            ],
            options={
                "verbose_name": "interest rate",
                "verbose_name_plural": "interest rates",
                "permissions": [("set_interest_rate", "Can set an interest rate")],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(fields=("product", "currency", "valid_from"), name="interest_rate_once"),
                    models.CheckConstraint(
                        condition=models.Q(("rate__lte", 1000000)), name="interest_rate_at_most_100_percent"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("day_count__in", ["ACT_365", "ACT_360"])), name="interest_day_count_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccruedInterest",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.account",
                    ),
                ),
                ("since", models.DateField(verbose_name="since")),
                ("through", models.DateField(verbose_name="through")),
                ("version", models.BigIntegerField(verbose_name="version")),
                ("units", transactions.models.turnover.WholeNumberField(verbose_name="accrued and not posted")),
            ],
            options={
                "verbose_name": "accrued interest",
                "verbose_name_plural": "accrued interest",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="InterestAccrual",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id", "date", "version", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                ("date", models.DateField(verbose_name="date")),
                ("version", models.BigIntegerField(verbose_name="version")),
                ("balance", models.BigIntegerField(verbose_name="balance")),
                ("rate", models.PositiveIntegerField(verbose_name="rate")),
                (
                    "day_count",
                    models.CharField(
                        choices=[("ACT_365", "actual/365 fixed"), ("ACT_360", "actual/360")],
                        max_length=7,
                        verbose_name="day count",
                    ),
                ),
                ("units", transactions.models.turnover.WholeNumberField(verbose_name="interest")),
                ("is_correction", models.BooleanField(verbose_name="correction")),
                ("run_date", models.DateField(verbose_name="accrued at the end of")),
            ],
            options={
                "verbose_name": "accrued interest of a day",
                "verbose_name_plural": "accrued interest by day",
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("balance__gte", 0)), name="accrual_balance_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_correction", True), ("units__gt", 0), _connector="OR"),
                        name="accrual_units_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InterestPosting",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id", "month", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "transaction",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="interest_posting",
                        to="transactions.transaction",
                        verbose_name="transaction",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                ("month", models.DateField(verbose_name="month")),
                ("posted_on", models.DateField(verbose_name="posted on")),
                ("accrued", transactions.models.turnover.WholeNumberField(verbose_name="accrued")),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("carried", transactions.models.turnover.WholeNumberField(verbose_name="carried forward")),
            ],
            options={
                "verbose_name": "posted interest",
                "verbose_name_plural": "posted interest",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="interest_posting_positive")
                ],
            },
        ),
        migrations.CreateModel(
            name="StandingOrderRun",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "transaction",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standing_order_run",
                        to="transactions.transaction",
                        verbose_name="transaction",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="transactions.standingorder",
                        verbose_name="standing order",
                    ),
                ),
                ("date", models.DateField(verbose_name="date")),
                (
                    "state",
                    models.CharField(
                        choices=[("PAID", "paid"), ("RETRYING", "to be tried again"), ("SKIPPED", "skipped")],
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=1, verbose_name="attempts")),
                ("last_attempt", models.DateField(verbose_name="last tried on")),
                ("next_attempt", models.DateField(null=True, verbose_name="next tried on")),
                ("refusal", models.CharField(blank=True, max_length=60, verbose_name="refusal")),
            ],
            options={
                "verbose_name": "payment of a standing order",
                "verbose_name_plural": "payments of standing orders",
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "RETRYING")),
                        fields=["next_attempt", "id"],
                        name="standing_order_run_retry",
                    ),
                    models.Index(
                        condition=models.Q(("state", "PAID"), _negated=True),
                        fields=["-last_attempt", "-id"],
                        name="standing_order_run_unpaid",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("order", "date"), name="standing_order_run_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("next_attempt__isnull", True), ("state", "PAID"), ("transaction__isnull", False)),
                            models.Q(
                                ("next_attempt__isnull", False), ("state", "RETRYING"), ("transaction__isnull", True)
                            ),
                            models.Q(
                                ("next_attempt__isnull", True), ("state", "SKIPPED"), ("transaction__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="standing_order_run_state",
                    ),
                ],
            },
        ),
        migrations.AlterModelOptions(
            name="standingorder",
            options={
                "default_permissions": ("view",),
                "permissions": [
                    ("create_standing_order", "Can create a standing order"),
                    ("change_standing_order", "Can change a standing order"),
                    ("suspend_standing_order", "Can suspend a standing order"),
                    ("resume_standing_order", "Can resume a standing order"),
                    ("end_standing_order", "Can end a standing order"),
                ],
                "verbose_name": "standing order",
                "verbose_name_plural": "standing orders",
            },
        ),
        migrations.AddField(
            model_name="standingorder",
            name="channel",
            field=models.CharField(
                choices=[("STAFF", "staff"), ("PARTNER", "partner"), ("SYSTEM", "system"), ("IMPORT", "taken over")],
                default="IMPORT",
                editable=False,
                max_length=8,
                verbose_name="channel",
            ),
        ),
        migrations.AddField(
            model_name="standingorder",
            name="creation_key",
            field=models.CharField(editable=False, max_length=350, null=True, verbose_name="creation key"),
        ),
        migrations.AddField(
            model_name="standingorder",
            name="day",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="day of the month"),
        ),
        migrations.AddField(
            model_name="standingorder",
            name="every",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="every"),
        ),
        migrations.AddField(
            model_name="standingorder",
            name="first_date",
            field=models.DateField(null=True, verbose_name="first payment"),
        ),
        migrations.AddField(
            model_name="standingorder",
            name="last_date",
            field=models.DateField(blank=True, null=True, verbose_name="last payment"),
        ),
        migrations.AddField(
            model_name="standingorder",
            name="next_date",
            field=models.DateField(editable=False, null=True, verbose_name="next payment"),
        ),
        migrations.AddField(
            model_name="standingorder",
            name="next_due",
            field=models.DateField(editable=False, null=True, verbose_name="due on"),
        ),
        migrations.AddField(
            model_name="standingorder",
            name="on_holiday",
            field=models.CharField(
                choices=[
                    ("FOLLOWING", "the next business day"),
                    ("MODIFIED_FOLLOWING", "the next business day of the same month, else the last one"),
                ],
                default="FOLLOWING",
                max_length=18,
                verbose_name="on a holiday",
            ),
        ),
        migrations.AddField(
            model_name="standingorder",
            name="payee_account",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="standing_orders_in",
                to="accounts.account",
                verbose_name="payee's account",
            ),
        ),
        migrations.AddField(
            model_name="standingorder",
            name="retry_days",
            field=models.PositiveSmallIntegerField(default=3, verbose_name="retry on business days"),
        ),
        migrations.AddField(
            model_name="standingorder",
            name="state",
            field=models.CharField(
                choices=[
                    ("ACTIVE", "active"),
                    ("SUSPENDED", "suspended"),
                    ("ENDED", "ended"),
                    ("COMPLETED", "completed"),
                ],
                default="ACTIVE",
                max_length=9,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="standingorder",
            name="unit",
            field=models.CharField(
                choices=[("WEEK", "weeks"), ("MONTH", "months")], default="MONTH", max_length=5, verbose_name="unit"
            ),
        ),
        migrations.AddField(
            model_name="standingorder",
            name="version",
            field=models.PositiveIntegerField(default=1, verbose_name="version"),
        ),
        migrations.AlterField(
            model_name="standingorder",
            name="counterparty_account",
            field=models.CharField(blank=True, max_length=40, verbose_name="account of the payee"),
        ),
        migrations.AlterField(
            model_name="standingorder",
            name="counterparty_bank",
            field=models.CharField(blank=True, max_length=40, verbose_name="bank of the payee"),
        ),
        sql_file(HERE / "standing_orders_without_schedule.sql"),
        migrations.AddIndex(
            model_name="standingorder",
            index=models.Index(
                condition=models.Q(("state", "ACTIVE")), fields=["next_due", "id"], name="standing_order_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="standingorder",
            constraint=models.UniqueConstraint(fields=("creation_key",), name="standing_order_creation_once"),
        ),
        migrations.AddConstraint(
            model_name="standingorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("day__gte", 1), ("day__lte", 31), ("unit", "MONTH")),
                    models.Q(("day__isnull", True), ("unit", "WEEK")),
                    _connector="OR",
                ),
                name="standing_order_day_of_month",
            ),
        ),
        migrations.AddConstraint(
            model_name="standingorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("every__gte", 1), ("every__lte", 60), ("retry_days__lte", 10)),
                name="standing_order_schedule_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="standingorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["STAFF", "PARTNER", "SYSTEM", "IMPORT"])),
                name="standing_order_channel_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="standingorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("on_holiday__in", ["FOLLOWING", "MODIFIED_FOLLOWING"])),
                name="standing_order_holiday_rule_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="standingorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("counterparty_account", ""), ("payee_account__isnull", False)),
                    models.Q(("payee_account__isnull", True), models.Q(("counterparty_account", ""), _negated=True)),
                    models.Q(
                        ("counterparty_account", ""),
                        ("payee_account__isnull", True),
                        models.Q(("state", "ACTIVE"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="standing_order_one_payee",
            ),
        ),
        migrations.AddConstraint(
            model_name="standingorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("payee_account", models.F("account")), _negated=True),
                name="standing_order_two_accounts",
            ),
        ),
        migrations.AddConstraint(
            model_name="standingorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("next_date__isnull", False), ("next_due__isnull", False), ("state", "ACTIVE")),
                    ("state", "SUSPENDED"),
                    models.Q(
                        ("next_date__isnull", True),
                        ("next_due__isnull", True),
                        ("state__in", ("ACTIVE", "ENDED", "COMPLETED")),
                    ),
                    _connector="OR",
                ),
                name="standing_order_due_while_active",
            ),
        ),
        sql_file(HERE / "interest_guards.sql"),
        sql_file(HERE / "standing_order_guards.sql"),
    ]
