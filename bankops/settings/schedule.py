"""What beat starts, and how often. docs/operations.md says what each does."""

from __future__ import annotations

from typing import Any


def _every(seconds: int, task: str) -> dict[str, Any]:
    """A message that nobody took before the next one is dropped: that one does its work."""
    return {"task": task, "schedule": float(seconds), "options": {"expires": seconds}}


SCHEDULE: dict[str, dict[str, Any]] = {
    "seal-audit-trail": _every(5, "core.seal_audit_trail"),
    "settle-abandoned-requests": _every(60, "core.settle_abandoned"),
    "purge-idempotency": _every(3_600, "core.purge_idempotency"),
    "clear-expired-sessions": _every(3_600, "staff.clear_expired_sessions"),
    "purge-used-nonces": _every(300, "partners.purge_nonces"),
    "clear-expired-tokens": _every(3_600, "partners.clear_tokens"),
    "expire-approval-requests": _every(30, "approvals.expire_requests"),
    "remind-reviewers": _every(60, "approvals.remind"),
    "top-up-reviewers": _every(60, "approvals.top_up"),
    "release-ended-restrictions": _every(60, "accounts.release_ended_restrictions"),
    "end-business-day": _every(300, "core.end_business_day"),
    "expire-held-payments": _every(300, "transactions.expire_held"),
    "expire-holds": _every(60, "transactions.expire_holds"),
    "screen-payees": _every(5, "transactions.screen_payees"),
    "look-after-payees": _every(300, "transactions.look_after_payees"),
    "roll-up-turnover": _every(600, "transactions.roll_up_turnover"),
    "fold-velocity": _every(2, "risk.fold_velocity"),
    "forget-velocity": _every(21_600, "risk.forget_velocity"),
    "remind-of-overdue-alerts": _every(300, "risk.remind_overdue"),
    "follow-alerts": _every(60, "risk.follow_alerts"),
    "erase-old-cases": _every(21_600, "risk.erase_old_cases"),
    "screen-customers": _every(5, "risk.screen_customers"),
    "screen-again": _every(3_600, "risk.screen_again"),
    "look-after-lists": _every(300, "risk.look_after_lists"),
    "look-after-screening": _every(300, "risk.look_after_screening"),
    "fetch-lists": _every(43_200, "risk.fetch_lists"),
    "work-off-backtests": _every(5, "risk.work_off_backtests"),
    "carry-outbox": _every(2, "notifications.carry"),
    "work-off-replays": _every(3, "notifications.replay"),
    "give-up-deliveries": _every(60, "notifications.give_up"),
    "drop-old-answers": _every(3_600, "notifications.drop_old_answers"),
    "send-digests": _every(60, "notifications.send_digests"),
    "look-after-endpoints": _every(60, "notifications.look_after_endpoints"),
}
