"""Which roles hold this app's rights. `manage.py sync_roles` makes the groups so; docs/permissions.md shows the whole."""

from __future__ import annotations

from staff.roles import Role, declare

_READERS = (
    Role.TELLER,
    Role.OPERATOR,
    Role.FIRST_REVIEWER,
    Role.FINAL_REVIEWER,
    Role.RISK_ANALYST,
    Role.FINANCE,
    Role.CUSTOMER_SERVICE,
    Role.AUDITOR,
)


def declare_all() -> None:
    """Declare them; called once, when the app is ready."""
    for noun in ("customer", "customeridentifier", "account", "accountparty", "product"):
        declare(f"accounts.view_{noun}", *_READERS)
    for permission in ("view_chartline", "view_general_ledger"):
        declare(f"accounts.{permission}", Role.FINANCE, Role.AUDITOR)
    for permission in ("register_customer", "open_account"):
        declare(f"accounts.{permission}", Role.TELLER, Role.OPERATOR)
    declare("accounts.close_account", Role.OPERATOR)
    declare("accounts.freeze_account", Role.OPERATOR, Role.RISK_ANALYST)
    declare("accounts.release_account", Role.OPERATOR)
