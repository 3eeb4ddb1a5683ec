"""How requests read in lists, on pages and in messages."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest, State
from bankops.core import operations
from bankops.core.admin.display import NOTHING, Tone, badge

SOON = timedelta(hours=2)
"""A request that expires within this is shown as pressing."""

_STATE_TONES = {
    State.PENDING: Tone.WARNING,
    State.RETURNED: Tone.WARNING,
    State.EXECUTED: Tone.GOOD,
    State.REJECTED: Tone.BAD,
    State.EXPIRED: Tone.BAD,
    State.STALE: Tone.BAD,
    State.FAILED: Tone.BAD,
}


def label_of(request: ApprovalRequest) -> str | Promise:
    """Return what people call the operation; its key where no app has it any more."""
    try:
        return operations.get(request.operation).label
    except operations.UnknownOperation:
        return request.operation


def standing(request: ApprovalRequest) -> SafeString:
    """Return whose turn it is or how it ended, in words and colour."""
    return badge(request.where_it_stands(), _STATE_TONES.get(State(request.state), Tone.QUIET))


def undone(request: ApprovalRequest) -> str:
    """Return where the result of a request stands that was agreed to, when it is not what was asked for yet; else nothing."""
    if request.state != State.EXECUTED or not request.result_id:
        return ""
    try:
        return operations.get(request.operation).where_it_stands(request.result_id)
    except operations.UnknownOperation:
        return ""


def time_left(request: ApprovalRequest, now: datetime, *, roughly: bool = False) -> SafeString | str:
    """Return how long an undecided request can still be decided; a dash for one that has ended."""
    if not request.is_open:
        return NOTHING
    moment = request.expires_at.isoformat()
    if request.expires_at <= now:
        return format_html('<time datetime="{}">{}</time>', moment, badge(_("overdue"), Tone.BAD))
    left = _("%(time)s left") % {"time": timeuntil(request.expires_at, now, depth=1 if roughly else 2)}
    tone = Tone.WARNING if request.expires_at - now < SOON else Tone.QUIET
    return format_html('<time datetime="{}">{}</time>', moment, badge(left, tone))
