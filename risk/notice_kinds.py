"""What staff is told of alerts and cases. An e-mail says which one, by reference, and never what it is about."""

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

_CASE = "%(case)s"

CASE_OVERDUE = declare("risk.case.overdue", _("case overdue"), _CASE, severity=Severity.WARNING, mailed=_CASE)
CASE_LATE = declare(
    "risk.case.late",
    _("case overdue for a business day"),
    "%(case)s, %(worked_by)s",
    severity=Severity.URGENT,
    mailed=_CASE,
)
CASE_TO_LOOK_AT = declare(
    "risk.case.look_again",
    _("case to be looked at again"),
    _CASE,
    severity=Severity.INFO,
    mailed=_CASE,
)
