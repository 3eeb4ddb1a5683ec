"""The triggers on this app's tables, by table: `manage.py verify_books` looks whether they are there and switched on."""

from typing import Final

GUARDS: Final = {
    "risk_alert": (
        "alert_begins",
        "alert_fixed",
        "alert_into_case_of_nobody_concerned",
        "alert_moves",
        "alert_no_delete",
        "alert_no_truncate",
        "alert_worked_by_nobody_concerned",
    ),
    "risk_alertaccount": (
        "alert_account_append_only",
        "alert_account_no_truncate",
    ),
    "risk_alertconflict": (
        "alert_conflict_append_only",
        "alert_conflict_no_truncate",
    ),
    "risk_alertcustomer": (
        "alert_customer_append_only",
        "alert_customer_no_truncate",
    ),
    "risk_alertreason": (
        "alert_reason_append_only",
        "alert_reason_no_truncate",
    ),
    "risk_assessment": (
        "assessment_no_change",
        "assessment_no_truncate",
    ),
    "risk_case": (
        "case_begins",
        "case_closed_under_consent",
        "case_fixed",
        "case_no_delete",
        "case_no_truncate",
        "case_worked_by_nobody_concerned",
    ),
    "risk_caseaction": (
        "case_action_append_only",
        "case_action_no_truncate",
        "case_action_while_open",
    ),
    "risk_casefile": (
        "case_file_append_only",
        "case_file_no_truncate",
        "case_file_while_open",
    ),
    "risk_caselink": (
        "case_link_append_only",
        "case_link_no_truncate",
        "case_link_while_open",
    ),
    "risk_casenote": (
        "case_note_no_delete",
        "case_note_no_truncate",
        "case_note_only_wiped",
        "case_note_while_open",
    ),
    "risk_casereport": (
        "case_report_frozen",
        "case_report_no_delete",
        "case_report_no_truncate",
        "case_report_while_open",
    ),
    "risk_listedition": (
        "edition_born",
        "edition_moves",
        "edition_no_delete",
        "edition_no_truncate",
    ),
    "risk_listentry": (
        "entry_no_delete",
        "entry_no_truncate",
        "entry_only_ending",
    ),
    "risk_movedmoney": (
        "moved_money_no_delete",
        "moved_money_no_truncate",
        "moved_money_no_update",
    ),
    "risk_ownlistmember": (
        "member_moves_version",
        "member_no_delete",
        "member_no_truncate",
        "member_under_consent",
    ),
    "risk_pattern": (
        "pattern_grows",
        "pattern_no_delete",
        "pattern_no_truncate",
    ),
    "risk_rule": (
        "rule_fixed",
        "rule_moves_ruleset",
        "rule_no_delete",
        "rule_no_truncate",
    ),
    "risk_rulebacktest": (
        "backtest_fixed",
        "backtest_no_delete",
        "backtest_no_truncate",
    ),
    "risk_rulehit": (
        "rule_hit_no_change",
        "rule_hit_no_truncate",
    ),
    "risk_rulesnooze": (
        "snooze_fixed",
        "snooze_moves_ruleset",
        "snooze_no_delete",
        "snooze_no_truncate",
        "snooze_under_consent",
    ),
    "risk_ruleversion": (
        "rule_version_fixed",
        "rule_version_moves_ruleset",
        "rule_version_no_delete",
        "rule_version_no_truncate",
        "rule_version_starts_as_draft",
        "rule_version_under_consent",
    ),
    "risk_scoremodelversion": (
        "score_model_fixed",
        "score_model_moves_ruleset",
        "score_model_no_delete",
        "score_model_no_truncate",
        "score_model_starts_as_candidate",
        "score_model_under_consent",
    ),
    "risk_screeningdue": ("screening_due_no_truncate",),
    "risk_screeninghit": (
        "hit_born_open",
        "hit_moves",
        "hit_no_delete",
        "hit_no_truncate",
    ),
    "risk_velocitycounter": ("velocity_counter_no_truncate",),
    "risk_velocitytail": (
        "velocity_tail_no_truncate",
        "velocity_tail_no_update",
    ),
    "risk_watchlist": (
        "list_fixed",
        "list_moves_version",
        "list_no_delete",
        "list_no_truncate",
    ),
}
