"""Row locks of this app. Lock order (docs/architecture.md): request → maker's turn → reviewer → what the operation touches."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from approvals.errors import ReviewerDisabled, UnknownRequest
from approvals.models import ApprovalRequest
from bankops.core.db import busy_is_an_answer, transaction_required
from staff.models import User


@transaction_required
def request_for_update(request_id: UUID) -> ApprovalRequest:
    """Lock one request and return it as it is now.

    :raises UnknownRequest: when there is none.
    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        row = ApprovalRequest.objects.select_for_update(of=("self",), no_key=True).filter(pk=request_id).first()
    if row is None:
        raise UnknownRequest(reference=request_id)
    return row


@transaction_required
def makers_turn(request: ApprovalRequest) -> None:
    """Let decisions on one maker's requests wait for each other, as the guard of decisions would a moment later.

    Two at the same instant would not see each other in the rule that the same pair may not go on for ever.
    """
    with busy_is_an_answer(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"approvals.maker:{request.maker_id}"])


@transaction_required
def reviewer_for_update(user: User) -> User:
    """Lock a reviewer's row, so that their roles cannot be revoked while they decide; return them as they are now.

    :raises ReviewerDisabled: when they may not sign in any more.
    """
    with busy_is_an_answer():
        row = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    if not row.is_active:
        raise ReviewerDisabled(name=row.full_name)
    return row
