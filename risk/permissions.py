"""Which roles hold this app's rights. `manage.py sync_roles` makes the groups so; docs/permissions.md shows the whole."""

from __future__ import annotations

from staff.roles import Role, declare

_READERS = (Role.RISK_ANALYST, Role.FIRST_REVIEWER, Role.FINAL_REVIEWER)


def declare_all() -> None:
    """Declare them. What the rules are is not told to those who speak with customers: it would tell them off."""
    _declare_rules()


def _declare_rules() -> None:
    for noun in ("rule", "ruleversion", "rulesnooze", "rulebacktest"):
        declare(f"risk.view_{noun}", *_READERS)
    for verb in ("draft_rule", "start_shadow", "activate_rule", "retire_rule", "snooze_rule", "end_snooze"):
        declare(f"risk.{verb}", Role.RISK_ANALYST)
    declare("risk.run_backtest", Role.RISK_ANALYST)
