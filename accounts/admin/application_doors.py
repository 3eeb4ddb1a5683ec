"""What is done with an application. Approving it and overriding a check are submitted: two people have to agree first."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import services as account_services
from accounts.admin import application_forms as forms
from accounts.admin.customer_doors import own_branch
from accounts.home_country import home_country
from accounts.kyc.findings import CheckKind
from accounts.kyc.funnel import OPEN, Ending, Stage
from accounts.models import Application, Customer, CustomerState, Outcome
from accounts.services import AccountWish, Answers, funnel
from bankops.core import clock
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import DoorForm, ReasonForm
from bankops.core.money import Money
from staff.actors import actor_of
from staff.admin.submitting import SubmittingDoor


class StartApplication(Door):
    """On a customer's page."""

    name = "start_application"
    label = _("Start application")
    permission = "accounts.start_application"
    form_class = forms.StartForm
    icon = "assignment_add"

    def offered(self, record: Any) -> bool:
        return record.state == CustomerState.PROSPECT and not record.applications.filter(stage__in=OPEN).exists()

    def summary(self, record: Any) -> str | Promise:
        return _(
            "The application goes through documents, four checks and a review by two people. It opens nothing yet."
        )

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {
            "branch": own_branch(request),
            "residence": home_country(),
            "currency": settings.BANKOPS_BASE_CURRENCY,
            "overdraft": "0",
        }

    def perform(self, request: HttpRequest, form: Any, record: Customer) -> Done:
        now = clock.now()
        application = account_services.start_application(
            customer_id=record.pk,
            branch=form.cleaned_data["branch"],
            answers=_answers(form.cleaned_data),
            accounts=_wishes(form.cleaned_data),
            actor=actor_of(request),
            now=now,
            business_date=clock.business_date(now),
        )
        text = _("Application %(reference)s is started. Next: upload the documents.")
        return Done(text % {"reference": application.reference}, application)


class ApplicationDoor(SubmittingDoor):
    """A door on an application that is still open."""

    def offered(self, record: Any) -> bool:
        return bool(record.is_open)


class RunChecks(ApplicationDoor):
    name = "run_checks"
    label = _("Run checks again")
    permission = "accounts.run_checks"
    form_class = DoorForm
    icon = "refresh"

    def summary(self, record: Any) -> str | Promise:
        return _(
            "The automatic checks run now. What a person found stays, as long as the customer's data are the same."
        )

    def perform(self, request: HttpRequest, form: Any, record: Application) -> Done:
        now = clock.now()
        account_services.run_checks(application_id=record.pk, now=now, business_date=clock.business_date(now))
        return Done(str(_("The automatic checks have run.")))


class ConfirmIdentity(ApplicationDoor):
    name = "confirm_identity"
    label = _("Compare identity")
    permission = "accounts.confirm_identity"
    form_class = forms.ConfirmForm
    icon = "how_to_reg"

    def summary(self, record: Any) -> str | Promise:
        text = _(
            "Compare the identity document with what is recorded about %(name)s; the customer's page reveals it. Whoever"
            " registered the customer or brought the application cannot do this."
        )
        return text % {"name": record.customer.name}

    def perform(self, request: HttpRequest, form: Any, record: Application) -> Done:
        now, data = clock.now(), form.cleaned_data
        account_services.confirm_identity(
            application_id=record.pk,
            same=data["same"],
            note=data["reason"],
            actor=actor_of(request),
            now=now,
            business_date=clock.business_date(now),
        )
        return Done(str(_("The identity is confirmed.") if data["same"] else _("The identity check has failed.")))


class OverrideCheck(ApplicationDoor):
    name = "override_check"
    label = _("Override a check")
    permission = "accounts.override_check"
    form_class = forms.OverrideForm
    dangerous = True
    icon = "rule"

    def summary(self, record: Any) -> str | Promise:
        return _("Two reviewers have to agree. The override counts for this application and what the check says now.")

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {"check": CheckKind.SCREENING}

    def perform(self, request: HttpRequest, form: Any, record: Application) -> Done:
        data = form.cleaned_data
        payload = {"application": record.public_id, "check": data["check"], "code": data["code"]}
        return self.submit(request, form, payload, done=str(_("The check is overridden.")))


