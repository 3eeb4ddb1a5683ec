"""Whom the bank calls at a partner: drafted with what is personal sealed, agreed to, ended, and shown with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from bankops.core import audit, ids
from bankops.core.actor import Actor
from bankops.core.operations import only_through_gate
from bankops.core.texts import require_reason
from partners import events, locks, system_rules
from partners.models import Partner, PartnerContact


@dataclass(frozen=True, slots=True)
class Reached:
    """How somebody is reached, in clear."""

    email: str
    phone: str


def draft_contact(*, partner_id: UUID, role: str, name: str, email: str, phone: str, now: datetime) -> PartnerContact:
    """Write down whom to call, to be agreed to, and return it. It counts for nothing until `add_contact`.

    :raises PartnerFieldMissing, UnknownContactRole, NotAnEmail, NotAPhone, TextTooLong, UnstorableText: what is wrong with it.
    """
    told = system_rules.contact_data(role=role, name=name, email=email, phone=phone)
    partner = Partner.objects.get(pk=partner_id)
    return PartnerContact.objects.create(id=ids.uuid7(), partner=partner, drafted_at=now, **told)


@only_through_gate("partners.add_contact")
@transaction.atomic
def add_contact(*, contact_id: UUID, actor: Actor, reason: str, now: datetime) -> PartnerContact:
    """Let a drafted contact count, and return it. Writes `partners.contact.added`.

    :raises PartnerEnded: when the partnership has ended.
    :raises ContactKnown: when it counts or has ended already.
    """
    contact = _locked(contact_id, reason)
    system_rules.refuse_addition(contact)
    contact.since = now
    contact.save(update_fields=["since"])
    _tell(events.CONTACT_ADDED, contact, actor=actor, reason=reason, now=now)
    return contact


@only_through_gate("partners.end_contact")
@transaction.atomic
def end_contact(*, contact_id: UUID, actor: Actor, reason: str, now: datetime) -> PartnerContact:
    """End a contact at once, and return it. Writes `partners.contact.ended`.

    :raises ContactNotInForce: when it never began, or has ended.
    """
    contact = _locked(contact_id, reason)
    system_rules.refuse_ending(contact)
    contact.until = now
    contact.save(update_fields=["until"])
    _tell(events.CONTACT_ENDED, contact, actor=actor, reason=reason, now=now)
    return contact


@transaction.atomic
def show_contact(*, contact_id: UUID, actor: Actor, reason: str, now: datetime) -> Reached:
    """Return how somebody is reached. Writes `partners.contact.shown`.

    :raises ReasonRequired: when `reason` is blank.
    """
    require_reason(reason)
    contact = PartnerContact.objects.select_related("partner").get(pk=contact_id)
    _tell(events.CONTACT_SHOWN, contact, actor=actor, reason=reason, now=now)
    return Reached(email=contact.email.reveal(), phone=contact.phone.reveal() if contact.phone else "")


def _locked(contact_id: UUID, reason: str) -> PartnerContact:
    require_reason(reason)
    partner_id = PartnerContact.objects.values_list("partner_id", flat=True).get(pk=contact_id)
    locks.lock_partner(partner_id)
    return PartnerContact.objects.select_related("partner").get(pk=contact_id)


def _tell(event: audit.EventType, contact: PartnerContact, *, actor: Actor, reason: str, now: datetime) -> None:
    detail = {"partner": contact.partner.public_id, "role": str(contact.role)}
    audit.record(event, subject=events.about_contact(contact), actor=actor, reason=reason, now=now, detail=detail)
