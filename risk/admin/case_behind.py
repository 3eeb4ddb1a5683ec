"""On a request's page: the case that it was ordered from and why, for whoever may read the request and see the case.

The request itself says neither, because the record that it is about is read by whoever talks to customers.
"""

from __future__ import annotations

from django.http import HttpRequest

from approvals import selectors
from approvals.models import ApprovalRequest
from bankops.core.admin import extensions
from bankops.core.admin.extensions import Panel
from risk.access import visible_cases
from risk.models import CaseAction
from staff.actors import person_at


def install() -> None:
    """Bring the panel; called once, when the admin modules are loaded."""
    extensions.add_panel(ApprovalRequest, case_behind)


def case_behind(request: HttpRequest, approval: ApprovalRequest) -> Panel | None:
    """Return the case behind a request, in a constant number of queries; None where there is none for this person."""
    if not request.user.has_perm("risk.view_case"):
        return None
    ordered = CaseAction.objects.filter(approval_request=approval, case__in=visible_cases(request.user))
    action = ordered.select_related("case").first()
    if action is None or not selectors.may_read(approval, person_at(request)):
        return None
    return Panel("risk/case_behind.html", {"case": action.case, "reason": action.reason, "by": action.ordered_by_name})
