"""Which roles hold this app's rights. `manage.py sync_roles` makes the groups so; docs/permissions.md shows the whole."""

from __future__ import annotations

from staff.roles import Role, declare

# Nobody else sees that something is suspected: whoever talks to a customer could tell them (tipping off).
_RISK = (Role.RISK_ANALYST, Role.FIRST_REVIEWER, Role.FINAL_REVIEWER)


def declare_all() -> None:
    """Declare them; called once, when the app is ready."""
    declare("risk.view_assessment", *_RISK)
    _declare_alerts()
    _declare_rules()
    _declare_score_models()


def _declare_alerts() -> None:
    declare("risk.view_alert", *_RISK)
    declare("risk.work_alert", Role.RISK_ANALYST)
    declare("risk.reassign_alert", Role.RISK_ANALYST, Role.FINAL_REVIEWER)


def _declare_rules() -> None:
    for noun in ("rule", "ruleversion", "rulesnooze", "rulebacktest"):
        declare(f"risk.view_{noun}", *_RISK)
    for verb in ("draft_rule", "start_shadow", "activate_rule", "retire_rule", "snooze_rule", "end_snooze"):
        declare(f"risk.{verb}", Role.RISK_ANALYST)
    declare("risk.run_backtest", Role.RISK_ANALYST)


def _declare_score_models() -> None:
    declare("risk.view_scoremodelversion", *_RISK)
    for verb in ("start_model_shadow", "activate_model", "retire_model"):
        declare(f"risk.{verb}", Role.RISK_ANALYST)
