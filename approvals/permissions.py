"""Which roles hold this app's rights. `manage.py sync_roles` makes the groups so; docs/permissions.md shows the whole."""

from __future__ import annotations

from staff.roles import Role, declare

VIEW = "approvals.view_approvalrequest"
"""Lets into the inbox and onto every request's page; what a request is about is read by fewer (selectors/requests.py)."""

REVIEWERS = (Role.FIRST_REVIEWER, Role.FINAL_REVIEWER, Role.RISK_ANALYST, Role.FINANCE)
"""Who can stand at a stage of a chain."""

_MAKERS = (Role.TELLER, Role.OPERATOR, Role.CUSTOMER_SERVICE, Role.ADMINISTRATOR)


def declare_all() -> None:
    """Declare them; called once, when the app is ready."""
    declare(VIEW, *REVIEWERS, *_MAKERS)
    declare("approvals.decide_request", *REVIEWERS)
    # What a request is about is read by its maker, by those assigned to it, and by the auditor.
    declare("approvals.view_payload", Role.AUDITOR)
    declare("approvals.reassign_request", Role.ADMINISTRATOR, administrative=True)
    for permission in ("view_policy", "view_policyversion", "view_referencerate", "view_duty", "view_standin"):
        declare(f"approvals.{permission}", *REVIEWERS, Role.ADMINISTRATOR)
    for permission in ("change_policy", "set_reference_rate", "change_roster", "name_any_stand_in", "unlock_reviewer"):
        declare(f"approvals.{permission}", Role.ADMINISTRATOR, administrative=True)
    declare("approvals.name_stand_in", *REVIEWERS)
