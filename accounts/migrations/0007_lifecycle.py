"""An account's life: restrictions with reasons, limits, dormancy."""

from pathlib import Path

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import bankops.core.ids
from bankops.core.db import pinned_search_path, sql_file

_HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_kyc"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="account",
            options={
                "default_permissions": ("view",),
                "permissions": [
                    ("open_account", "Can open an account"),
                    ("close_account", "Can close an account"),
                    ("freeze_account", "Can freeze an account"),
                    ("release_account", "Can release a frozen account"),
                    ("mark_dormant", "Can mark an account dormant"),
                    ("wake_account", "Can wake a dormant account"),
                    ("set_overdraft", "Can set an account's overdraft limit"),
                    ("set_limits", "Can set an account's limits"),
                    ("reopen_account", "Can reopen a closed account"),
                    ("view_general_ledger", "Can view the bank's own accounts"),
                    ("view_all_branches", "Can view customers and accounts of every branch"),
                    ("view_confidential_account", "Can view this confidential account"),
                    ("set_confidential", "Can make an account confidential, and open to all again"),
                    ("grant_access", "Can grant access to a confidential account"),
                    ("revoke_access", "Can revoke access to a confidential account"),
                ],
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
            },
        ),
        migrations.AddField(
            model_name="account",
            name="has_limits",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="has limits"),
        ),
        migrations.AddField(
            model_name="account",
            name="woken_date",
            field=models.DateField(blank=True, null=True, verbose_name="woken on"),
        ),
        migrations.AddField(
            model_name="historicalaccount",
            name="has_limits",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="has limits"),
        ),
        migrations.AddField(
            model_name="historicalaccount",
            name="woken_date",
            field=models.DateField(blank=True, null=True, verbose_name="woken on"),
        ),
        migrations.CreateModel(
            name="AccountLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("ALL", "all channels together"),
                            ("STAFF", "staff"),
                            ("PARTNER", "partner"),
                            ("SYSTEM", "system"),
                        ],
                        max_length=8,
                        verbose_name="channel",
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        choices=[("TRANSACTION", "per transaction"), ("DAILY", "daily"), ("MONTHLY", "monthly")],
                        max_length=12,
                        verbose_name="period",
                    ),
                ),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="limits",
                        to="accounts.account",
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "limit",
                "verbose_name_plural": "limits",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("account", "channel", "period"), name="limit_once"),
                    models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="limit_not_negative"),
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["ALL", "STAFF", "PARTNER", "SYSTEM"])),
                        name="limit_channel_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("period__in", ["TRANSACTION", "DAILY", "MONTHLY"])),
                        name="limit_period_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountRestriction",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("BLOCK_DEBIT", "debits blocked"),
                            ("BLOCK_CREDIT", "credits blocked"),
                            ("BLOCK_ALL", "all movements blocked"),
                        ],
                        max_length=12,
                        verbose_name="what is blocked",
                    ),
                ),
                (
                    "reason_code",
                    models.CharField(
                        choices=[
                            ("COURT_ORDER", "order of a court or authority"),
                            ("SUSPECTED_FRAUD", "suspected fraud"),
                            ("DECEASED", "holder deceased"),
                            ("CUSTOMER_REQUEST", "customer's request"),
                            ("DOCUMENT_EXPIRED", "identity document expired"),
                            ("SANCTIONS", "sanctions"),
                            ("OTHER", "other"),
                        ],
                        max_length=20,
                        verbose_name="reason code",
                    ),
                ),
                ("legal_reference", models.CharField(blank=True, max_length=120, verbose_name="legal reference")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("starts_at", models.DateTimeField(verbose_name="since")),
                ("ends_at", models.DateTimeField(null=True, verbose_name="until")),
                ("placed_by_kind", models.CharField(max_length=10)),
                ("placed_by_id", models.CharField(max_length=64)),
                ("placed_by_name", models.CharField(max_length=150, verbose_name="placed by")),
                ("approval_request_id", models.CharField(blank=True, max_length=64, verbose_name="approval request")),
                ("order_key", models.CharField(editable=False, max_length=255, null=True)),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[("LIFTED", "lifted"), ("EXPIRED", "reached its end")],
                        max_length=8,
                        verbose_name="how it ended",
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("ended_by_id", models.CharField(blank=True, max_length=64)),
                ("ended_by_name", models.CharField(blank=True, max_length=150, verbose_name="ended by")),
                ("end_reason", models.CharField(blank=True, max_length=500, verbose_name="why it ended")),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restrictions",
                        to="accounts.account",
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "restriction",
                "verbose_name_plural": "restrictions",
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)), fields=["account"], name="restriction_open"
                    ),
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True), ("ends_at__isnull", False)),
                        fields=["ends_at", "id"],
                        name="restriction_ending",
                    ),
                    models.Index(fields=["account", "starts_at"], name="restriction_of_account"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["BLOCK_DEBIT", "BLOCK_CREDIT", "BLOCK_ALL"])),
                        name="restriction_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "reason_code__in",
                                [
                                    "COURT_ORDER",
                                    "SUSPECTED_FRAUD",
                                    "DECEASED",
                                    "CUSTOMER_REQUEST",
                                    "DOCUMENT_EXPIRED",
                                    "SANCTIONS",
                                    "OTHER",
                                ],
                            )
                        ),
                        name="restriction_reason_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("legal_reference", ""), ("reason_code", "COURT_ORDER"), _negated=True),
                        name="restriction_order_has_reference",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True), ("ends_at__gt", models.F("starts_at")), _connector="OR"
                        ),
                        name="restriction_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ending", "")),
                            models.Q(("ended_at__isnull", False), ("ending__in", ["LIFTED", "EXPIRED"])),
                            _connector="OR",
                        ),
                        name="restriction_ended_somehow",
                    ),
                    models.UniqueConstraint(fields=("account", "order_key"), name="restriction_order_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalAccountLimit",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("ALL", "all channels together"),
                            ("STAFF", "staff"),
                            ("PARTNER", "partner"),
                            ("SYSTEM", "system"),
                        ],
                        max_length=8,
                        verbose_name="channel",
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        choices=[("TRANSACTION", "per transaction"), ("DAILY", "daily"), ("MONTHLY", "monthly")],
                        max_length=12,
                        verbose_name="period",
                    ),
                ),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical limit",
                "verbose_name_plural": "historical limits",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["history_date", "id"], name="accounts_hi_history_808a66_idx")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        sql_file(_HERE / "restriction_guards.sql"),
        sql_file(_HERE / "limit_guards.sql"),
        pinned_search_path("accounts_restriction", "accounts_limit"),
    ]
