"""What writes risk's tables."""

from risk.services.alert_work import (
    close_alert,
    declare_conflict,
    hand_back_alert,
    reassign_alert,
    take_alert,
    take_next_alert,
)
from risk.services.alerts import AlertAbout, Reason, raise_alert, settle_alert
from risk.services.case_closing import close_case, close_high_risk_case, reopen_case
from risk.services.case_content import add_case_file, link_to_case, open_case_file, write_case_note
from risk.services.case_following import follow_alerts
from risk.services.case_orders import order_from_case
from risk.services.case_reminders import remind_of_cases
from risk.services.case_retention import erase_old_cases
from risk.services.cases import add_alert_to_case, open_case, park_case, reassign_case, resume_case
from risk.services.day_reports import report_day
from risk.services.register_exports import note_register_export
from risk.services.reminders import remind_overdue
from risk.services.reports import change_report, draft_report, export_report

__all__ = [
    "AlertAbout",
    "Reason",
    "add_alert_to_case",
    "add_case_file",
    "change_report",
    "close_alert",
    "close_case",
    "close_high_risk_case",
    "declare_conflict",
    "draft_report",
    "erase_old_cases",
    "export_report",
    "follow_alerts",
    "hand_back_alert",
    "link_to_case",
    "note_register_export",
    "open_case",
    "open_case_file",
    "order_from_case",
    "park_case",
    "raise_alert",
    "reassign_alert",
    "reassign_case",
    "remind_of_cases",
    "remind_overdue",
    "reopen_case",
    "report_day",
    "resume_case",
    "settle_alert",
    "take_alert",
    "take_next_alert",
    "write_case_note",
]
