"""Remarks on a request, by those who have to do with it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from approvals import errors, events, locks, selectors
from approvals.models import Comment
from bankops.core import audit
from bankops.core.texts import check_storable
from staff.models import User


@transaction.atomic
def comment_on_request(*, request_id: UUID, author: User, text: str, now: datetime) -> Comment:
    """Write a remark that everybody who may read the request sees. Writes `approvals.request.commented`, without its words.

    Its maker and its reviewers may, also when it is decided. The auditor reads, and says nothing.

    :raises UnknownRequest: when there is none.
    :raises NotForYou: by anybody else.
    :raises EmptyComment: without words.
    :raises UnstorableText: when it holds a character that cannot be kept.
    """
    request = locks.request_for_update(request_id)
    if not selectors.takes_part(request, author):
        raise errors.NotForYou(reference=request.reference)
    text = text.strip()
    if not text:
        raise errors.EmptyComment
    check_storable(text)
    comment = Comment.objects.create(request=request, author=author, text=text, written_at=now)
    audit.record(
        events.COMMENTED,
        actor=author.as_actor(),
        subject=request.subject(),
        now=now,
        approval_request_id=request.public_id,
    )
    return comment
