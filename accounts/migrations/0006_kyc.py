"""Knowing the customer: applications, checks, documents, reviews; and whether somebody is a customer yet."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import bankops.core.ids
from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent

_STATES = [
    ("PROSPECT", "not approved yet"),
    ("ACTIVE", "customer"),
    ("REJECTED", "rejected"),
    ("PSEUDONYMISED", "personal data erased"),
]


def _state(default):
    return models.CharField(choices=_STATES, default=default, max_length=13, verbose_name="state")


def _existing_are_customers(model):
    """Whoever was registered before there were applications is a customer; whoever comes later is none yet."""
    return (
        migrations.AddField(model, "state", _state("ACTIVE")),
        migrations.AlterField(model, "state", _state("PROSPECT")),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_people"),
        ("staff", "0003_pinned_functions"),
        ("core", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Application",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("reference", models.CharField(max_length=20, verbose_name="reference")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("REGISTERED", "registered"),
                            ("DOCUMENTS", "documents"),
                            ("CHECKS", "checks"),
                            ("REVIEW", "review"),
                            ("APPROVED", "approved"),
                            ("REJECTED", "rejected"),
                            ("WITHDRAWN", "withdrawn"),
                            ("EXPIRED", "expired"),
                        ],
                        max_length=10,
                        verbose_name="stage",
                    ),
                ),
                ("stage_entered_at", models.DateTimeField(verbose_name="in this stage since")),
                ("round", models.PositiveSmallIntegerField(default=1, verbose_name="round")),
                (
                    "legal_form",
                    models.CharField(
                        choices=[
                            ("NONE", "none: a person"),
                            ("STATE", "state body or state-owned"),
                            ("LISTED", "listed company"),
                            ("COMPANY", "limited company"),
                            ("PARTNERSHIP", "partnership"),
                            ("ASSOCIATION", "association or charity"),
                            ("TRUST", "trust or foundation"),
                            ("BEARER", "company with bearer shares or nominee shareholders"),
                        ],
                        max_length=12,
                        verbose_name="legal form",
                    ),
                ),
                (
                    "activity",
                    models.CharField(
                        choices=[
                            ("ORDINARY", "employed, or ordinary business"),
                            ("REAL_ESTATE", "real estate"),
                            ("TRADE", "import and export"),
                            ("PRECIOUS_GOODS", "precious metals, jewels, art"),
                            ("GAMBLING", "gambling"),
                            ("MONEY_SERVICES", "money transfer or exchange"),
                            ("VIRTUAL_ASSETS", "virtual assets"),
                        ],
                        max_length=16,
                        verbose_name="line of business",
                    ),
                ),
                ("residence", models.CharField(max_length=2, verbose_name="country of residence or seat")),
                ("tax_country", models.CharField(blank=True, max_length=2, verbose_name="country of taxes")),
                ("politically_exposed", models.BooleanField(verbose_name="politically exposed person")),
                ("cash_intensive", models.BooleanField(verbose_name="business of much cash")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("started_by_id", models.CharField(max_length=64)),
                ("started_by_name", models.CharField(max_length=150, verbose_name="started by")),
            ],
            options={
                "verbose_name": "application",
                "verbose_name_plural": "applications",
                "permissions": [
                    ("start_application", "Can start an application"),
                    ("resubmit_application", "Can begin a new round of a rejected application"),
                    ("withdraw_application", "Can withdraw an application"),
                    ("approve_application", "Can ask for the approval of an application"),
                    ("reject_application", "Can reject an application"),
                    ("run_checks", "Can run the automatic checks of an application again"),
                    ("confirm_identity", "Can compare a customer with the identity document"),
                    ("override_check", "Can ask for a check to be overridden"),
                    ("confirm_review", "Can confirm the periodic review of a customer"),
                ],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="ApplicationRound",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="round")),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                ("opened_by_id", models.CharField(max_length=64)),
                ("opened_by_name", models.CharField(max_length=150, verbose_name="opened by")),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("APPROVED", "approved"),
                            ("REJECTED", "rejected"),
                            ("WITHDRAWN", "withdrawn"),
                            ("EXPIRED", "expired"),
                        ],
                        max_length=10,
                        verbose_name="how it ended",
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("ended_by_id", models.CharField(blank=True, max_length=64)),
                ("ended_by_name", models.CharField(blank=True, max_length=150, verbose_name="ended by")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("FINAL", "final: this customer is not taken"),
                            ("RETRY", "resubmission possible"),
                            ("OTHER", "no verdict on the customer"),
                        ],
                        max_length=5,
                        verbose_name="outcome",
                    ),
                ),
                ("reasons", models.JSONField(default=list, verbose_name="reasons")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="remark")),
                ("approval_request_id", models.CharField(blank=True, max_length=64, verbose_name="approval request")),
            ],
            options={
                "verbose_name": "round",
                "verbose_name_plural": "rounds",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Check",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.PositiveSmallIntegerField(verbose_name="round")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("IDENTITY", "identity"),
                            ("SCREENING", "screening"),
                            ("RISK_RATING", "risk rating"),
                            ("DOCUMENTS", "documents"),
                        ],
                        max_length=12,
                        verbose_name="check",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PENDING", "pending"),
                            ("PASSED", "passed"),
                            ("FAILED", "failed"),
                            ("MANUAL", "needs a person"),
                        ],
                        default="PENDING",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("reasons", models.JSONField(default=list, verbose_name="reasons")),
                ("reference", models.CharField(blank=True, max_length=100, verbose_name="reference")),
                (
                    "override_code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("FALSE_POSITIVE", "false hit: somebody else is meant"),
                            ("CHECKED_ELSEWHERE", "checked by other means"),
                            ("ORIGINAL_SEEN", "original document seen"),
                            ("RISK_ACCEPTED", "risk accepted after enhanced due diligence"),
                            ("OTHER", "other"),
                        ],
                        max_length=20,
                        verbose_name="override",
                    ),
                ),
                ("changed_at", models.DateTimeField(verbose_name="since")),
            ],
            options={
                "verbose_name": "check",
                "verbose_name_plural": "checks",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="CheckEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("AUTOMATIC", "automatic"),
                            ("PERSON", "a person"),
                            ("OVERRIDE", "override, agreed by two reviewers"),
                        ],
                        max_length=10,
                        verbose_name="source",
                    ),
                ),
                (
                    "before",
                    models.CharField(
                        choices=[
                            ("PENDING", "pending"),
                            ("PASSED", "passed"),
                            ("FAILED", "failed"),
                            ("MANUAL", "needs a person"),
                        ],
                        max_length=8,
                        verbose_name="before",
                    ),
                ),
                (
                    "after",
                    models.CharField(
                        choices=[
                            ("PENDING", "pending"),
                            ("PASSED", "passed"),
                            ("FAILED", "failed"),
                            ("MANUAL", "needs a person"),
                        ],
                        max_length=8,
                        verbose_name="after",
                    ),
                ),
                ("reasons", models.JSONField(default=list, verbose_name="reasons")),
                ("reference", models.CharField(blank=True, max_length=100, verbose_name="reference")),
                (
                    "override_code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("FALSE_POSITIVE", "false hit: somebody else is meant"),
                            ("CHECKED_ELSEWHERE", "checked by other means"),
                            ("ORIGINAL_SEEN", "original document seen"),
                            ("RISK_ACCEPTED", "risk accepted after enhanced due diligence"),
                            ("OTHER", "other"),
                        ],
                        max_length=20,
                        verbose_name="override",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("actor_id", models.CharField(max_length=64)),
                ("actor_name", models.CharField(max_length=150, verbose_name="who")),
                ("approval_request_id", models.CharField(blank=True, max_length=64, verbose_name="approval request")),
            ],
            options={
                "verbose_name": "change of a check",
                "verbose_name_plural": "changes of checks",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="CustomerReview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reviewed_on", models.DateField(verbose_name="reviewed on")),
                (
                    "rating",
                    models.CharField(
                        choices=[("LOW", "low"), ("MEDIUM", "medium"), ("HIGH", "high")],
                        max_length=6,
                        verbose_name="risk rating",
                    ),
                ),
                ("points", models.PositiveSmallIntegerField(verbose_name="points")),
                ("reasons", models.JSONField(default=list, verbose_name="reasons")),
                ("answers", models.JSONField(default=dict, verbose_name="answers")),
                ("next_review_on", models.DateField(verbose_name="next review on")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="remark")),
                ("actor_id", models.CharField(max_length=64)),
                ("actor_name", models.CharField(max_length=150, verbose_name="who")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
            ],
            options={
                "verbose_name": "customer review",
                "verbose_name_plural": "customer reviews",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("round", models.PositiveSmallIntegerField(null=True, verbose_name="round")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("IDENTITY", "identity document"),
                            ("REGISTRATION", "business licence or register extract"),
                            ("OWNERSHIP", "declaration of beneficial owners"),
                            ("ADDRESS", "proof of address"),
                            ("SOURCE_OF_FUNDS", "proof of the source of funds"),
                            ("AUTHORITY", "power of attorney"),
                            ("OTHER", "other document"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "media_type",
                    models.CharField(
                        choices=[("application/pdf", "PDF"), ("image/jpeg", "JPEG"), ("image/png", "PNG")],
                        max_length=20,
                        verbose_name="file type",
                    ),
                ),
                ("size", models.PositiveIntegerField(help_text="In bytes.", verbose_name="size")),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="fingerprint")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("SUBMITTED", "awaits verification"),
                            ("VERIFIED", "verified"),
                            ("REFUSED", "refused"),
                        ],
                        default="SUBMITTED",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("expires_on", models.DateField(null=True, verbose_name="valid until")),
                (
                    "refusal",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("UNREADABLE", "cannot be read"),
                            ("EXPIRED", "has expired"),
                            ("WRONG_KIND", "is another kind of document"),
                            ("MISMATCH", "shows somebody else"),
                            ("NOT_GENUINE", "is not genuine"),
                            ("OTHER", "other"),
                        ],
                        max_length=12,
                        verbose_name="why it was refused",
                    ),
                ),
                ("notice_given_on", models.DateField(null=True, verbose_name="end announced on")),
                ("uploaded_at", models.DateTimeField(verbose_name="uploaded at")),
                ("uploaded_by_id", models.CharField(max_length=64)),
                ("uploaded_by_name", models.CharField(max_length=150, verbose_name="uploaded by")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="looked at")),
                ("decided_by_id", models.CharField(blank=True, max_length=64)),
                ("decided_by_name", models.CharField(blank=True, max_length=150, verbose_name="looked at by")),
            ],
            options={
                "verbose_name": "document",
                "verbose_name_plural": "documents",
                "permissions": [
                    ("upload_document", "Can upload a customer's document"),
                    ("open_document", "Can open a customer's document"),
                    ("verify_document", "Can verify or refuse a customer's document"),
                ],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="RequestedAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "overdraft_limit",
                    models.BigIntegerField(help_text="In minor units.", verbose_name="overdraft limit"),
                ),
            ],
            options={
                "verbose_name": "requested account",
                "verbose_name_plural": "requested accounts",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="customer",
            name="kyc_reviewed_on",
            field=models.DateField(blank=True, null=True, verbose_name="last reviewed on"),
        ),
        migrations.AddField(
            model_name="customer",
            name="next_review_on",
            field=models.DateField(blank=True, null=True, verbose_name="next review on"),
        ),
        *_existing_are_customers("customer"),
        migrations.AddField(
            model_name="historicalcustomer",
            name="kyc_reviewed_on",
            field=models.DateField(blank=True, null=True, verbose_name="last reviewed on"),
        ),
        migrations.AddField(
            model_name="historicalcustomer",
            name="next_review_on",
            field=models.DateField(blank=True, null=True, verbose_name="next review on"),
        ),
        *_existing_are_customers("historicalcustomer"),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("next_review_on__isnull", False)),
                fields=["next_review_on", "id"],
                name="customer_review_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["PROSPECT", "ACTIVE", "REJECTED", "PSEUDONYMISED"])),
                name="customer_state_known",
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="branch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="applications",
                to="staff.branch",
                verbose_name="branch",
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="applications",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AddField(
            model_name="applicationround",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="rounds", to="accounts.application"
            ),
        ),
        migrations.AddField(
            model_name="check",
            name="application",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="checks",
                to="accounts.application",
            ),
        ),
        migrations.AddField(
            model_name="checkevent",
            name="check_row",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="events", to="accounts.check"
            ),
        ),
        migrations.AddField(
            model_name="customerreview",
            name="application",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.application"
            ),
        ),
        migrations.AddField(
            model_name="customerreview",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="accounts.customer"
            ),
        ),
        migrations.CreateModel(
            name="DocumentContent",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="content",
                        serialize=False,
                        to="accounts.document",
                    ),
                ),
                ("sealed", models.BinaryField()),
            ],
            options={
                "verbose_name": "file",
                "verbose_name_plural": "files",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="document",
            name="application",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="documents",
                to="accounts.application",
                verbose_name="application",
            ),
        ),
        migrations.AddField(
            model_name="document",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="documents",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AddField(
            model_name="requestedaccount",
            name="account",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.account",
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="requestedaccount",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="requested_accounts",
                to="accounts.application",
            ),
        ),
        migrations.AddField(
            model_name="requestedaccount",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.product",
                verbose_name="product",
            ),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(
                condition=models.Q(("stage__in", ("REGISTERED", "DOCUMENTS", "CHECKS", "REVIEW"))),
                fields=["stage_entered_at", "id"],
                name="application_stuck",
            ),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["stage", "-id"], name="application_by_stage"),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(fields=("reference",), name="application_reference_once"),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stage__in", ("REGISTERED", "DOCUMENTS", "CHECKS", "REVIEW"))),
                fields=("customer",),
                name="application_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "stage__in",
                        ["REGISTERED", "DOCUMENTS", "CHECKS", "REVIEW", "APPROVED", "REJECTED", "WITHDRAWN", "EXPIRED"],
                    )
                ),
                name="application_stage_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "legal_form__in",
                        ["NONE", "STATE", "LISTED", "COMPANY", "PARTNERSHIP", "ASSOCIATION", "TRUST", "BEARER"],
                    )
                ),
                name="application_form_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "activity__in",
                        [
                            "ORDINARY",
                            "REAL_ESTATE",
                            "TRADE",
                            "PRECIOUS_GOODS",
                            "GAMBLING",
                            "MONEY_SERVICES",
                            "VIRTUAL_ASSETS",
                        ],
                    )
                ),
                name="application_activity_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(("residence__regex", "^[A-Z]{2}$"), ("tax_country__regex", "^([A-Z]{2})?$")),
                name="application_countries_are_codes",
            ),
        ),
        migrations.AddConstraint(
            model_name="applicationround",
            constraint=models.UniqueConstraint(fields=("application", "number"), name="round_once"),
        ),
        migrations.AddConstraint(
            model_name="applicationround",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ending", "")),
                    models.Q(
                        ("ended_at__isnull", False), ("ending__in", ["APPROVED", "REJECTED", "WITHDRAWN", "EXPIRED"])
                    ),
                    _connector="OR",
                ),
                name="round_ended_somehow",
            ),
        ),
        migrations.AddConstraint(
            model_name="applicationround",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ending", "REJECTED"),
                        ("outcome__in", ["FINAL", "RETRY", "OTHER"]),
                        models.Q(("reasons", []), _negated=True),
                    ),
                    models.Q(models.Q(("ending", "REJECTED"), _negated=True), ("outcome", ""), ("reasons", [])),
                    _connector="OR",
                ),
                name="round_rejection_has_reasons",
            ),
        ),
        migrations.AddConstraint(
            model_name="check",
            constraint=models.UniqueConstraint(fields=("application", "round", "kind"), name="check_once"),
        ),
        migrations.AddConstraint(
            model_name="check",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["IDENTITY", "SCREENING", "RISK_RATING", "DOCUMENTS"])),
                name="check_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="check",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["PENDING", "PASSED", "FAILED", "MANUAL"])), name="check_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="check",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("override_code", ""),
                    models.Q(
                        (
                            "override_code__in",
                            ["FALSE_POSITIVE", "CHECKED_ELSEWHERE", "ORIGINAL_SEEN", "RISK_ACCEPTED", "OTHER"],
                        ),
                        models.Q(("state", "PASSED"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="check_override_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["AUTOMATIC", "PERSON", "OVERRIDE"])), name="check_event_source_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="checkevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("source", "OVERRIDE"), _negated=True),
                    models.Q(
                        (
                            "override_code__in",
                            ["FALSE_POSITIVE", "CHECKED_ELSEWHERE", "ORIGINAL_SEEN", "RISK_ACCEPTED", "OTHER"],
                        ),
                        models.Q(("note", ""), _negated=True),
                        models.Q(("approval_request_id", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="check_event_override_agreed",
            ),
        ),
        migrations.AddConstraint(
            model_name="customerreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("rating__in", ["LOW", "MEDIUM", "HIGH"])), name="review_rating_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="customerreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("next_review_on__gt", models.F("reviewed_on"))), name="review_next_is_later"
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                condition=models.Q(("expires_on__isnull", False), ("state", "VERIFIED")),
                fields=["expires_on", "id"],
                name="document_expiring",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(
                condition=models.Q(("sha256", ""), _negated=True),
                fields=("customer", "sha256"),
                name="document_file_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["IDENTITY", "REGISTRATION", "OWNERSHIP", "ADDRESS", "SOURCE_OF_FUNDS", "AUTHORITY", "OTHER"],
                    )
                ),
                name="document_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("media_type__in", ["application/pdf", "image/jpeg", "image/png"])),
                name="document_media_type_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("refusal", ""), ("state", "SUBMITTED")),
                    models.Q(("decided_at__isnull", False), ("refusal", ""), ("state", "VERIFIED")),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("refusal__in", ["UNREADABLE", "EXPIRED", "WRONG_KIND", "MISMATCH", "NOT_GENUINE", "OTHER"]),
                        ("state", "REFUSED"),
                    ),
                    _connector="OR",
                ),
                name="document_state_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("decided_by_id", models.F("uploaded_by_id")), _negated=True),
                name="document_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestedaccount",
            constraint=models.UniqueConstraint(
                fields=("application", "product", "currency"), name="requested_account_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="requestedaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("overdraft_limit__gte", 0)), name="requested_overdraft_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="requestedaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="requested_currency_code"
            ),
        ),
        sql_file(HERE / "kyc_guards.sql"),
        pinned_search_path("accounts_round", "accounts_check", "accounts_document"),
    ]
