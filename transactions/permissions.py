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
    for permission in ("view_transaction", "view_transferbatch", "view_standingorder", "view_hold"):
        declare(f"transactions.{permission}", *_READERS)
    for permission in ("view_journalentry", "view_trial_balance"):  # the whole bank's, confidential accounts among them
        declare(f"transactions.{permission}", Role.FINANCE)
    for permission in ("deposit", "withdraw", "transfer"):
        declare(f"transactions.{permission}", Role.TELLER, Role.OPERATOR)
    declare("transactions.view_standingorderrun", *_READERS)
    for verb in ("create", "change", "suspend", "resume", "end"):
        declare(f"transactions.{verb}_standing_order", Role.TELLER, Role.OPERATOR)
    declare("transactions.view_interestaccrual", *_READERS)
    declare("transactions.view_interestrate", *_READERS)
    declare("transactions.set_interest_rate", Role.FINANCE)
    declare("transactions.charge_fee", Role.OPERATOR, Role.FINANCE)
    declare("transactions.reverse", Role.OPERATOR)
    declare("transactions.refund", Role.OPERATOR)
    declare("transactions.view_duplicatepolicy", *_READERS)
    declare("transactions.view_duplicatedayreport", *_READERS)
    declare("transactions.change_duplicate_policy", Role.RISK_ANALYST)
    for verb in ("release", "cancel_held"):
        declare(f"transactions.{verb}", Role.OPERATOR, Role.RISK_ANALYST)
    for verb in ("release_risk_held", "decline_risk_held"):
        declare(f"transactions.{verb}", Role.RISK_ANALYST)
    declare("transactions.place_hold", Role.OPERATOR, Role.RISK_ANALYST)
    declare("transactions.capture_hold", Role.OPERATOR)
    declare("transactions.void_hold", Role.OPERATOR, Role.RISK_ANALYST)
