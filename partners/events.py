"""What `partners` writes into the audit trail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.audit import Subject, event_type
from partners.models import Credential, Partner, PartnerContact, PartnerSystem

REGISTERED = event_type("partners.partner.registered", _("Partner registered"))
CHANGED = event_type("partners.partner.changed", _("Partner changed"))
SUSPENDED = event_type("partners.partner.suspended", _("Partner suspended"))
RESUMED = event_type("partners.partner.resumed", _("Partner resumed"))
ENDED = event_type("partners.partner.ended", _("Partnership ended"))
NETWORKS_SET = event_type("partners.partner.networks_set", _("Partner's networks set"))
LIMITS_SET = event_type("partners.partner.limits_set", _("Partner's limits set"))

ISSUED = event_type("partners.credential.issued", _("Credential issued"))
ROTATED = event_type("partners.credential.rotated", _("Credential's secret to be replaced"))
PICKED_UP = event_type("partners.credential.picked_up", _("Secret picked up"))
REVOKED = event_type("partners.credential.revoked", _("Credential revoked"))
SIGNING_KEY_SET = event_type("partners.credential.signing_key_set", _("Credential's signing key set"))

SYSTEM_ADDED = event_type("partners.system.added", _("System added"))
SYSTEM_RETIRED = event_type("partners.system.retired", _("System retired"))
CONTACT_ADDED = event_type("partners.contact.added", _("Contact added"))
CONTACT_ENDED = event_type("partners.contact.ended", _("Contact ended"))
CONTACT_SHOWN = event_type("partners.contact.shown", _("Shown how to reach a contact"))


def about(partner: Partner) -> Subject:
    """Return a partner as subject of an event."""
    return Subject("partner", partner.public_id, partner.name)


def about_credential(credential: Credential) -> Subject:
    """Return a credential as subject of an event."""
    return Subject("credential", credential.public_id, credential.name)


def about_system(system: PartnerSystem) -> Subject:
    """Return a system as subject of an event."""
    return Subject("partner_system", system.public_id, system.name)


def about_contact(contact: PartnerContact) -> Subject:
    """Return a contact as subject of an event."""
    return Subject("partner_contact", contact.public_id, contact.name)
