"""Tell staff: a notice in the inbox at once, by e-mail as a digest, so that a busy morning is one mail and not forty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from psycopg.types.json import Jsonb

from bankops.core import sql_arrays
from bankops.core.db import prepared, transaction_required
from notifications.models import Notice
from notifications.notice_kinds import NoticeKind
from staff.models import User

# `staff.User` keys, each told once of one kind and source.
_TELL = """
    INSERT INTO notifications_notice (recipient_id, kind, severity, words, link, source, created_at)
    SELECT DISTINCT person, %(kind)s, %(severity)s, %(words)s, %(link)s, %(source)s, %(now)s::timestamptz
      FROM unnest(%(people)s::uuid[]) person
    ON CONFLICT (recipient_id, kind, source) DO NOTHING
    RETURNING recipient_id
"""


@transaction_required
def tell(
    people: Iterable[UUID],
    kind: NoticeKind,
    *,
    source: str,
    now: datetime,
    words: Mapping[str, Any] | None = None,
    link: str = "",
) -> set[UUID]:
    """Write a notice to each of `people`, given by their keys, in the caller's transaction; return who had none yet.

    :param source: what it comes of (`evt_…`, or a record's id), at most 64 characters: one notice of a kind and source goes
        to one person, however often it is told.
    :param words: what the kind's sentence fills in; JSON primitives, nothing personal.
    :param link: path of the page that it is about.
    :raises TransactionRequired: outside a transaction.
    """
    told = {
        "people": sql_arrays.of_uuids(people),
        "kind": kind.key,
        "severity": kind.severity.value,
        "words": Jsonb(dict(words or {})),
        "link": link,
        "source": source,
        "now": now,
    }
    return {person for (person,) in prepared(_TELL, told)}


@transaction.atomic
def mark_read(*, recipient: User, notice_id: int | None = None, now: datetime) -> int:
    """Take one of somebody's notices, or all of them, as read; return how many were unread. Others' notices stay as they are."""
    unread = Notice.objects.filter(recipient=recipient, read_at__isnull=True)
    return (unread if notice_id is None else unread.filter(pk=notice_id)).update(read_at=now)
