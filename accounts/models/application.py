"""Applications: how somebody becomes a customer. Written by `accounts.services.applications`, never deleted.

An application goes through the funnel of `accounts.kyc.funnel`. One that was rejected with another try allowed begins a new
round; what was found in an earlier round stays as it was.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.kyc.funnel import OPEN, Ending, Stage
from accounts.kyc.rating import Activity, LegalForm
from bankops.core import ids
from bankops.core.money import Money


class Outcome(models.TextChoices):
    """What a rejection means for whoever applied."""

    FINAL = "FINAL", _("final: this customer is not taken")
    RETRY = "RETRY", _("resubmission possible")
    OTHER = "OTHER", _("no verdict on the customer")


class RejectionReason(models.TextChoices):
    """Why an application was rejected, in words that can be counted."""

    IDENTITY_NOT_PROVEN = "IDENTITY_NOT_PROVEN", _("identity not proven")
    DOCUMENTS_MISSING = "DOCUMENTS_MISSING", _("documents missing")
    DOCUMENTS_NOT_GENUINE = "DOCUMENTS_NOT_GENUINE", _("documents not genuine")
    DOCUMENTS_UNREADABLE = "DOCUMENTS_UNREADABLE", _("documents unreadable")
    SCREENING_HIT = "SCREENING_HIT", _("on a sanctions or other list")
    RISK_TOO_HIGH = "RISK_TOO_HIGH", _("risk not accepted")
    OWNERSHIP_UNCLEAR = "OWNERSHIP_UNCLEAR", _("ownership not clear")
    FALSE_STATEMENTS = "FALSE_STATEMENTS", _("false statements")
    NOT_SERVED = "NOT_SERVED", _("not a customer this bank serves")
    OTHER = "OTHER", _("other")


class Application(models.Model):
    """What somebody who wants to become a customer brought and told, and where it stands.

    Attributes:
        stage: what `funnel.stage_of` said after the last change; `stage_entered_at` since when. For lists only.
        round: the present round, from 1.
        residence, tax_country: ISO 3166-1 alpha-2, as declared; an organisation's seat. The second one is empty when the same.
        started_by_id, started_by_name: who brought it in, as they were then.

    """

    ID_PREFIX = "kyc"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    reference = models.CharField(_("reference"), max_length=20)
    customer = models.ForeignKey(
        "accounts.Customer", models.PROTECT, related_name="applications", verbose_name=_("customer")
    )
    branch = models.ForeignKey("staff.Branch", models.PROTECT, related_name="applications", verbose_name=_("branch"))

    stage = models.CharField(_("stage"), max_length=10, choices=Stage)
    stage_entered_at = models.DateTimeField(_("in this stage since"))
    round = models.PositiveSmallIntegerField(_("round"), default=1)

    legal_form = models.CharField(_("legal form"), max_length=12, choices=LegalForm)
    activity = models.CharField(_("line of business"), max_length=16, choices=Activity)
    residence = models.CharField(_("country of residence or seat"), max_length=2)
    tax_country = models.CharField(_("country of taxes"), max_length=2, blank=True)
    politically_exposed = models.BooleanField(_("politically exposed person"))
    cash_intensive = models.BooleanField(_("business of much cash"))

    started_at = models.DateTimeField(_("started at"))
    started_by_id = models.CharField(max_length=64)
    started_by_name = models.CharField(_("started by"), max_length=150)

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        default_permissions = ("view",)
        permissions = [
            ("start_application", _("Can start an application")),
            ("resubmit_application", _("Can begin a new round of a rejected application")),
            ("withdraw_application", _("Can withdraw an application")),
            ("approve_application", _("Can ask for the approval of an application")),
            ("reject_application", _("Can reject an application")),
            ("run_checks", _("Can run the automatic checks of an application again")),
            ("confirm_identity", _("Can compare a customer with the identity document")),
            ("override_check", _("Can ask for a check to be overridden")),
            ("confirm_review", _("Can confirm the periodic review of a customer")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="application_reference_once"),
            # Two applications for one customer would let two pairs of reviewers see half of it each.
            models.UniqueConstraint(
                fields=["customer"], name="application_open_once", condition=models.Q(stage__in=OPEN)
            ),
            models.CheckConstraint(condition=models.Q(stage__in=Stage.values), name="application_stage_known"),
            models.CheckConstraint(condition=models.Q(legal_form__in=LegalForm.values), name="application_form_known"),
            models.CheckConstraint(condition=models.Q(activity__in=Activity.values), name="application_activity_known"),
            models.CheckConstraint(
                condition=models.Q(residence__regex="^[A-Z]{2}$", tax_country__regex="^([A-Z]{2})?$"),
                name="application_countries_are_codes",
            ),
        ]
        indexes = [
            # Stuck: what has been longest in its stage; also what expires.
            models.Index(
                fields=["stage_entered_at", "id"], name="application_stuck", condition=models.Q(stage__in=OPEN)
            ),
            # The list of one stage, newest first.
            models.Index(fields=["stage", "-id"], name="application_by_stage"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def public_id(self) -> str:
        """The id the audit trail and operations name it by: `kyc_…`."""
        return ids.encode(self.ID_PREFIX, self.id)

    @property
    def is_open(self) -> bool:
        """Whether it still goes through the funnel."""
        return self.stage in OPEN

    @property
    def countries(self) -> frozenset[str]:
        """Where the customer lives or sits and pays taxes, as declared."""
        return frozenset(filter(None, (self.residence, self.tax_country)))


class ApplicationRound(models.Model):
    """One round of an application: begun, and ended once. What its checks found stays readable by its number.

    Attributes:
        reasons: values of `RejectionReason`, when it was rejected.
        approval_request_id: the request (`apr_…`) under which it was approved; empty otherwise.

    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="rounds")
    number = models.PositiveSmallIntegerField(_("round"))
    opened_at = models.DateTimeField(_("opened at"))
    opened_by_id = models.CharField(max_length=64)
    opened_by_name = models.CharField(_("opened by"), max_length=150)

    ending = models.CharField(_("how it ended"), max_length=10, choices=Ending, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_by_id = models.CharField(max_length=64, blank=True)
    ended_by_name = models.CharField(_("ended by"), max_length=150, blank=True)
    outcome = models.CharField(_("outcome"), max_length=5, choices=Outcome, blank=True)
    reasons = models.JSONField(_("reasons"), default=list)
    note = models.CharField(_("remark"), max_length=500, blank=True)
    approval_request_id = models.CharField(_("approval request"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="round_once"),
            models.CheckConstraint(
                condition=models.Q(ending="", ended_at__isnull=True)
                | models.Q(ending__in=Ending.values, ended_at__isnull=False),
                name="round_ended_somehow",
            ),
            # A rejection says what it means and why; nothing else does.
            models.CheckConstraint(
                condition=(models.Q(ending=Ending.REJECTED, outcome__in=Outcome.values) & ~models.Q(reasons=[]))
                | (~models.Q(ending=Ending.REJECTED) & models.Q(outcome="", reasons=[])),
                name="round_rejection_has_reasons",
            ),
        ]

    def __str__(self) -> str:
        return f"round {self.number}"


class RequestedAccount(models.Model):
    """An account that the application asks for; opened when it is approved."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="requested_accounts")
    product = models.ForeignKey("accounts.Product", models.PROTECT, related_name="+", verbose_name=_("product"))
    currency = models.CharField(_("currency"), max_length=3)
    overdraft_limit = models.BigIntegerField(_("overdraft limit"), help_text=_("In minor units."))
    account = models.OneToOneField(
        "accounts.Account", models.PROTECT, related_name="+", null=True, verbose_name=_("account")
    )

    class Meta:
        verbose_name = _("requested account")
        verbose_name_plural = _("requested accounts")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["application", "product", "currency"], name="requested_account_once"),
            models.CheckConstraint(condition=models.Q(overdraft_limit__gte=0), name="requested_overdraft_not_negative"),
            models.CheckConstraint(condition=models.Q(currency__regex="^[A-Z]{3}$"), name="requested_currency_code"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.currency}"

    @property
    def overdraft(self) -> Money:
        """How far the balance may go below zero."""
        return Money(self.overdraft_limit, self.currency)
