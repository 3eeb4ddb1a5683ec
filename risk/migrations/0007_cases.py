"""Cases: alerts that belong together, with notes, files, links, operations and the report to the authority."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import bankops.core.ids
import bankops.core.sealed
from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent
_PIN = pinned_search_path("risk").sql


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0008_endpoint_terms_whole"),
        ("risk", "0005_assessments"),
        ("staff", "0003_pinned_functions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, _PIN),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("reference", models.CharField(max_length=20, verbose_name="reference")),
                (
                    "state",
                    models.CharField(
                        choices=[("OPEN", "open"), ("WAITING", "waiting for something"), ("CLOSED", "closed")],
                        default="OPEN",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                ("score", models.PositiveSmallIntegerField(verbose_name="score")),
                (
                    "priority",
                    models.CharField(
                        choices=[("low", "low"), ("medium", "medium"), ("high", "high")],
                        max_length=6,
                        verbose_name="priority",
                    ),
                ),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                ("opened_by_id", models.CharField(max_length=64)),
                ("opened_by_name", models.CharField(max_length=150, verbose_name="opened by")),
                ("due_at", models.DateTimeField(verbose_name="due")),
                ("waiting_for", models.CharField(blank=True, max_length=200, verbose_name="waits for")),
                ("waiting_until", models.DateField(null=True, verbose_name="look again on")),
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
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed at")),
                ("closed_by_id", models.CharField(blank=True, max_length=64)),
                ("closed_by_name", models.CharField(blank=True, max_length=150, verbose_name="closed by")),
                ("close_reason", models.CharField(blank=True, max_length=500, verbose_name="why")),
                ("reopened_count", models.PositiveSmallIntegerField(default=0, verbose_name="times reopened")),
                (
                    "approval_request",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="approvals.approvalrequest",
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        db_index=False,
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
                "verbose_name": "case",
                "verbose_name_plural": "cases",
                "permissions": [
                    ("work_case", "Can open, work and reopen cases"),
                    ("reassign_case", "Can hand a case to somebody else"),
                    ("close_case", "Can close a case"),
                    ("export_report", "Can export the draft of a report to the authority"),
                ],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["OPEN", "WAITING"])),
                        fields=["due_at", "id"],
                        name="case_open",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["OPEN", "WAITING"])),
                        fields=["assignee", "due_at", "id"],
                        name="case_of_assignee",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at__isnull", False)),
                        fields=["closed_at", "id"],
                        name="case_by_closing",
                    ),
                    models.Index(fields=["opened_at", "id"], name="case_by_time"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("reference",), name="case_reference_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["OPEN", "WAITING", "CLOSED"])), name="case_state_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__in", ["low", "medium", "high"])), name="case_priority_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("score__lte", 1000)), name="case_score_within"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "WAITING"), models.Q(("waiting_for", ""), _negated=True)),
                            models.Q(
                                models.Q(("state", "WAITING"), _negated=True),
                                ("waiting_for", ""),
                                ("waiting_until", None),
                            ),
                            _connector="OR",
                        ),
                        name="case_waits_for_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False),
                                ("outcome__in", ["CONFIRMED", "FALSE_POSITIVE", "REPORTED"]),
                                ("state", "CLOSED"),
                                models.Q(("closed_by_id", ""), _negated=True),
                                models.Q(("close_reason", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "CLOSED"), _negated=True),
                                ("approval_request", None),
                                ("close_reason", ""),
                                ("closed_at", None),
                                ("closed_by_id", ""),
                                ("outcome", ""),
                            ),
                            _connector="OR",
                        ),
                        name="case_closed_with_outcome",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseAction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("operation", models.CharField(max_length=80, verbose_name="operation")),
                ("subject_id", models.CharField(max_length=64)),
                ("subject_label", models.CharField(max_length=60, verbose_name="record")),
                ("done", models.BooleanField(default=False, verbose_name="carried out at once")),
                ("ordered_at", models.DateTimeField(verbose_name="ordered at")),
                ("ordered_by_id", models.CharField(max_length=64)),
                ("ordered_by_name", models.CharField(max_length=150, verbose_name="ordered by")),
                ("order_key", models.CharField(max_length=255)),
                (
                    "approval_request",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="approvals.approvalrequest",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="actions", to="risk.case"
                    ),
                ),
            ],
            options={
                "verbose_name": "operation from a case",
                "verbose_name_plural": "operations from cases",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("case", "operation", "order_key"), name="case_action_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseFile",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("label", models.CharField(max_length=100, verbose_name="what it is")),
                (
                    "media_type",
                    models.CharField(
                        choices=[("application/pdf", "PDF"), ("image/jpeg", "JPEG"), ("image/png", "PNG")],
                        max_length=20,
                        verbose_name="file type",
                    ),
                ),
                ("size", models.PositiveIntegerField(help_text="In bytes.", verbose_name="size")),
                ("sha256", models.CharField(max_length=64, verbose_name="fingerprint")),
                ("uploaded_at", models.DateTimeField(verbose_name="uploaded at")),
                ("uploaded_by_id", models.CharField(max_length=64)),
                ("uploaded_by_name", models.CharField(max_length=150, verbose_name="uploaded by")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="risk.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "file of a case",
                "verbose_name_plural": "files of cases",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("case", "sha256"), name="case_file_once"),
                    models.CheckConstraint(
                        condition=models.Q(("media_type__in", ["application/pdf", "image/jpeg", "image/png"])),
                        name="case_file_media_type_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("customer", "customer"), ("account", "account"), ("transaction", "transaction")],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("subject_id", models.CharField(max_length=64, verbose_name="record id")),
                ("label", models.CharField(max_length=60, verbose_name="record")),
                ("why", models.CharField(max_length=500, verbose_name="why")),
                ("added_at", models.DateTimeField(verbose_name="linked at")),
                ("added_by_id", models.CharField(max_length=64)),
                ("added_by_name", models.CharField(max_length=150, verbose_name="linked by")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="risk.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "link of a case",
                "verbose_name_plural": "links of cases",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("case", "subject_id"), name="case_link_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["customer", "account", "transaction"])),
                        name="case_link_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseNote",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("text", bankops.core.sealed.SealedTextField(null=True, verbose_name="note")),
                ("written_at", models.DateTimeField(verbose_name="written at")),
                ("author_id", models.CharField(max_length=64)),
                ("author_name", models.CharField(max_length=150, verbose_name="written by")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="risk.case"
                    ),
                ),
            ],
            options={
                "verbose_name": "note on a case",
                "verbose_name_plural": "notes on cases",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="alert",
            name="settled_elsewhere",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.CreateModel(
            name="CaseReport",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                ("content", bankops.core.sealed.SealedTextField(null=True, verbose_name="content")),
                ("sha256", models.CharField(max_length=64, verbose_name="fingerprint")),
                ("written_at", models.DateTimeField(verbose_name="written at")),
                ("written_by_id", models.CharField(max_length=64)),
                ("written_by_name", models.CharField(max_length=150, verbose_name="written by")),
                ("frozen_at", models.DateTimeField(null=True, verbose_name="frozen at")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="risk.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "report to the authority",
                "verbose_name_plural": "reports to the authority",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("case", "number"), name="case_report_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("frozen_at", None)), fields=("case",), name="case_report_draft_once"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="alert",
            name="case",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="alerts",
                to="risk.case",
                verbose_name="case",
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "IN_CASE"), _negated=True), ("case__isnull", False), _connector="OR"
                ),
                name="alert_in_some_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("priority", "high"), ("state", "CLOSED"), _negated=True),
                    ("case__isnull", False),
                    ("settled_elsewhere", True),
                    _connector="OR",
                ),
                name="alert_high_not_closed_alone",
            ),
        ),
        migrations.CreateModel(
            name="CaseFileContent",
            fields=[
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="content",
                        serialize=False,
                        to="risk.casefile",
                    ),
                ),
                ("sealed", models.BinaryField()),
            ],
            options={
                "verbose_name": "content of a case's file",
                "verbose_name_plural": "contents of cases' files",
                "default_permissions": (),
            },
        ),
        sql_file(HERE / "cases.sql"),
        migrations.RunSQL(_PIN, migrations.RunSQL.noop),
    ]
