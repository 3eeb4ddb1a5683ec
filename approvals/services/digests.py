"""E-mail: what somebody has not read yet in one message, never one for each event, and nothing about the bank's customers.

A message says which requests wait, by reference, and leads to their pages; what they are about is read there, after signing in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from smtplib import SMTPException
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import ngettext

from approvals.models import Notice
from staff.models import User
from staff.models.user import UserQuerySet

PAUSE = timedelta(minutes=15)
LINES_MAX = 50

log = structlog.get_logger(__name__)


def send_digests(*, now: datetime) -> int:
    """Mail everybody what they have neither read nor been mailed; return how many messages the mail server took.

    At most one message per person in `PAUSE`. Notices count as mailed when the server took the message, so one that it
    refused is tried again. People without an address find their notices in the back office only. Not to be called inside a
    transaction: the mail server is asked in the middle.
    """
    people = list(_recipients(now).order_by("employee_number").values_list("pk", flat=True))
    return sum(_send(person, now) for person in people)


def _recipients(now: datetime) -> UserQuerySet:
    mailed_lately = Notice.objects.filter(recipient=OuterRef("pk"), mailed_at__gt=now - PAUSE)
    with_address = User.objects.active().exclude(email="")
    due: UserQuerySet = with_address.filter(Exists(_unmailed(OuterRef("pk")))).exclude(Exists(mailed_lately))
    return due


def _unmailed(recipient: UUID | OuterRef) -> QuerySet[Notice]:
    return Notice.objects.filter(recipient=recipient, mailed_at__isnull=True, read_at__isnull=True)


def _send(person: UUID, now: datetime) -> bool:
    with _only_one(person) as mine:
        # Looked at again: another worker may have just been here.
        if not mine or not _recipients(now).filter(pk=person).exists():
            return False
        notices = list(_unmailed(person).select_related("request", "recipient").order_by("-id"))
        if not _taken(_message(notices)):
            return False
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mailed_at=now)
        return True


@contextmanager
def _only_one(person: UUID) -> Iterator[bool]:
    """Claim one person's digest on this database connection; another worker finds it taken. Lost with the connection."""
    key = f"approvals.digest:{person}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        (mine,) = cursor.fetchone()
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])


def _message(notices: list[Notice]) -> EmailMessage:
    count = len(notices)
    subject = ngettext("%(bank)s: %(count)s notice", "%(bank)s: %(count)s notices", count)
    context = {
        "lines": [(notice, _link(notice)) for notice in notices[:LINES_MAX]],
        "more": max(count - LINES_MAX, 0),
        "all_url": _absolute(reverse("admin:approvals_notice_changelist")),
    }
    return EmailMessage(
        subject=subject % {"bank": settings.BANKOPS_NAME, "count": count},
        body=render_to_string("approvals/mail_digest.txt", context),
        to=[notices[0].recipient.email],
    )


def _link(notice: Notice) -> str:
    if notice.request_id is None:
        return ""
    return _absolute(reverse("admin:approvals_approvalrequest_change", args=[notice.request_id]))


def _absolute(path: str) -> str:
    return f"{settings.BANKOPS_URL.rstrip('/')}{path}"


def _taken(message: EmailMessage) -> bool:
    try:
        return bool(message.send())
    except (SMTPException, OSError) as fault:
        log.warning("digest_not_sent", fault=type(fault).__name__)
        return False
