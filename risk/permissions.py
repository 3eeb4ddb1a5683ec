"""Which roles hold this app's rights. `manage.py sync_roles` makes the groups so; docs/permissions.md shows the whole."""

from __future__ import annotations

from staff.roles import Role, declare

# Nobody else sees that something is suspected: whoever talks to a customer could tell them (tipping off).
_RISK = (Role.RISK_ANALYST, Role.FIRST_REVIEWER, Role.FINAL_REVIEWER)


def declare_all() -> None:
    """Declare them; called once, when the app is ready."""
    _declare_alerts()
    _declare_lists()


def _declare_alerts() -> None:
    declare("risk.view_alert", *_RISK)
    declare("risk.work_alert", Role.RISK_ANALYST)
    declare("risk.reassign_alert", Role.FINAL_REVIEWER)  # the heads of risk: late alerts are told to them


def _declare_lists() -> None:
    for name in ("watchlist", "listedition", "ownlistmember", "rescreenrun", "screeninghit"):
        declare(f"risk.view_{name}", *_RISK)
    for verb in ("accept_list_edition", "add_to_list", "remove_from_list", "decide_hit", "clear_strong_hit"):
        declare(f"risk.{verb}", Role.RISK_ANALYST)
    declare("risk.reveal_list_member", *_RISK)
