"""What staff is told of alerts, of cases, and of screening that does not go on. An e-mail says which alert or case, by reference,
and never what it is about.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from notifications.models import Severity
from notifications.notice_kinds import declare

_REFERENCE, _CASE = "%(alert)s", "%(case)s"

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
PAYEE_FAILED = declare(
    "risk.screening.payee_failed",
    _("payees of standing orders could not be held against the lists, and are not paid"),
    _("%(count)s, that of %(order)s first. The worker's log says why; each is tried again every hour."),
    severity=Severity.URGENT,
)
SCREENING_LATE = declare(
    "risk.screening.late",
    _("customers or payees wait too long to be screened: what is paid to new ones, or by them, is held back"),
    _("The first has waited for %(minutes)s minutes. See whether the worker runs, and what its log says."),
    severity=Severity.URGENT,
)

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
