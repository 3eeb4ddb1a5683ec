"""The four checks of an application: run automatically, answered by a person, put aside by two reviewers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from accounts import events
from accounts.kyc import checks as seam
from accounts.kyc import errors, identity, rating, reasons
from accounts.kyc.findings import CheckKind, CheckState, Finding
from accounts.kyc.required import IDENTIFYING
from accounts.models import Application, Check, CheckEvent, CheckSource, OverrideCode
from accounts.services import funnel
from bankops.core import audit, operations, texts
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from bankops.core.models import AuditEvent
from bankops.core.texts import require_reason

CHECKER = Actor.system("kyc_checks")
_OF = ": "  # between the version of the data and how the checker calls its finding


@dataclass(frozen=True, slots=True)
class By:
    """Who changed a check, when and why."""

    source: CheckSource
    actor: Actor
    now: datetime
    note: str = ""
    approval_request_id: str = ""


def run_checks(*, application_id: UUID, now: datetime, business_date: date) -> Application:
    """Run the automatic checks of the present round and return the application. Writes `accounts.check.changed`.

    Screening is asked outside any transaction; what it finds about a round that has ended meanwhile, or about a customer
    whose data changed meanwhile, is not recorded.

    :raises UnknownApplication, ApplicationClosed: when it is not an open application.
    """
    subject, version = _subject(application_id)
    screened = seam.run(CheckKind.SCREENING, subject)
    with transaction.atomic():
        application = funnel.locked_open_application(application_id)
        if (application.round, funnel.data_version(application.customer)) == (subject.round, version):
            found = replace(screened, reference=_of_version(version, screened.reference))
            record(_check(application, CheckKind.SCREENING), found, by=_automatic(now))
        record_automatic(application, now=now, business_date=business_date)
        return funnel.move(application, now=now)


@transaction.atomic
def confirm_identity(
    *, application_id: UUID, same: bool, note: str, actor: Actor, now: datetime, business_date: date
) -> Application:
    """Record that a person compared the customer with the identity document, and return the application.

    Writes `accounts.check.changed`. What is said counts for the customer's data as they are now.

    :param same: whether the document shows the customer.
    :raises ReasonRequired: when `note` is blank.
    :raises OwnRegistration: when the actor registered the customer, changed their data last, or brought the application
        or the identity document.
    :raises NotToConfirm: while the automatic part finds something wrong.
    :raises UnknownApplication, ApplicationClosed: when it is not an open application.
    """
    note = require_reason(note)
    application = funnel.locked_open_application(application_id)
    _refuse_own(application, actor)
    check = _check(application, CheckKind.IDENTITY)
    found = funnel.identity_finding(application, said=Finding(CheckState.PENDING), business_date=business_date)
    if found.state != CheckState.PENDING:
        raise errors.NotToConfirm(why=" ".join(reasons.label_of(code) for code in found.reasons))
    finding = identity.by_person(same=same, version=funnel.data_version(application.customer))
    record(check, finding, by=By(CheckSource.PERSON, actor, now, note))
    _forget_old_screening(application, now)
    return funnel.move(application, now=now)


@operations.only_through_gate("accounts.override_check")
@transaction.atomic
def override_check(
    *,
    application_id: UUID,
    kind: CheckKind,
    code: OverrideCode,
    reason: str,
    actor: Actor,
    now: datetime,
    approval_request_id: str,
) -> Check:
    """Put a check of the present round aside as it is found now, and return it. Writes `accounts.check.overridden`.

    Another finding later ends the override: two people agreed to this one only.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises NothingToOverride: when the check has passed or is overridden already.
    :raises UnknownApplication, ApplicationClosed: when it is not an open application.
    """
    reason = require_reason(reason)
    application = funnel.locked_open_application(application_id)
    check = _check(application, kind)
    refuse_override(check)
    check.override_code, check.changed_at = code, now
    check.save(update_fields=["override_code", "changed_at"])
    by = By(CheckSource.OVERRIDE, actor, now, reason, approval_request_id)
    _remember(check, CheckState(check.state), by)
    funnel.tell(
        events.CHECK_OVERRIDDEN, application, actor=actor, now=now, reason=reason, check=str(kind), code=str(code)
    )
    funnel.move(application, now=now)
    return check


def refuse_override(check: Check) -> None:
    """:raises NothingToOverride: when the check stands in nobody's way."""
    if check.is_settled:
        raise errors.NothingToOverride(check=check.get_kind_display())


# -- For the other services of an application --------------------------------------------------------------------------


