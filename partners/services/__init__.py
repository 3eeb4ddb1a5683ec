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

__all__ = [
    "change_partner",
    "end_partner",
    "issue_credential",
    "pick_up_secret",
    "register_partner",
    "resume_partner",
    "revoke_credential",
    "rotate_credential",
    "set_networks",
    "set_partner_limits",
    "suspend_partner",
]
