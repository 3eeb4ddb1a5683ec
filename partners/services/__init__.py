from partners.services.contacts import add_contact, draft_contact, end_contact, show_contact
from partners.services.credentials import issue_credential, pick_up_secret, revoke_credential, rotate_credential
from partners.services.partners import (
    change_partner,
    end_partner,
    register_partner,
    resume_partner,
    set_networks,
    set_partner_limits,
    suspend_partner,
)
from partners.services.signing_keys import set_signing_key
from partners.services.systems import add_system, retire_system

__all__ = [
    "add_contact",
    "add_system",
    "change_partner",
    "draft_contact",
    "end_contact",
    "end_partner",
    "issue_credential",
    "pick_up_secret",
    "register_partner",
    "resume_partner",
    "retire_system",
    "revoke_credential",
    "rotate_credential",
    "set_networks",
    "set_partner_limits",
    "set_signing_key",
    "show_contact",
    "suspend_partner",
]