@transaction_required
def begin(application: Application, *, now: datetime) -> None:
    """Write the four checks of a new round, none of them run yet."""
    Check.objects.bulk_create(
        Check(application=application, round=application.round, kind=kind, reasons=[reasons.NOT_RUN], changed_at=now)
        for kind in CheckKind
    )


@transaction_required
def record_automatic(application: Application, *, now: datetime, business_date: date) -> None:
    """Record what the checks that ask nobody outside find now: identity, risk rating, documents; forget an old screening."""
    _forget_old_screening(application, now)
    for check, finding in _found(application, business_date):
        record(check, finding, by=_automatic(now))


@transaction_required
def record(check: Check, finding: Finding, *, by: By) -> None:
    """Write a finding with its history; the same finding as before writes nothing, and another one ends an override."""
    before = CheckState(check.state)
    now_found = (finding.state, list(finding.reasons), finding.reference)
    if (before, check.reasons, check.reference) == now_found:
        return
    texts.check_fits(Check, reference=finding.reference)
    check.state, check.reasons, check.reference = now_found
    check.override_code, check.changed_at = "", by.now
    check.save(update_fields=["state", "reasons", "reference", "override_code", "changed_at"])
    _remember(check, before, by)
    audit.record(
        events.CHECK_CHANGED,
        actor=by.actor,
        subject=funnel.subject_of(check.application),
        now=by.now,
        reason=by.note,
        changes={str(check.kind): (str(before), str(check.state))},
        detail={"round": check.round, "reasons": check.reasons, "reference": check.reference},
    )


def _found(application: Application, business_date: date) -> Iterator[tuple[Check, Finding]]:
    compared = _check(application, CheckKind.IDENTITY)
    said = Finding(CheckState(compared.state), tuple(compared.reasons), compared.reference)
    yield compared, funnel.identity_finding(application, said=said, business_date=business_date)
    yield _check(application, CheckKind.RISK_RATING), rating.finding_of(funnel.rated(application))
    documents = funnel.documents_finding(application, business_date=business_date)
    yield _check(application, CheckKind.DOCUMENTS), documents


def _remember(check: Check, before: CheckState, by: By) -> None:
    CheckEvent(
        check_row=check,
        at=by.now,
        source=by.source,
        before=before,
        after=check.state,
        reasons=check.reasons,
        reference=check.reference,
        override_code=check.override_code,
        note=by.note,
        actor_id=by.actor.id,
        actor_name=by.actor.name,
        approval_request_id=by.approval_request_id,
    ).save(force_insert=True)


def _check(application: Application, kind: CheckKind) -> Check:
    check = application.checks.get(round=application.round, kind=kind)
    check.application = application
    return check


def _automatic(now: datetime) -> By:
    return By(CheckSource.AUTOMATIC, CHECKER, now)


@transaction_required
def _forget_old_screening(application: Application, now: datetime) -> None:
    """What screening found, or an override of it, was about the customer's data as they were: others are not screened yet."""
    screening = _check(application, CheckKind.SCREENING)
    version = funnel.data_version(application.customer)
    if screening.reference and screening.reference.split(_OF)[0] != version:
        record(screening, Finding(CheckState.PENDING, (reasons.NOT_RUN,), version), by=_automatic(now))


def _of_version(version: str, reference: str) -> str:
    """Return how a finding about this version of the customer's data is called."""
    return _OF.join(filter(None, (version, reference)))


def _subject(application_id: UUID) -> tuple[seam.CheckSubject, str]:
    """Return whom a check is about, and the version of their data."""
    application = Application.objects.select_related("customer").filter(pk=application_id).first()
    if application is None:
        raise errors.UnknownApplication
    funnel.refuse_closed(application)
    subject = seam.CheckSubject(application.customer_id, application.pk, application.round)
    return subject, funnel.data_version(application.customer)


def _refuse_own(application: Application, actor: Actor) -> None:
    """Refuse somebody who vouched for the customer before: comparing the document is for a second pair of eyes."""
    if actor.id in _who_vouched(application):
        raise errors.OwnRegistration


def _who_vouched(application: Application) -> Iterator[str]:
    """Yield who brought the application, its present round, the customer's data as they are and the identity documents."""
    yield application.started_by_id
    yield application.rounds.get(number=application.round).opened_by_id
    told = AuditEvent.objects.filter(subject_type="customer", subject_id=application.customer.public_id)
    for event in (events.CUSTOMER_REGISTERED, events.CUSTOMER_UPDATED):
        last = told.filter(event_type=event.name).order_by("-id").values_list("actor_id", flat=True)
        yield from last[:1]
    documents = application.customer.documents.standing().filter(kind__in=IDENTIFYING)
    yield from documents.values_list("uploaded_by_id", flat=True)
