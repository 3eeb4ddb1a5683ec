"""The guards of risk's tables, which `transactions.verification` finds switched on or says so."""

from __future__ import annotations

from typing import Final

RISK_GUARDS: Final[dict[str, tuple[str, ...]]] = {
    "risk_alert": (
        "alert_begins",
        "alert_fixed",
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
    "risk_ownlistmember": (
        "member_moves_version",
        "member_no_delete",
        "member_no_truncate",
        "member_under_consent",
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
