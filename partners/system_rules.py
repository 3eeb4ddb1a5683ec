"""What services refuse about a partner's systems and contacts, asked once more before it is parked for reviewers."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from bankops.core import texts
from partners import errors, rules
from partners.models import ContactRole, Credential, CredentialState, Partner, PartnerContact, PartnerSystem

_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")  # ITU-T E.164
_LONGEST_EMAIL = 254  # RFC 5321, section 4.5.3.1.3, without the angle brackets


def refuse_system(partner: Partner, name: str, purpose: str) -> None:
    """:raises PartnerNotActive, PartnerFieldMissing, SystemNameTaken, TextTooLong, UnstorableText:"""
    rules.refuse_unless_active(partner)
    if not name.strip():
        raise errors.PartnerFieldMissing(field=_("Name"))
    texts.check_fits(PartnerSystem, name=name, purpose=purpose)
    if partner.systems.filter(name__iexact=name, retired_at=None).exists():
        raise errors.SystemNameTaken(name=name, partner=partner.name)


def refuse_retirement(system: PartnerSystem) -> None:
    """:raises SystemRetired, SystemInUse: when it cannot be retired."""
    if system.retired_at is not None:
        raise errors.SystemRetired(name=system.name)
    live = Credential.objects.filter(system=system).exclude(state=CredentialState.REVOKED)
    if live.exists():
        raise errors.SystemInUse(name=system.name, credentials=", ".join(sorted(map(str, live))))


def refuse_use(system: PartnerSystem, partner: Partner) -> None:
    """:raises UnknownSystem, SystemRetired: when a credential of this partner cannot be for it."""
    if system.partner_id != partner.pk:
        raise errors.UnknownSystem(system=system.public_id)
    if system.retired_at is not None:
        raise errors.SystemRetired(name=system.name)


def contact_data(*, role: str, name: str, email: str, phone: str) -> dict[str, str]:
    """Return what is kept of a contact.

    :raises PartnerFieldMissing, UnknownContactRole, NotAnEmail, NotAPhone, TextTooLong, UnstorableText:
    """
    if not name.strip():
        raise errors.PartnerFieldMissing(field=_("Name"))
    if role not in ContactRole.values:
        raise errors.UnknownContactRole(role=role, roles=", ".join(ContactRole.values))
    texts.check_fits(PartnerContact, name=name.strip())
    return {"role": role, "name": name.strip(), "email": _email(email.strip()), "phone": _phone(phone)}


def refuse_addition(contact: PartnerContact) -> None:
    """:raises PartnerEnded, ContactKnown: when it cannot be added."""
    rules.refuse_ended(contact.partner)
    if contact.since is not None:
        raise errors.ContactKnown(name=contact.name)


def refuse_ending(contact: PartnerContact) -> None:
    """:raises ContactNotInForce: when it never began, or has ended."""
    if contact.since is None or contact.until is not None:
        raise errors.ContactNotInForce(name=contact.name)


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise errors.NotAnEmail from None
    if len(text) > _LONGEST_EMAIL:
        raise errors.NotAnEmail
    return text


def _phone(text: str) -> str:
    number = re.sub(r"[\s()./-]", "", text)
    if number and not _PHONE.fullmatch(number):
        raise errors.NotAPhone
    return number
