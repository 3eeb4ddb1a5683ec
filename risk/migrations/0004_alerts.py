"""Alerts: what somebody must look at, why, whom it is about, and who may not work it."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import bankops.core.ids
from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_partner_float"),
        ("risk", "0003_lists"),
        ("staff", "0003_pinned_functions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("reference", models.CharField(max_length=20, verbose_name="reference")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("TRANSACTION", "movement of money"),
                            ("SCREENING", "name on a list"),
                            ("MONITORING", "pattern seen afterwards"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("dedupe_key", models.CharField(max_length=200, verbose_name="about the same as")),
                ("score", models.PositiveSmallIntegerField(verbose_name="score")),
                (
                    "priority",
                    models.CharField(
                        choices=[("low", "low"), ("medium", "medium"), ("high", "high")],
                        max_length=6,
                        verbose_name="priority",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("NEW", "waiting"),
                            ("ASSIGNED", "being worked"),
                            ("IN_CASE", "part of a case"),
                            ("CLOSED", "closed"),
                        ],
                        default="NEW",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("CONFIRMED", "confirmed"),
                            ("FALSE_POSITIVE", "false positive"),
                            ("REPORTED", "reported to the authority"),
                        ],
                        max_length=14,
                        verbose_name="outcome",
                    ),
                ),
                ("movement_id", models.CharField(blank=True, max_length=64, verbose_name="movement id")),
                ("movement_reference", models.CharField(blank=True, max_length=20, verbose_name="movement")),
                ("assessment_id", models.UUIDField(null=True, verbose_name="assessment")),
                ("amount", models.BigIntegerField(null=True, verbose_name="amount")),
                ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                ("stopped", models.BooleanField(default=False, verbose_name="money was stopped")),
                ("raised_at", models.DateTimeField(verbose_name="raised at")),
                ("last_raised_at", models.DateTimeField(verbose_name="last raised at")),
                ("raised_count", models.PositiveIntegerField(default=1, verbose_name="times raised")),
                ("urgent_since", models.DateTimeField(verbose_name="place in the queue")),
                ("due_at", models.DateTimeField(verbose_name="due")),
                ("reminded_at", models.DateTimeField(null=True, verbose_name="assignee reminded at")),
                ("escalated_at", models.DateTimeField(null=True, verbose_name="head of risk told at")),
                ("assigned_at", models.DateTimeField(null=True, verbose_name="taken at")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed at")),
                ("closed_by_id", models.CharField(blank=True, max_length=64)),
                ("closed_by_name", models.CharField(blank=True, max_length=150, verbose_name="closed by")),
                ("close_reason", models.CharField(blank=True, max_length=500, verbose_name="why")),
                (
                    "assignee",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="worked by",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
            ],
            options={
                "verbose_name": "alert",
                "verbose_name_plural": "alerts",
                "permissions": [
                    ("work_alert", "Can take, hand back and close alerts"),
                    ("reassign_alert", "Can hand an alert to somebody else"),
                ],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "NEW")), fields=["urgent_since", "id"], name="alert_queue"
                    ),
                    models.Index(
                        condition=models.Q(("state", "ASSIGNED")),
                        fields=["assignee", "urgent_since", "id"],
                        name="alert_of_assignee",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["NEW", "ASSIGNED"])),
                        fields=["urgent_since", "id"],
                        name="alert_open",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["NEW", "ASSIGNED"])),
                        fields=["due_at", "id"],
                        name="alert_due",
                    ),
                    models.Index(fields=["raised_at", "id"], name="alert_by_time"),
                    models.Index(
                        condition=models.Q(("closed_at__isnull", False)),
                        fields=["closed_at", "id"],
                        name="alert_by_closing",
                    ),
                    models.Index(
                        condition=models.Q(("movement_id", ""), _negated=True),
                        fields=["movement_id"],
                        name="alert_of_movement",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("reference",), name="alert_reference_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["NEW", "ASSIGNED", "IN_CASE"])),
                        fields=("dedupe_key",),
                        name="alert_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["TRANSACTION", "SCREENING", "MONITORING"])),
                        name="alert_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["NEW", "ASSIGNED", "IN_CASE", "CLOSED"])),
                        name="alert_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__in", ["low", "medium", "high"])), name="alert_priority_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("score__lte", 1000)), name="alert_score_within"),
                    models.CheckConstraint(
                        condition=models.Q(("dedupe_key", ""), _negated=True), name="alert_is_about_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__isnull", True), ("currency", "")),
                            models.Q(
                                ("amount__gte", 0), ("amount__isnull", False), models.Q(("currency", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="alert_amount_has_currency",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("assigned_at", None), ("assignee", None), ("state", "NEW")),
                            models.Q(
                                ("assigned_at__isnull", False), ("assignee__isnull", False), ("state", "ASSIGNED")
                            ),
                            ("state__in", ["IN_CASE", "CLOSED"]),
                            _connector="OR",
                        ),
                        name="alert_assigned_to_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False),
                                ("outcome__in", ["CONFIRMED", "FALSE_POSITIVE", "REPORTED"]),
                                ("state", "CLOSED"),
                                models.Q(("closed_by_id", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "CLOSED"), _negated=True),
                                ("closed_at", None),
                                ("closed_by_id", ""),
                                ("outcome", ""),
                            ),
                            _connector="OR",
                        ),
                        name="alert_closed_with_outcome",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "alert",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="about_accounts",
                        to="risk.alert",
                    ),
                ),
            ],
            options={
                "verbose_name": "account of an alert",
                "verbose_name_plural": "accounts of alerts",
                "default_permissions": (),
                "indexes": [models.Index(fields=["account", "-alert"], name="alert_by_account")],
                "constraints": [models.UniqueConstraint(fields=("alert", "account"), name="alert_account_once")],
            },
        ),
        migrations.CreateModel(
            name="AlertConflict",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("MADE_IT", "ordered or approved what it is about"),
                            ("ABOUT_THEM", "it is about them"),
                            ("DECLARED", "said so themselves"),
                        ],
                        max_length=10,
                        verbose_name="why",
                    ),
                ),
                ("noted_at", models.DateTimeField(verbose_name="since")),
                (
                    "alert",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conflicts",
                        to="risk.alert",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "conflict of interest",
                "verbose_name_plural": "conflicts of interest",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("alert", "user"), name="alert_conflict_once"),
                    models.CheckConstraint(
                        condition=models.Q(("cause__in", ["MADE_IT", "ABOUT_THEM", "DECLARED"])),
                        name="alert_conflict_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertCustomer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "alert",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="about_customers",
                        to="risk.alert",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "customer of an alert",
                "verbose_name_plural": "customers of alerts",
                "default_permissions": (),
                "indexes": [models.Index(fields=["customer", "-alert"], name="alert_by_customer")],
                "constraints": [models.UniqueConstraint(fields=("alert", "customer"), name="alert_customer_once")],
            },
        ),
        migrations.CreateModel(
            name="AlertReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=80, verbose_name="reason code")),
                ("text", models.CharField(max_length=500, verbose_name="reason")),
                ("values", models.JSONField(default=dict)),
                ("weight", models.PositiveSmallIntegerField(default=0, verbose_name="weight")),
                ("added_at", models.DateTimeField(verbose_name="since")),
                (
                    "alert",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reasons",
                        to="risk.alert",
                    ),
                ),
            ],
            options={
                "verbose_name": "reason of an alert",
                "verbose_name_plural": "reasons of alerts",
                "default_permissions": (),
                "indexes": [models.Index(fields=["code", "added_at", "alert"], name="alert_reason_by_code")],
                "constraints": [models.UniqueConstraint(fields=("alert", "code"), name="alert_reason_once")],
            },
        ),
        sql_file(HERE / "alerts.sql"),
        pinned_search_path("risk_alert", "risk_conflict", "risk_worked"),
    ]
