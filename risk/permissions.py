"""Which roles hold this app's rights. `manage.py sync_roles` makes the groups so; docs/permissions.md shows the whole."""

from __future__ import annotations

from staff.roles import Role, declare

# Nobody else sees that something is suspected: whoever talks to a customer could tell them (tipping off).
_RISK = (Role.RISK_ANALYST, Role.FIRST_REVIEWER, Role.FINAL_REVIEWER)


def declare_all() -> None:
    """Declare them; called once, when the app is ready."""
    declare("risk.view_assessment", *_RISK)
    _declare_alerts()
    declare("risk.view_pattern", *_RISK)
    _declare_cases()
    _declare_rules()
    _declare_lists()
    _declare_score_models()


def _declare_alerts() -> None:
    declare("risk.view_alert", *_RISK)
    declare("risk.work_alert", Role.RISK_ANALYST)
    declare("risk.reassign_alert", Role.FINAL_REVIEWER)  # the heads of risk: late alerts are told to them


def _declare_cases() -> None:
    declare("risk.view_case", *_RISK)
    declare("risk.work_case", Role.RISK_ANALYST)
    declare("risk.close_case", Role.RISK_ANALYST)
    declare("risk.reassign_case", Role.FINAL_REVIEWER)
    declare("risk.export_report", Role.RISK_ANALYST)
    declare("risk.view_riskdayreport", *_RISK)
    declare("risk.view_registers", *_RISK)


def _declare_rules() -> None:
    for noun in ("rule", "ruleversion", "rulesnooze", "rulebacktest"):
        declare(f"risk.view_{noun}", *_RISK)
    for verb in ("draft_rule", "start_shadow", "activate_rule", "retire_rule", "snooze_rule", "end_snooze"):
        declare(f"risk.{verb}", Role.RISK_ANALYST)
    declare("risk.run_backtest", Role.RISK_ANALYST)


def _declare_lists() -> None:
    for name in ("watchlist", "listedition", "ownlistmember", "rescreenrun", "screeninghit"):
        declare(f"risk.view_{name}", *_RISK)
    for verb in ("accept_list_edition", "add_to_list", "remove_from_list", "decide_hit", "clear_strong_hit"):
        declare(f"risk.{verb}", Role.RISK_ANALYST)
    declare("risk.reveal_list_member", *_RISK)


def _declare_score_models() -> None:
    declare("risk.view_scoremodelversion", *_RISK)
    for verb in ("start_model_shadow", "activate_model", "retire_model"):
        declare(f"risk.{verb}", Role.RISK_ANALYST)
