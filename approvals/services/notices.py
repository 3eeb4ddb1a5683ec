"""Tell staff of a request: a notice in their inbox, which leads to its page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from approvals.models import ApprovalRequest
from bankops.core.db import transaction_required
from notifications.notice_kinds import NoticeKind
from notifications.services import notices


@transaction_required
def tell(
    people: Iterable[UUID], kind: NoticeKind, request: ApprovalRequest, *, now: datetime, **words: str
) -> set[UUID]:
    """Write a notice to each of `people`, given by their keys, in the caller's transaction; return who was told.

    :param words: what the kind's sentence says beside the request's reference.
    """
    return notices.tell(
        people,
        kind,
        words={"request": request.reference, **words},
        link=reverse("admin:approvals_approvalrequest_change", args=[request.pk]),
        source=f"{request.public_id}@{now:%Y%m%dT%H%M%S%f}",
        now=now,
    )
