"""Rules with their versions, what is passed over for whom, back-tests; and the guards around them."""

import datetime as dt
from pathlib import Path

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import bankops.core.ids
from approvals.protection import always_two
from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_partner_float"),
        ("approvals", "0008_endpoint_terms_whole"),
        ("risk", "0001_velocity"),
    ]

    operations = [
        migrations.CreateModel(
            name="RuleSetVersion",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("version", models.BigIntegerField(verbose_name="version")),
            ],
            options={
                "verbose_name": "version of the set of rules",
                "verbose_name_plural": "version of the set of rules",
                "db_table": "risk_ruleset",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Rule",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.CharField(max_length=60, verbose_name="key")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("purpose", models.TextField(verbose_name="what it is for")),
                (
                    "family",
                    models.CharField(
                        choices=[
                            ("LARGE_VALUE", "large amounts"),
                            ("STRUCTURING", "amounts split up"),
                            ("PASS_THROUGH", "money in and straight out"),
                            ("NETWORK", "many to one, one to many"),
                            ("TAKEOVER", "somebody else at the keyboard"),
                            ("BEHAVIOUR", "unusual for the account"),
                            ("REFUNDS", "abuse of refunds"),
                            ("GEOGRAPHY", "countries and regions"),
                            ("LISTED", "the bank's own lists"),
                        ],
                        max_length=12,
                        verbose_name="family",
                    ),
                ),
                (
                    "source_kind",
                    models.CharField(
                        choices=[
                            ("LAW", "law or regulation"),
                            ("STANDARD", "standard or guidance"),
                            ("PAPER", "paper or study"),
                            ("BANK", "the bank's own experience"),
                        ],
                        max_length=8,
                        verbose_name="kind of source",
                    ),
                ),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                ("reason_code", models.CharField(max_length=40, verbose_name="reason code")),
                ("owner", models.CharField(max_length=150, verbose_name="owner")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
            ],
            options={
                "verbose_name": "risk rule",
                "verbose_name_plural": "risk rules",
                "permissions": [
                    ("draft_rule", "Can write drafts of risk rules"),
                    ("start_shadow", "Can ask for a rule to run beside the live ones"),
                    ("activate_rule", "Can ask for a rule to count"),
                    ("retire_rule", "Can ask for a rule to stop counting"),
                ],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(fields=("key",), name="rule_key_once"),
                    models.CheckConstraint(
                        condition=models.Q(("key__regex", "^[a-z][a-z0-9_]*$")), name="rule_key_wellformed"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason_code__regex", "^[a-z][a-z0-9_]*$")), name="rule_reason_wellformed"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True),
                            models.Q(("purpose", ""), _negated=True),
                            models.Q(("source", ""), _negated=True),
                            models.Q(("owner", ""), _negated=True),
                        ),
                        name="rule_says_what_for",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "family__in",
                                [
                                    "LARGE_VALUE",
                                    "STRUCTURING",
                                    "PASS_THROUGH",
                                    "NETWORK",
                                    "TAKEOVER",
                                    "BEHAVIOUR",
                                    "REFUNDS",
                                    "GEOGRAPHY",
                                    "LISTED",
                                ],
                            )
                        ),
                        name="rule_family_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source_kind__in", ["LAW", "STANDARD", "PAPER", "BANK"])),
                        name="rule_source_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("condition", models.TextField(verbose_name="condition")),
                ("weight", models.PositiveSmallIntegerField(verbose_name="weight")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("APPROVE", "let through"),
                            ("REVIEW", "let through and look at it"),
                            ("BLOCK_AND_REVIEW", "hold back until somebody has looked"),
                            ("DECLINE", "refuse"),
                        ],
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                ("explains", models.TextField(verbose_name="what it tells")),
                ("note", models.TextField(verbose_name="why")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("DRAFT", "draft"),
                            ("SHADOW", "shadow"),
                            ("ACTIVE", "active"),
                            ("RETIRED", "retired"),
                        ],
                        default="DRAFT",
                        editable=False,
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                ("edition", models.PositiveIntegerField(default=1, editable=False, verbose_name="edition")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("edited_at", models.DateTimeField(verbose_name="edited at")),
                ("shadow_since", models.DateTimeField(null=True, verbose_name="in shadow since")),
                ("active_since", models.DateTimeField(null=True, verbose_name="active since")),
                ("retired_at", models.DateTimeField(null=True, verbose_name="retired at")),
                ("author_id", models.CharField(max_length=64, verbose_name="author's id")),
                ("author_name", models.CharField(max_length=150, verbose_name="author")),
                ("approval_request_id", models.CharField(blank=True, max_length=64, verbose_name="approval request")),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="risk.rule",
                        verbose_name="rule",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a rule",
                "verbose_name_plural": "versions of rules",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="RuleBacktest",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("edition", models.PositiveIntegerField(verbose_name="edition")),
                ("condition", models.TextField(verbose_name="condition")),
                ("compared_number", models.PositiveIntegerField(null=True, verbose_name="compared with version")),
                ("compared_condition", models.TextField(blank=True, verbose_name="condition compared with")),
                ("since", models.DateTimeField(verbose_name="movements from")),
                ("until", models.DateTimeField(verbose_name="movements until")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("RUNNING", "running"),
                            ("DONE", "done"),
                            ("CANCELLED", "cancelled"),
                            ("FAILED", "failed"),
                        ],
                        default="RUNNING",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("total", models.PositiveIntegerField(verbose_name="stored facts")),
                ("seen", models.PositiveIntegerField(default=0, verbose_name="done")),
                ("position", models.CharField(blank=True, max_length=100, verbose_name="position")),
                ("result", models.JSONField(default=dict, verbose_name="result")),
                ("fault", models.TextField(blank=True, verbose_name="fault")),
                ("requested_at", models.DateTimeField(verbose_name="asked for at")),
                ("requested_by_id", models.CharField(max_length=64, verbose_name="maker's id")),
                ("requested_by_name", models.CharField(max_length=150, verbose_name="asked for by")),
                ("worked_at", models.DateTimeField(null=True, verbose_name="last worked at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="backtests",
                        to="risk.ruleversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "back-test",
                "verbose_name_plural": "back-tests",
                "permissions": [("run_backtest", "Can try a rule over past movements")],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="RuleSnooze",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("since", models.DateTimeField(verbose_name="since")),
                ("until", models.DateTimeField(verbose_name="until")),
                ("reason", models.TextField(verbose_name="reason")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("ended_by_name", models.CharField(blank=True, max_length=150, verbose_name="ended by")),
                ("made_by_id", models.CharField(max_length=64, verbose_name="maker's id")),
                ("made_by_name", models.CharField(max_length=150, verbose_name="made by")),
                ("approval_request_id", models.CharField(blank=True, max_length=64, verbose_name="approval request")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rule_snoozes",
                        to="accounts.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="snoozes",
                        to="risk.rule",
                        verbose_name="rule",
                    ),
                ),
            ],
            options={
                "verbose_name": "snoozed rule",
                "verbose_name_plural": "snoozed rules",
                "permissions": [
                    ("snooze_rule", "Can ask for a rule to be passed over for one customer"),
                    ("end_snooze", "Can end a snooze before its time"),
                ],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(condition=models.Q(("ended_at__isnull", True)), fields=["until"], name="snooze_by_end")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("since"))), name="snooze_has_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "until__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("since"), "+", models.Value(dt.timedelta(days=90))
                                ),
                            )
                        ),
                        name="snooze_ninety_days",
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="snooze_has_reason"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by_name", "")),
                            models.Q(("ended_at__isnull", False), models.Q(("ended_by_name", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="snooze_end_is_somebodys",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.UniqueConstraint(fields=("rule", "number"), name="rule_version_number_once"),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "DRAFT")), fields=("rule",), name="rule_one_draft"
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "SHADOW")), fields=("rule",), name="rule_one_shadow"
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "ACTIVE")), fields=("rule",), name="rule_one_active"
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(condition=models.Q(("weight__lte", 1000)), name="rule_weight_within"),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["APPROVE", "REVIEW", "BLOCK_AND_REVIEW", "DECLINE"])),
                name="rule_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("condition", ""), _negated=True), models.Q(("explains", ""), _negated=True)
                ),
                name="rule_version_says_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("edition__gte", 1), ("number__gte", 1)), name="rule_version_counted"
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("active_since__isnull", True),
                        ("retired_at__isnull", True),
                        ("shadow_since__isnull", True),
                        ("state", "DRAFT"),
                    ),
                    models.Q(
                        ("active_since__isnull", True),
                        ("retired_at__isnull", True),
                        ("shadow_since__isnull", False),
                        ("state", "SHADOW"),
                    ),
                    models.Q(("active_since__isnull", False), ("retired_at__isnull", True), ("state", "ACTIVE")),
                    models.Q(("retired_at__isnull", False), ("state", "RETIRED")),
                    _connector="OR",
                ),
                name="rule_version_state_dated",
            ),
        ),
        migrations.AddIndex(
            model_name="rulebacktest",
            index=models.Index(
                condition=models.Q(("state", "RUNNING")), fields=["requested_at"], name="backtest_running"
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebacktest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "RUNNING")), fields=("version",), name="backtest_one_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebacktest",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gt", models.F("since"))), name="backtest_has_length"
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebacktest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("state", "RUNNING")),
                    models.Q(("state__in", ["DONE", "CANCELLED", "FAILED"]), ("ended_at__isnull", False)),
                    _connector="OR",
                ),
                name="backtest_state_dated",
            ),
        ),
        sql_file(HERE / "rules.sql"),
        always_two("risk.activate_rule", "risk.retire_rule"),
        pinned_search_path("risk_rule", "risk_ruleset", "risk_snooze", "risk_backtest"),
    ]
