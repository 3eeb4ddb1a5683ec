"""Tell staff: a notice in the inbox at once, by e-mail as a digest, so that a busy morning is one mail and not forty."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from approvals.models import ApprovalRequest, Notice, NoticeKind
from bankops.core.db import transaction_required
from staff.models import User


@transaction_required
def tell(
    people: Iterable[UUID], kind: NoticeKind, request: ApprovalRequest | None, *, now: datetime, text: str = ""
) -> list[Notice]:
    """Write a notice to each of `people`, given by their keys, in the caller's transaction, and return them."""
    return Notice.objects.bulk_create(
        Notice(recipient_id=person, kind=kind, request=request, text=text, created_at=now) for person in people
    )


@transaction.atomic
def mark_read(*, recipient: User, notice_id: int | None = None, now: datetime) -> int:
    """Take one of somebody's notices, or all of them, as read; return how many were unread. Others' notices stay as they are."""
    unread = Notice.objects.filter(recipient=recipient, read_at__isnull=True)
    return (unread if notice_id is None else unread.filter(pk=notice_id)).update(read_at=now)
