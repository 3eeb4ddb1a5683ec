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
    for permission in ("release_account", "mark_dormant", "wake_account", "reopen_account"):
        declare(f"accounts.{permission}", Role.OPERATOR)
    declare("accounts.set_overdraft", Role.OPERATOR)
    declare("accounts.set_limits", Role.OPERATOR, Role.CUSTOMER_SERVICE)
    declare("accounts.view_all_branches", Role.FIRST_REVIEWER, Role.FINAL_REVIEWER, Role.RISK_ANALYST, Role.FINANCE)
    # Held for one account only, as a grant (accounts.access): no role sees confidential accounts.
    declare("accounts.view_accountgrant", Role.RISK_ANALYST)
    for permission in ("set_confidential", "grant_access", "revoke_access"):
        declare(f"accounts.{permission}", Role.RISK_ANALYST)
    # What a partner's systems may do with an account. `partner_read` and its like are held by partners' groups alone.
    declare("accounts.view_accountpartnergrant", Role.OPERATOR, Role.RISK_ANALYST)
    declare("accounts.grant_partner_access", Role.OPERATOR)
    declare("accounts.revoke_partner_access", Role.OPERATOR, Role.RISK_ANALYST)
    for permission in ("update_customer", "add_party", "remove_party", "give_consent", "withdraw_consent"):
        declare(f"accounts.{permission}", Role.TELLER, Role.OPERATOR, Role.CUSTOMER_SERVICE)
    _declare_personal_data()
    _declare_kyc()


def _declare_personal_data() -> None:
    """Seeing a value in clear is everyday work at a desk; handing out or erasing everything is not."""
    declare("accounts.reveal_personal_data", Role.TELLER, Role.OPERATOR, Role.CUSTOMER_SERVICE, Role.RISK_ANALYST)
    declare("accounts.export_personal_data", Role.CUSTOMER_SERVICE)
    declare("accounts.pseudonymise_customer", Role.OPERATOR)


def _declare_kyc() -> None:
    """Knowing the customer: whoever brings an application does not vouch for it (docs/kyc.md)."""
    for noun in ("application", "document"):
        declare(f"accounts.view_{noun}", *_READERS)
    for permission in ("start_application", "resubmit_application", "withdraw_application", "upload_document"):
        declare(f"accounts.{permission}", Role.TELLER, Role.OPERATOR)
    for permission in ("verify_document", "confirm_identity", "run_checks"):
        declare(f"accounts.{permission}", Role.OPERATOR, Role.CUSTOMER_SERVICE)
    # Whoever agrees to an application may look at what it rests on.
    reviewers = (Role.FIRST_REVIEWER, Role.FINAL_REVIEWER, Role.RISK_ANALYST)
    declare("accounts.open_document", Role.OPERATOR, Role.CUSTOMER_SERVICE, *reviewers)
    declare("accounts.approve_application", Role.OPERATOR)
    declare("accounts.reject_application", Role.OPERATOR, Role.RISK_ANALYST)
    declare("accounts.override_check", Role.RISK_ANALYST)
    declare("accounts.confirm_review", Role.OPERATOR, Role.RISK_ANALYST)
    declare("accounts.raise_risk_rating", Role.RISK_ANALYST)
