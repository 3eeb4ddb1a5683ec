"""What staff is told of alerts, and of screening that does not go on. An e-mail names an alert, and never what it is about."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from notifications.models import Severity
from notifications.notice_kinds import declare

_REFERENCE = "%(alert)s"

ALERT_OVERDUE = declare("risk.alert.overdue", _("overdue"), _REFERENCE, severity=Severity.WARNING, mailed=_REFERENCE)
ALERT_LATE = declare(
    "risk.alert.late",
    _("overdue, and nobody has decided it"),
    "%(alert)s, %(worked_by)s",
    severity=Severity.URGENT,
    mailed=_REFERENCE,
)
SCREENING_FAILED = declare(
    "risk.screening.failed",
    _("customers could not be screened: what they pay is held back"),
    _("%(count)s, %(customer)s first. The worker's log says why; each is tried again every hour."),
    severity=Severity.URGENT,
)
SCREENING_LATE = declare(
    "risk.screening.late",
    _("customers wait too long to be screened: what new ones pay is held back"),
    _("The first has waited for %(minutes)s minutes. See whether the worker runs, and what its log says."),
    severity=Severity.URGENT,
)
