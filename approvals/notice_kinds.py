"""What staff is told of approvals. An e-mail says which request, by reference, and never what it is about."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from notifications.models import Severity
from notifications.notice_kinds import declare

_REFERENCE = "%(request)s"

ASSIGNED = declare(
    "approvals.request.assigned", _("assigned to you"), _REFERENCE, severity=Severity.INFO, mailed=_REFERENCE
)
HALF_TIME = declare(
    "approvals.request.half_time",
    _("half of the time is over"),
    _REFERENCE,
    severity=Severity.WARNING,
    mailed=_REFERENCE,
)
EXPIRING = declare(
    "approvals.request.expiring", _("about to expire"), _REFERENCE, severity=Severity.WARNING, mailed=_REFERENCE
)
OUTCOME = declare(
    "approvals.request.outcome", _("decided"), "%(request)s: %(state)s", severity=Severity.INFO, mailed=_REFERENCE
)
NOBODY = declare(
    "approvals.request.nobody", _("nobody may decide it"), _REFERENCE, severity=Severity.URGENT, mailed=_REFERENCE
)
POLICY_UNREADABLE = declare(
    "approvals.policy.unreadable",
    _("an approval policy cannot be read"),
    "%(policy)s",
    severity=Severity.URGENT,
)
