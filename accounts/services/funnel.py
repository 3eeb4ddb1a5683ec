"""What the services of an application have in common: its lock, its facts, its stage, and what is told of it.

The stage is stored for lists. Every service that changes an application, its checks or its documents ends with `move`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.home_country import home_country
from accounts.kyc import countries, documents, errors, identity, rating
from accounts.kyc.findings import CheckKind, CheckState, Finding
from accounts.kyc.funnel import OPEN, Ending, FunnelFacts, Stage, stage_of
from accounts.kyc.required import DocumentKind, required
from accounts.locks import application_for_update
from accounts.models import Application, ApplicationRound, Customer, CustomerKind, IdentifierType
from bankops.core import audit, outbox
from bankops.core.actor import Actor
from bankops.core.audit import EventType
from bankops.core.db import transaction_required


@transaction_required
def locked_application(application_id: UUID) -> Application:
    """Lock an application and return it as it is now.

    :raises UnknownApplication: when there is none.
    """
    application = application_for_update(application_id)
    if application is None:
        raise errors.UnknownApplication
    return application


@transaction_required
def locked_open_application(application_id: UUID) -> Application:
    """Lock an application that still goes through the funnel.

    :raises UnknownApplication, ApplicationClosed: when there is none, or it has ended.
    """
    application = locked_application(application_id)
    refuse_closed(application)
    return application


def refuse_closed(application: Application) -> None:
    """:raises ApplicationClosed: when the application has ended."""
    if application.stage not in OPEN:
        raise errors.ApplicationClosed(application=application.reference, stage=Stage(application.stage).label)


def present_round(application: Application) -> ApplicationRound:
    """Return the application's present round."""
    return application.rounds.get(number=application.round)


def facts_of(application: Application) -> FunnelFacts:
    """Return what the funnel is computed from, as it is now."""
    ending = present_round(application).ending
    there = set(application.customer.documents.standing().values_list("kind", flat=True))
    checks = application.checks.filter(round=application.round)
    return FunnelFacts(
        ending=Ending(ending) if ending else None,
        any_document=bool(there),
        documents_complete=there >= set(required_documents(application)),
        settled={CheckKind(check.kind): check.is_settled for check in checks},
    )


@transaction_required
def move(application: Application, *, now: datetime) -> Application:
    """Store the stage in which the application is now, and since when."""
    stage = stage_of(facts_of(application))
    if application.stage != stage:
        application.stage, application.stage_entered_at = stage, now
        application.save(update_fields=["stage", "stage_entered_at"])
    return application


# -- What the automatic checks find ------------------------------------------------------------------------------------


def required_documents(application: Application) -> tuple[DocumentKind, ...]:
    """Return which kinds of documents this customer has to bring."""
    high = rated(application).rating == rating.RiskRating.HIGH
    return required(customer_kind=application.customer.kind, high_risk=high)


def missing_documents(application: Application) -> list[DocumentKind]:
    """Return which of the required documents have not been brought yet."""
    there = set(application.customer.documents.standing().values_list("kind", flat=True))
    return [kind for kind in required_documents(application) if kind not in there]


def rated(application: Application) -> rating.Rated:
    """Return the risk rating that the application leads to."""
    return rating.rate(risk_facts(application), country_lists())


def risk_facts(application: Application) -> rating.RiskFacts:
    """Return what a rating of the applicant is made of."""
    wanted = application.requested_accounts.all()
    taxed = application.customer.tax_residences.standing().values_list("country", flat=True)
    return rating.RiskFacts(
        legal_form=rating.LegalForm(application.legal_form),
        activity=rating.Activity(application.activity),
        countries=application.countries | frozenset(taxed),
        home=home_country(),
        politically_exposed=application.politically_exposed,
        cash_intensive=application.cash_intensive,
        foreign_currency=any(one.currency != settings.BANKOPS_BASE_CURRENCY for one in wanted),
        overdraft=any(one.overdraft_limit for one in wanted),
    )


def country_lists() -> rating.CountryLists:
    """Return the lists of countries that raise the risk: the bank's own where it keeps one."""
    called = settings.BANKOPS_CALL_FOR_ACTION or countries.CALL_FOR_ACTION
    monitored = settings.BANKOPS_INCREASED_MONITORING or countries.INCREASED_MONITORING
    return rating.CountryLists(frozenset(called), frozenset(monitored))


def documents_finding(application: Application, *, business_date: date) -> Finding:
    """Return what the customer's documents are worth on this day.

    Short of a pass it is about these documents only: brought or decided others, it is another finding, and an override ends.
    """
    wanted = required_documents(application)
    standing = application.customer.documents.standing().order_by("id")
    there = list(standing.values_list("pk", "kind", "state", "expires_on"))
    facts = [
        documents.DocumentFacts(DocumentKind(kind), state == "VERIFIED", expires_on)
        for _key, kind, state, expires_on in there
    ]
    found = documents.finding(wanted, facts, today=business_date)
    return found if found.state == CheckState.PASSED else replace(found, reference=_digest(wanted, there))


def _digest(wanted: Iterable[str], there: Iterable[tuple[object, ...]]) -> str:
    lines = [*map(str, wanted), *("|".join(map(str, row)) for row in there)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def identity_finding(application: Application, *, said: Finding, business_date: date) -> Finding:
    """Return what the recorded data and the person who compared the document say together."""
    customer = application.customer
    facts = _identity_facts(customer, business_date)
    return identity.finding(facts, said=said, version=data_version(customer))


def data_version(customer: Customer) -> str:
    """Return which data of the customer a person compared with the document."""
    return f"version {customer.version}"


def _identity_facts(customer: Customer, business_date: date) -> identity.IdentityFacts:
    rows = customer.identifiers.exclude(type=IdentifierType.EXTERNAL).filter(ended_on__isnull=True)
    return identity.IdentityFacts(
        is_person=customer.kind == CustomerKind.PERSON,
        identifiers=[identity.Identifier(one.type, one.issuer, one.value.reveal(), one.expires_on) for one in rows],
        birth_date=customer.reveal_birth_date(),
        today=business_date,
    )


# -- What is told ------------------------------------------------------------------------------------------------------


def subject_of(application: Application) -> audit.Subject:
    """Return how the audit trail names an application."""
    return audit.Subject("application", application.public_id, application.reference)


def customer_subject(customer: Customer) -> audit.Subject:
    """Return how the audit trail names a customer."""
    return audit.Subject("customer", customer.public_id, customer.number)


@transaction_required
def tell(
    event: EventType,
    application: Application,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    **facts: Any,
) -> None:
    """Write the audit event of an application, and announce it. `facts` are ids and words, no personal data."""
    told = {"application": application.public_id, "customer": application.customer.public_id, **facts}
    audit.record(
        event,
        actor=actor,
        subject=subject_of(application),
        now=now,
        reason=reason,
        changes=changes or {},
        detail=told,
    )
    outbox.announce(event.name, subject_id=application.public_id, payload=told, now=now)
