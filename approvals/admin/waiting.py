"""What waits for approval, shown elsewhere: on the record it is about, in the menu, on the first page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals import selectors
from approvals.admin.wording import label_of, time_left
from approvals.models import ReviewGrant
from approvals.permissions import VIEW
from approvals.services.decisions import DECIDE
from bankops.core import clock
from bankops.core.admin import extensions, home
from bankops.core.admin.extensions import Panel
from staff.actors import person_at

_SHOWN = 5


def install() -> None:
    """Bring banner and step; called once, when the admin modules are loaded."""
    extensions.add_banner(pending_work)
    home.add_steps(5, steps)


def pending_work(request: HttpRequest, subject_type: str, subject_id: str) -> Panel | None:
    """Return what waits for approval about one record, in two queries; nothing of its content."""
    if not request.user.has_perm(VIEW):
        return None
    grants = Prefetch("grants", ReviewGrant.objects.select_related("user").order_by("user__full_name"))
    now = clock.now()
    shown = selectors.open_as_shown_to(person_at(request), subject_type, subject_id)
    waiting = [
        {
            "approval": row,
            "label": label_of(row),
            "time_left": time_left(row, now),
            "asked": ", ".join(grant.user.full_name for grant in row.grants.all()),
        }
        for row in shown.prefetch_related(grants)[:_SHOWN]
    ]
    return Panel("approvals/banner.html", {"waiting": waiting}) if waiting else None


def badge(request: HttpRequest) -> str:
    """Return how many requests the person at the keyboard may decide now; empty when there is none."""
    return str(len(decidable_at(request)) or "")


def decidable_at(request: Any) -> list[UUID]:
    """Return which those are, asked once per page; none for people who never decide."""
    if not hasattr(request, "decidable_requests"):
        may_decide = request.user.has_perm(DECIDE)
        request.decidable_requests = selectors.decidable_ids(request.user, clock.now()) if may_decide else []
    found: list[UUID] = request.decidable_requests
    return found


def steps(request: HttpRequest) -> Iterator[home.Step]:
    """Yield what this person may do about approvals."""
    address = reverse("admin:approvals_approvalrequest_changelist")
    if request.user.has_perm(DECIDE):
        count = len(decidable_at(request))
        text = ngettext("%(count)s approval waits for you", "%(count)s approvals wait for you", count)
        label = text % {"count": count} if count else _("No approval waits for you")
        yield home.Step(label, _("Read, compare, decide with a one-time code."), address, "approval")
    elif request.user.has_perm(VIEW):
        yield home.Step(
            _("Follow approvals"), _("What waits for reviewers, and what became of it."), address, "approval"
        )
