"""Which roles hold this app's rights. `manage.py sync_roles` makes the groups so; docs/permissions.md shows the whole."""

from __future__ import annotations

from staff.roles import Role, declare

_READERS = (
    Role.OPERATOR,
    Role.FIRST_REVIEWER,
    Role.FINAL_REVIEWER,
    Role.RISK_ANALYST,
    Role.CUSTOMER_SERVICE,
    Role.ADMINISTRATOR,
)


def declare_all() -> None:
    """Declare them: who a partner is and what it may move is business; its credentials are the administrator's."""
    for noun in ("partner", "network", "partnerlimit", "credential", "credentialsecret", "signingkey"):
        declare(f"partners.view_{noun}", *_READERS)
    for permission in ("register_partner", "change_partner", "resume_partner", "end_partner"):
        declare(f"partners.{permission}", Role.OPERATOR)
    for permission in ("set_networks", "set_partner_limits"):
        declare(f"partners.{permission}", Role.OPERATOR)
    for permission in ("issue_credential", "rotate_credential", "pick_up_secret", "set_signing_key"):
        declare(f"partners.{permission}", Role.ADMINISTRATOR, administrative=True)
    # Shutting a system out is nobody's privilege among those who watch it.
    declare("partners.suspend_partner", Role.OPERATOR, Role.RISK_ANALYST, Role.ADMINISTRATOR, administrative=True)
    declare("partners.revoke_credential", Role.OPERATOR, Role.RISK_ANALYST, Role.ADMINISTRATOR, administrative=True)
    _declare_systems_and_contacts()


def _declare_systems_and_contacts() -> None:
    for noun in ("partnersystem", "partnercontact"):
        declare(f"partners.view_{noun}", *_READERS)
    for permission in ("add_system", "retire_system", "add_contact", "end_contact"):
        declare(f"partners.{permission}", Role.OPERATOR)
    # Who rings them, about a payment, about an attack, or to hand half of a secret over; and who agrees to them.
    declare("partners.show_contact", *_READERS, administrative=True)
