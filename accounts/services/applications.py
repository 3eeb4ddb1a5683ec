"""Applications: started, resubmitted, approved, rejected, withdrawn, expired. Locks the application, then the customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import events, numbers
from accounts.errors import OverdraftNegative, UnknownCustomer
from accounts.kyc import errors
from accounts.kyc.findings import CheckKind
from accounts.kyc.funnel import OPEN, Ending, Stage
from accounts.kyc.rating import Activity, LegalForm
from accounts.locks import customer_for_update
from accounts.models import (
    Account,
    Application,
    ApplicationRound,
    Customer,
    CustomerKind,
    CustomerState,
    Outcome,
    Product,
    RejectionReason,
    RequestedAccount,
)
from accounts.services import checks, funnel, ownership, reviews
from accounts.services.one_by_one import one_by_one
from accounts.services.opening import opening
from accounts.validation import country
from bankops.core import operations
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from bankops.core.errors import CurrencyMismatch
from bankops.core.money import Money
from bankops.core.texts import require_reason
from staff.errors import BranchClosed
from staff.models import Branch

CLOCK = Actor.system("end_of_day")


@dataclass(frozen=True, slots=True)
class Answers:
    """What whoever applies declares; countries are ISO 3166-1 alpha-2, `tax_country` empty when it is the same."""

    legal_form: LegalForm
    activity: Activity
    residence: str
    tax_country: str = ""
    politically_exposed: bool = False
    cash_intensive: bool = False


@dataclass(frozen=True, slots=True)
class AccountWish:
    """An account to be opened with the approval."""

    product: Product
    currency: str
    overdraft: Money | None = None


def start_application(
    *,
    customer_id: UUID,
    branch: Branch,
    answers: Answers,
    accounts: Sequence[AccountWish],
    actor: Actor,
    now: datetime,
    business_date: date,
) -> Application:
    """Start somebody's application, run its automatic checks and return it. Writes `accounts.application.started`.

    :raises UnknownCustomer: when there is none.
    :raises ApplicantRejected, AlreadyApproved, ApplicationOpen: when this customer cannot apply.
    :raises AnswersDoNotFit: when the legal form is not one of the customer's kind.
    :raises WrongLength, UnknownCountry: when a country is no country.
    :raises BranchClosed: when the branch takes no new customers.
    :raises CurrencyMismatch, OverdraftNegative, UnknownCurrency: when an account is wanted on impossible terms.
    """
    application = _start(customer_id, branch=branch, answers=answers, accounts=accounts, actor=actor, now=now)
    return checks.run_checks(application_id=application.pk, now=now, business_date=business_date)


def resubmit_application(
    *, application_id: UUID, note: str, actor: Actor, now: datetime, business_date: date
) -> Application:
    """Begin a new round of an application that was rejected with another try allowed, and return it.

    Writes `accounts.application.resubmitted`. Documents and what was found before stay; all four checks begin anew.

    :raises ReasonRequired: when `note` is blank.
    :raises NotResubmittable: when the present round did not end so.
    :raises ApplicantRejected, AlreadyApproved, ApplicationOpen: when this customer cannot apply.
    :raises UnknownApplication: when there is none.
    """
    application = _resubmit(application_id, require_reason(note), actor, now)
    return checks.run_checks(application_id=application.pk, now=now, business_date=business_date)


@operations.only_through_gate("accounts.approve_application")
@transaction.atomic
def approve_application(
    *,
    application_id: UUID,
    reason: str,
    actor: Actor,
    now: datetime,
    business_date: date,
    approval_request_id: str,
) -> Application:
    """Make the applicant a customer, open the accounts applied for, and return the application.

    Writes `accounts.application.approved`, `accounts.customer.state_changed`, `accounts.account.opened`. The automatic checks
    that ask nobody outside run once more; all four must stand.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises NotReady: when a check does not stand, or a document is missing.
    :raises NoOwners: when an organisation names neither owners nor a reason for having none.
    :raises UnknownApplication, ApplicationClosed: when it is not an open application.
    :raises ProductNotOffered, BranchClosed: when an account can no longer be opened as asked.
    """
    reason = require_reason(reason)
    application = funnel.locked_open_application(application_id)
    customer_for_update(application.customer_id)
    application.customer.refresh_from_db()  # it was read before the lock
    checks.record_automatic(application, now=now, business_date=business_date)
    funnel.move(application, now=now)
    refuse_approval(application)
    _end(application, Ending.APPROVED, actor=actor, now=now, note=reason, approval_request_id=approval_request_id)
    reviews.first_review(application, actor=actor, now=now, business_date=business_date)
    opened = [_open(wish, application, actor, now, business_date) for wish in application.requested_accounts.all()]
    funnel.tell(
        events.APPLICATION_APPROVED,
        application,
        actor=actor,
        now=now,
        reason=reason,
        accounts=[account.public_id for account in opened],
    )
    return application


def refuse_approval(application: Application) -> None:
    """Refuse an application that is not ready, as it stands.

    :raises NotReady: naming the checks that do not stand, or that documents are missing.
    :raises NoOwners: for an organisation that says nothing of its owners.
    :raises ApplicationClosed: when it has ended.
    """
    funnel.refuse_closed(application)
    customer = application.customer
    if application.stage != Stage.REVIEW:
        raise errors.NotReady(application=application.reference, missing=_missing(application))
    if not ownership.is_established(customer):
        raise errors.NoOwners(customer=customer.number)


@transaction.atomic
def reject_application(
    *,
    application_id: UUID,
    outcome: Outcome,
    reasons: Sequence[RejectionReason],
    note: str,
    actor: Actor,
    now: datetime,
) -> Application:
    """Reject an application at once and return it. Writes `accounts.application.rejected`.

    A final rejection also makes the customer a rejected one, who can never apply again.

    :raises RejectionReasonRequired: without a reason from the list.
    :raises ReasonRequired: when `note` is blank.
    :raises UnknownApplication, ApplicationClosed: when it is not an open application.
    """
    note = require_reason(note)
    if not reasons:
        raise errors.RejectionReasonRequired
    application = funnel.locked_open_application(application_id)
    codes = [str(code) for code in dict.fromkeys(reasons)]
    _end(application, Ending.REJECTED, actor=actor, now=now, note=note, outcome=outcome, reasons=codes)
    if outcome == Outcome.FINAL:
        customer_for_update(application.customer_id)
        reviews.set_state(application.customer, CustomerState.REJECTED, reason=note, actor=actor, now=now)
    funnel.tell(
        events.APPLICATION_REJECTED,
        application,
        actor=actor,
        now=now,
        reason=note,
        outcome=str(outcome),
        reasons=codes,
    )
    return application


@transaction.atomic
def withdraw_application(*, application_id: UUID, note: str, actor: Actor, now: datetime) -> Application:
    """End an application at the applicant's wish and return it. Writes `accounts.application.withdrawn`.

    :raises ReasonRequired: when `note` is blank.
    :raises UnknownApplication, ApplicationClosed: when it is not an open application.
    """
    note = require_reason(note)
    application = funnel.locked_open_application(application_id)
    _end(application, Ending.WITHDRAWN, actor=actor, now=now, note=note)
    funnel.tell(events.APPLICATION_WITHDRAWN, application, actor=actor, now=now, reason=note)
    return application


def expire_applications(*, now: datetime) -> int:
    """End every application that has not moved for `BANKOPS_KYC_EXPIRES_DAYS`; return how many.

    Writes `accounts.application.expired`. Each is ended in a transaction of its own, once, however often this runs.
    """
    since = now - timedelta(days=settings.BANKOPS_KYC_EXPIRES_DAYS)
    due = Application.objects.filter(stage__in=OPEN, stage_entered_at__lte=since).order_by("stage_entered_at", "id")
    rows = list(due.values_list("pk", flat=True))
    return one_by_one(rows, lambda application_id: _expire(application_id, since, now), doing="expire applications")


# -- How they do it ----------------------------------------------------------------------------------------------------


@transaction.atomic
def _start(
    customer_id: UUID,
    *,
    branch: Branch,
    answers: Answers,
    accounts: Sequence[AccountWish],
    actor: Actor,
    now: datetime,
) -> Application:
    customer = _applicant(customer_id)
    if not branch.is_open:
        raise BranchClosed(branch_code=branch.code)
    application = Application(
        reference=numbers.next_application_number(),
        customer=customer,
        branch=branch,
        stage=Stage.REGISTERED,
        stage_entered_at=now,
        started_at=now,
        started_by_id=actor.id,
        started_by_name=actor.name,
        **_clean(answers, customer),
    )
    application.save(force_insert=True)
    RequestedAccount.objects.bulk_create(_requested(wish, application) for wish in accounts)
    _begin_round(application, actor, now)
    funnel.tell(events.APPLICATION_STARTED, application, actor=actor, now=now, branch=branch.code)
    return application


@transaction.atomic
def _resubmit(application_id: UUID, note: str, actor: Actor, now: datetime) -> Application:
    application = funnel.locked_application(application_id)
    last = funnel.present_round(application)
    if last.ending != Ending.REJECTED or last.outcome != Outcome.RETRY:
        raise errors.NotResubmittable(application=application.reference)
    _applicant(application.customer_id)
    application.round, application.stage, application.stage_entered_at = last.number + 1, Stage.REGISTERED, now
    application.save(update_fields=["round", "stage", "stage_entered_at"])
    _begin_round(application, actor, now)
    funnel.tell(events.APPLICATION_RESUBMITTED, application, actor=actor, now=now, reason=note, round=application.round)
    return application


def _applicant(customer_id: UUID) -> Customer:
    """Lock whoever applies, and return them if they may."""
    customer_for_update(customer_id)
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise UnknownCustomer
    if customer.state == CustomerState.REJECTED:
        raise errors.ApplicantRejected(customer=customer.number)
    if customer.state != CustomerState.PROSPECT:
        raise errors.AlreadyApproved(customer=customer.number)
    under_way = customer.applications.filter(stage__in=OPEN).first()
    if under_way:
        raise errors.ApplicationOpen(customer=customer.number, application=under_way.reference)
    return customer


def _clean(answers: Answers, customer: Customer) -> dict[str, Any]:
    is_person = customer.kind == CustomerKind.PERSON
    if is_person != (answers.legal_form == LegalForm.NONE):
        raise errors.AnswersDoNotFit(form=answers.legal_form.label, kind=customer.get_kind_display())
    declared = asdict(answers)
    declared["residence"] = country.clean(answers.residence)
    declared["tax_country"] = country.clean(answers.tax_country) if answers.tax_country.strip() else ""
    return declared


def _requested(wish: AccountWish, application: Application) -> RequestedAccount:
    overdraft = wish.overdraft or Money(0, wish.currency)
    if overdraft.currency != wish.currency:
        raise CurrencyMismatch(left=wish.currency, right=overdraft.currency)
    if overdraft.minor < 0:
        raise OverdraftNegative
    return RequestedAccount(
        application=application, product=wish.product, currency=wish.currency, overdraft_limit=overdraft.minor
    )


@transaction_required
def _begin_round(application: Application, actor: Actor, now: datetime) -> None:
    ApplicationRound(
        application=application,
        number=application.round,
        opened_at=now,
        opened_by_id=actor.id,
        opened_by_name=actor.name,
    ).save(force_insert=True)
    checks.begin(application, now=now)
    funnel.move(application, now=now)


@transaction_required
def _end(application: Application, ending: Ending, *, actor: Actor, now: datetime, **why: Any) -> None:
    """End the present round; `why` are its fields `note`, `outcome`, `reasons`, `approval_request_id`."""
    last = funnel.present_round(application)
    ended = {"ending": ending, "ended_at": now, "ended_by_id": actor.id, "ended_by_name": actor.name, **why}
    for name, value in ended.items():
        setattr(last, name, value)
    last.save(update_fields=list(ended))
    funnel.move(application, now=now)


def _open(
    wish: RequestedAccount, application: Application, actor: Actor, now: datetime, business_date: date
) -> Account:
    account = opening(
        customer=application.customer,
        product=wish.product,
        branch=application.branch,
        currency=wish.currency,
        overdraft_limit=wish.overdraft,
        idempotency_key=f"{application.public_id}:{wish.pk}",
        actor=actor,
        now=now,
        business_date=business_date,
    )
    wish.account = account
    wish.save(update_fields=["account"])
    return account


def _missing(application: Application) -> str:
    """Return in words what an application still needs."""
    facts = funnel.facts_of(application)
    open_checks = [str(kind.label) for kind in CheckKind if not facts.settled.get(kind)]
    documents = [str(kind.label) for kind in funnel.missing_documents(application)]
    return ", ".join([*documents, *open_checks])


@transaction.atomic
def _expire(application_id: UUID, since: datetime, now: datetime) -> bool:
    application = funnel.locked_application(application_id)
    if application.stage not in OPEN or application.stage_entered_at > since:
        return False
    _end(application, Ending.EXPIRED, actor=CLOCK, now=now)
    funnel.tell(events.APPLICATION_EXPIRED, application, actor=CLOCK, now=now)
    return True