class ApproveApplication(ApplicationDoor):
    name = "approve_application"
    label = _("Submit for approval")
    permission = "accounts.approve_application"
    form_class = forms.ApproveForm
    icon = "verified_user"

    def offered(self, record: Any) -> bool:
        return bool(record.stage == Stage.REVIEW)

    def summary(self, record: Any) -> str | Promise:
        text = _("%(name)s becomes a customer, and the accounts applied for are opened, once the reviewers agree.")
        return text % {"name": record.customer.name}

    def perform(self, request: HttpRequest, form: Any, record: Application) -> Done:
        done = str(_("Application %(reference)s is approved.")) % {"reference": record.reference}
        return self.submit(request, form, {"application": record.public_id}, done=done)


class RejectApplication(ApplicationDoor):
    name = "reject_application"
    label = _("Reject")
    permission = "accounts.reject_application"
    form_class = forms.RejectForm
    template = "accounts/kyc_reject.html"
    dangerous = True
    icon = "person_cancel"

    def summary(self, record: Any) -> str | Promise:
        return _("The application is rejected at once. After a final rejection this customer can never apply again.")

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {"outcome": Outcome.RETRY}

    def perform(self, request: HttpRequest, form: Any, record: Application) -> Done:
        data = form.cleaned_data
        account_services.reject_application(
            application_id=record.pk,
            outcome=data["outcome"],
            reasons=data["reasons"],
            note=data["reason"],
            actor=actor_of(request),
            now=clock.now(),
        )
        return Done(str(_("Application %(reference)s is rejected.")) % {"reference": record.reference})


class WithdrawApplication(ApplicationDoor):
    name = "withdraw_application"
    label = _("Withdraw")
    permission = "accounts.withdraw_application"
    dangerous = True
    icon = "undo"

    def summary(self, record: Any) -> str | Promise:
        return _("The application ends because the applicant wants so. What was brought and found stays.")

    def perform(self, request: HttpRequest, form: Any, record: Application) -> Done:
        account_services.withdraw_application(
            application_id=record.pk, note=form.cleaned_data["reason"], actor=actor_of(request), now=clock.now()
        )
        return Done(str(_("Application %(reference)s is withdrawn.")) % {"reference": record.reference})


class ResubmitApplication(Door):
    name = "resubmit_application"
    label = _("Begin a new round")
    permission = "accounts.resubmit_application"
    form_class = ReasonForm
    icon = "replay"

    def offered(self, record: Any) -> bool:
        if record.stage != Stage.REJECTED:
            return False
        last = funnel.present_round(record)
        return bool(last.ending == Ending.REJECTED and last.outcome == Outcome.RETRY)

    def summary(self, record: Any) -> str | Promise:
        return _("All four checks begin anew. What was brought and found in earlier rounds stays readable.")

    def perform(self, request: HttpRequest, form: Any, record: Application) -> Done:
        now = clock.now()
        application = account_services.resubmit_application(
            application_id=record.pk,
            note=form.cleaned_data["reason"],
            actor=actor_of(request),
            now=now,
            business_date=clock.business_date(now),
        )
        return Done(str(_("Round %(round)s has begun.")) % {"round": application.round})


def _answers(data: dict[str, Any]) -> Answers:
    return Answers(
        legal_form=data["legal_form"],
        activity=data["activity"],
        residence=data["residence"],
        tax_country=data["tax_country"],
        politically_exposed=data["politically_exposed"],
        cash_intensive=data["cash_intensive"],
    )


def _wishes(data: dict[str, Any]) -> list[AccountWish]:
    if data["product"] is None:
        return []
    return [AccountWish(data["product"], data["currency"], Money.parse(data["overdraft"], data["currency"]))]
