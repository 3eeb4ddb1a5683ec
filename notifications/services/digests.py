"""E-mail: what somebody has not read yet in one message, never one for each event, and nothing about the bank's customers.

A message says what kind of thing waits, at most by reference, and leads to its page: what it is about is read there, after
signing in.
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
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications import notice_kinds
from notifications.models import Notice, NoticePreference, Severity
from staff.models import User
from staff.models.user import UserQuerySet

PAUSE = timedelta(minutes=15)
LINES_MAX = 50

log = structlog.get_logger(__name__)


def send_digests(*, now: datetime) -> int:
    """Mail everybody what they have neither read nor been mailed; return how many messages the mail server took.

    At most one message per person in `PAUSE`, none in their quiet hours (the bank's own clock), and nothing below the severity
    that they want mailed. What is urgent waits for neither, but for the last urgent message. Notices count as mailed when the
    server took the message, so one that it refused is tried again. People without an address find their notices in the back
    office only. Not to be called inside a transaction: the mail server is asked in the middle.
    """
    people = list(_recipients().order_by("employee_number").values_list("pk", flat=True))
    return sum(_spared(person, now) for person in people)


def _recipients() -> UserQuerySet:
    with_address = User.objects.active().exclude(email="")
    due: UserQuerySet = with_address.filter(Exists(_unmailed(OuterRef("pk"))))
    return due


def _unmailed(recipient: UUID | OuterRef) -> QuerySet[Notice]:
    return Notice.objects.filter(recipient=recipient, mailed_at__isnull=True, read_at__isnull=True)


def _spared(person: UUID, now: datetime) -> bool:
    """Mail one person; whatever is wrong with their message must not keep the others waiting."""
    try:
        return _send(person, now)
    except Exception:
        log.exception("digest_failed", person=str(person))
        return False


def _send(person: UUID, now: datetime) -> bool:
    with _only_one(person) as mine:
        # Looked at under the claim: another worker may have just been here.
        notices = _due(person, now) if mine else []
        if not notices or not _taken(_message(notices)):
            return False
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mailed_at=now)
        return True


def _due(person: UUID, now: datetime) -> list[Notice]:
    """Return what is to be mailed now, what is urgent first, then the newest; nothing where it is not the time."""
    wishes = NoticePreference.objects.filter(pk=person).first() or NoticePreference(user_id=person)
    mailed = _unmailed(person).filter(severity__in=wishes.mailed())
    waiting = list(mailed.select_related("recipient").order_by("-id"))
    waiting.sort(key=lambda notice: notice.severity != Severity.URGENT)
    lately = Notice.objects.filter(recipient=person, mailed_at__gt=now - PAUSE).values_list("severity", flat=True)
    if waiting and waiting[0].severity == Severity.URGENT and Severity.URGENT not in lately:
        return waiting
    return [] if lately or wishes.quiet_at(timezone.localtime(now).time()) else waiting


@contextmanager
def _only_one(person: UUID) -> Iterator[bool]:
    """Claim one person's digest on this database connection; another worker finds it taken. Lost with the connection."""
    key = f"notifications.digest:{person}"
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
    context = {
        "lines": [_line(notice) for notice in notices[:LINES_MAX]],
        "more": max(len(notices) - LINES_MAX, 0),
        "all_url": _absolute(reverse("admin:notifications_notice_changelist")),
    }
    return EmailMessage(
        subject=_subject(notices),
        body=render_to_string("notifications/mail_digest.txt", context),
        to=[notices[0].recipient.email],
    )


def _subject(notices: list[Notice]) -> str:
    """Return how many there are and how many are urgent: a subject stands on locked screens."""
    count, urgent = len(notices), sum(notice.severity == Severity.URGENT for notice in notices)
    said = ngettext("%(bank)s: %(count)s notice", "%(bank)s: %(count)s notices", count)
    said %= {"bank": settings.BANKOPS_NAME, "count": count}
    return _("%(notices)s, %(urgent)s urgent") % {"notices": said, "urgent": urgent} if urgent else said


def _line(notice: Notice) -> tuple[str, str]:
    link = _absolute(notice.link) if notice.link else ""
    return notice_kinds.mailed_of(notice.kind, notice.words), link


def _absolute(path: str) -> str:
    return f"{settings.BANKOPS_URL.rstrip('/')}{path}"


def _taken(message: EmailMessage) -> bool:
    try:
        return bool(message.send())
    except (SMTPException, OSError) as fault:
        log.warning("digest_not_sent", fault=type(fault).__name__)
        return False
