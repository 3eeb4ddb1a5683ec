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
    for permission in ("view_transaction", "view_journalentry", "view_standingorder"):
        declare(f"transactions.{permission}", *_READERS)
    declare("transactions.view_trial_balance", Role.FINANCE, Role.AUDITOR)
    for permission in ("deposit", "withdraw", "transfer"):
        declare(f"transactions.{permission}", Role.TELLER, Role.OPERATOR)
    declare("transactions.charge_fee", Role.OPERATOR, Role.FINANCE)
    declare("transactions.reverse", Role.OPERATOR)
