"""What working alerts refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class UnknownAlert(BankOpsError):
    code = "unknown_alert"
    message = _("There is no such alert.")
    http_status = 404


class ScoreOutOfRange(BankOpsError):
    code = "score_out_of_range"
    message = _("%(score)s is no score: it goes from 0 to 1000.")


class AlertWithoutReason(BankOpsError):
    code = "alert_without_reason"
    message = _("An alert says why it is raised: give it at least one reason.")


class QueueEmpty(BankOpsError):
    code = "queue_empty"
    message = _("No alert waits that you may work. Look again later.")
    http_status = 404


class AlertNotWaiting(BankOpsError):
    code = "alert_not_waiting"
    message = _("Alert %(alert)s does not wait to be taken: %(state)s. Take another one.")
    http_status = 409


class AlertNotYours(BankOpsError):
    code = "alert_not_yours"
    message = _("You do not work alert %(alert)s: %(state)s. Take it first, or have it handed to you.")
    http_status = 409


class AlertNotInWork(BankOpsError):
    code = "alert_not_in_work"
    message = _("Alert %(alert)s is not in anybody's hands: %(state)s.")
    http_status = 409


class ConflictOfInterest(BankOpsError):
    code = "conflict_of_interest"
    message = _("%(name)s may not work alert %(alert)s: %(cause)s. Let somebody else work it.")
    http_status = 403


class NotAnAnalyst(BankOpsError):
    code = "not_an_analyst"
    message = _("%(name)s may not work alerts. Choose somebody who holds that right.")


class UnknownAlertOutcome(BankOpsError):
    code = "unknown_alert_outcome"
    message = _("“%(outcome)s” is nothing an alert comes to by itself. Choose one of: %(choices)s.")


class HighAlertNeedsCase(BankOpsError):
    code = "high_alert_needs_case"
    message = _("Alert %(alert)s is of high priority: two people decide it. Open a case from it, and close that.")
    http_status = 409
