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
from risk.services.reminders import remind_overdue

__all__ = [
    "AlertAbout",
    "Reason",
    "close_alert",
    "declare_conflict",
    "hand_back_alert",
    "raise_alert",
    "reassign_alert",
    "remind_overdue",
    "settle_alert",
    "take_alert",
    "take_next_alert",
]
