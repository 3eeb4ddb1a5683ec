"""What a customer agrees to, recorded at once: nobody takes anything over by it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts import customer_errors, errors, events
from accounts.locks import customer_for_update
from accounts.models import Consent, ConsentChannel, ConsentPurpose, Customer
from accounts.services.customers import subject_of
from bankops.core import audit, texts
from bankops.core.actor import Actor


@transaction.atomic
def give_consent(
    *,
    customer_id: UUID,
    purpose: ConsentPurpose,
    channel: ConsentChannel,
    text_version: str,
    actor: Actor,
    now: datetime,
) -> Consent:
    """Record a consent and return it. Writes `accounts.consent.given`.

    :raises UnknownCustomer: when there is none.
    :raises ConsentTextRequired: without the version of the text that was agreed to.
    :raises ConsentThere: when one for this purpose stands.
    """
    customer, version = _locked(customer_id), text_version.strip()
    if not version:
        raise customer_errors.ConsentTextRequired
    texts.check_fits(Consent, text_version=version)
    if Consent.objects.standing().filter(customer=customer, purpose=purpose).exists():
        raise customer_errors.ConsentThere(customer=customer.number, purpose=purpose.label)
    consent = Consent(customer=customer, purpose=purpose, channel=channel, text_version=version, given_at=now)
    consent.save(force_insert=True)
    detail = {"purpose": str(purpose), "channel": str(channel), "text_version": version}
    audit.record(events.CONSENT_GIVEN, actor=actor, subject=subject_of(customer), now=now, detail=detail)
    return consent


@transaction.atomic
def withdraw_consent(*, customer_id: UUID, purpose: ConsentPurpose, actor: Actor, now: datetime) -> Consent:
    """Record that a customer withdrew a consent and return it. Writes `accounts.consent.withdrawn`.

    :raises UnknownCustomer: when there is none.
    :raises ConsentNotFound: when none for this purpose stands.
    """
    customer = _locked(customer_id)
    consent = Consent.objects.standing().filter(customer=customer, purpose=purpose).first()
    if consent is None:
        raise customer_errors.ConsentNotFound
    consent.withdrawn_at = now
    consent.save(update_fields=["withdrawn_at"])
    detail = {"purpose": str(purpose), "text_version": consent.text_version}
    audit.record(events.CONSENT_WITHDRAWN, actor=actor, subject=subject_of(customer), now=now, detail=detail)
    return consent


def _locked(customer_id: UUID) -> Customer:
    customer_for_update(customer_id)
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise errors.UnknownCustomer
    return customer
