"""Digests: one message for everything unread, nothing about customers in it, and sent exactly once."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from approvals import notice_kinds
from approvals.models import ApprovalRequest
from bankops.core import clock
from bankops.core.models import AuditEvent
from notifications.models import Notice, NoticePreference, Severity
from notifications.notice_kinds import NoticeKind
from notifications.own_notices import INCIDENT, RESTING, SETTLED
from notifications.services import mark_read, send_digests, set_notice_preferences
from notifications.services.digests import LINES_MAX
from staff.models import User
from tests.approvals.asking import ask_for_role
from tests.committed import at_once
from tests.unchanged import refused, refused_by_database

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def reviewer(first_reviewer: User) -> User:
    first_reviewer.email = "fang@bank.example"
    first_reviewer.save(update_fields=["email"])
    return first_reviewer


@pytest.fixture
def request_(administrator: User, outsider: User, reviewer: User) -> ApprovalRequest:
    return ask_for_role(administrator, outsider)


def unmailed() -> int:
    return Notice.objects.filter(mailed_at=None).count()


def notices(
    reviewer: User, count: int, request: ApprovalRequest | None = None, kind: NoticeKind = notice_kinds.HALF_TIME
) -> None:
    """Write notices, about a request or about what the endpoint of a partner does."""
    words = (
        {"request": request.reference} if request else {"partner": "Bright Pay", "host": "example.com", "waiting": 1}
    )
    link = reverse("admin:approvals_approvalrequest_change", args=[request.pk]) if request else ""
    Notice.objects.bulk_create(
        Notice(
            recipient=reviewer,
            kind=kind.key,
            severity=kind.severity,
            words=words,
            link=link,
            source=str(uuid4()),
            created_at=clock.now(),
        )
        for _number in range(count)
    )


def test_everything_unread_comes_in_one_message(request_: ApprovalRequest, reviewer: User) -> None:
    notices(reviewer, 3, request_)
    assert send_digests(now=clock.now()) == 1
    (message,) = mail.outbox
    assert message.to == ["fang@bank.example"]
    assert message.subject == "bankops: 4 notices"
    assert message.body.count(request_.reference) == 4
    assert f"http://localhost:8000/admin/approvals/approvalrequest/{request_.pk}/change/" in message.body
    assert unmailed() == 0


def test_a_message_says_nothing_about_people_or_money(request_: ApprovalRequest) -> None:
    send_digests(now=clock.now())
    (message,) = mail.outbox
    told = f"{message.subject} {message.body}"
    for secret in ("Lu Ren", "Guan Li", "T1010", "role", "hired", "CNY"):
        assert secret not in told


def test_what_was_mailed_is_not_mailed_again(request_: ApprovalRequest) -> None:
    now = clock.now()
    assert [send_digests(now=now), send_digests(now=now + 60 * MINUTE)] == [1, 0]


def test_a_storm_waits_for_a_quarter_of_an_hour(request_: ApprovalRequest, reviewer: User) -> None:
    now = clock.now()
    send_digests(now=now)
    notices(reviewer, 5, request_)
    assert [send_digests(now=now + 14 * MINUTE), send_digests(now=now + 15 * MINUTE)] == [0, 1]
    assert [message.subject for message in mail.outbox] == ["bankops: 1 notice", "bankops: 5 notices"]


def test_what_was_read_in_the_back_office_is_not_mailed(request_: ApprovalRequest, reviewer: User) -> None:
    mark_read(recipient=reviewer, now=clock.now())
    assert send_digests(now=clock.now()) == 0


def test_a_long_absence_makes_a_message_of_bounded_length(reviewer: User) -> None:
    notices(reviewer, LINES_MAX + 7)
    send_digests(now=clock.now())
    assert "And 7 more." in mail.outbox[0].body
    assert unmailed() == 0


def test_people_without_an_address_keep_the_notice_in_the_back_office(
    administrator: User, outsider: User, first_reviewer: User
) -> None:
    ask_for_role(administrator, outsider)
    assert send_digests(now=clock.now()) == 0
    assert unmailed() == 1


def test_who_left_gets_no_mail(request_: ApprovalRequest, reviewer: User) -> None:
    reviewer.is_active = False
    reviewer.save(update_fields=["is_active"])
    assert send_digests(now=clock.now()) == 0


def test_what_no_server_took_is_tried_again(request_: ApprovalRequest, settings: Any) -> None:
    with no_mail_server(settings):
        assert send_digests(now=clock.now()) == 0
    assert unmailed() == 1
    assert send_digests(now=clock.now()) == 1


@pytest.mark.parametrize("unmailable", ["x@bank.example\nBcc: all@bank.example", f"x@{'ä' * 64}.example"])
def test_a_message_that_cannot_be_sent_keeps_nobody_elses_waiting(
    request_: ApprovalRequest,
    administrator: User,
    reviewer: User,
    unmailable: str,
) -> None:
    assert reviewer.employee_number < administrator.employee_number  # whose turn comes first
    User.objects.filter(pk=reviewer.pk).update(email=unmailable)
    User.objects.filter(pk=administrator.pk).update(email="guan@bank.example")
    notices(administrator, 1)
    assert send_digests(now=clock.now()) == 1
    assert [message.to for message in mail.outbox] == [["guan@bank.example"]]
    assert Notice.objects.get(mailed_at=None).recipient == reviewer


def test_a_message_can_go_into_a_file(request_: ApprovalRequest, settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    assert send_digests(now=clock.now()) == 1
    (written,) = tmp_path.iterdir()
    assert request_.reference in written.read_text()


def test_several_workers_send_a_message_once(committed_db: None, request_: ApprovalRequest) -> None:
    now = clock.now()
    sent = at_once(*[lambda: send_digests(now=now)] * 6)
    assert sorted(count for count in sent if isinstance(count, int)) == [0, 0, 0, 0, 0, 1], sent
    assert len(mail.outbox) == 1


# -- What somebody wants, and when --------------------------------------------------------------------------------------


def at(hour: int, minute: int = 0) -> datetime:
    """Return a moment of one day by the bank's own clock."""
    return datetime(2026, 11, 23, hour, minute, tzinfo=timezone.get_default_timezone())


def wish(person: User, mail_from: Severity | None, quiet: tuple[time, time] | None = None) -> None:
    begin, end = quiet or (None, None)
    set_notice_preferences(person=person, mail_from=mail_from, quiet_from=begin, quiet_until=end, now=clock.now())


NIGHT = (time(22), time(7))


@pytest.mark.parametrize(
    ("quiet", "hour", "sent"),
    [
        (NIGHT, 21, 1),
        (NIGHT, 22, 0),
        (NIGHT, 3, 0),
        (NIGHT, 7, 1),
        ((time(12), time(13)), 11, 1),
        ((time(12), time(13)), 12, 0),
        ((time(12), time(13)), 13, 1),
        (None, 3, 1),
    ],
    ids=str,
)
def test_quiet_hours_are_those_of_the_banks_clock(
    reviewer: User, quiet: tuple[time, time] | None, hour: int, sent: int
) -> None:
    notices(reviewer, 1, kind=RESTING)
    wish(reviewer, Severity.INFO, quiet)
    assert send_digests(now=at(hour)) == sent
    assert unmailed() == 1 - sent


def test_what_waited_through_the_night_comes_in_the_morning(reviewer: User) -> None:
    wish(reviewer, Severity.INFO, NIGHT)
    notices(reviewer, 3, kind=RESTING)
    assert [send_digests(now=at(hour)) for hour in (0, 6, 7)] == [0, 0, 1]
    assert mail.outbox[0].subject == "bankops: 3 notices"


def test_what_is_urgent_is_mailed_at_any_hour_and_at_once(reviewer: User) -> None:
    wish(reviewer, Severity.INFO, NIGHT)
    notices(reviewer, 2, kind=RESTING)
    assert send_digests(now=at(21, 59)) == 1
    notices(reviewer, 1, kind=RESTING)
    notices(reviewer, 1, kind=INCIDENT)
    assert send_digests(now=at(22, 1)) == 1
    message = mail.outbox[1]
    assert message.subject == "bankops: 2 notices, 1 urgent"
    assert message.body.splitlines()[0] == "a webhook endpoint needs somebody to look after it"


def test_a_storm_of_what_is_urgent_is_one_message_a_quarter_of_an_hour(reviewer: User) -> None:
    sent = []
    for minute in range(0, 30, 3):
        notices(reviewer, 1, kind=INCIDENT)
        sent.append(send_digests(now=at(10, minute)))
    assert sent == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("mail_from", "subject"),
    [
        (Severity.INFO, "bankops: 3 notices, 1 urgent"),
        (Severity.WARNING, "bankops: 2 notices, 1 urgent"),
        (Severity.URGENT, "bankops: 1 notice, 1 urgent"),
        (None, ""),
    ],
)
def test_everybody_chooses_what_is_mailed(reviewer: User, mail_from: Severity | None, subject: str) -> None:
    for kind in (SETTLED, RESTING, INCIDENT):
        notices(reviewer, 1, kind=kind)
    wish(reviewer, mail_from)
    send_digests(now=clock.now())
    assert [message.subject for message in mail.outbox] == ([subject] if subject else [])


def test_a_message_names_no_partner(reviewer: User) -> None:
    notices(reviewer, 1, kind=INCIDENT)
    send_digests(now=clock.now())
    (message,) = mail.outbox
    assert "Bright Pay" not in f"{message.subject} {message.body}"


def test_quiet_hours_have_a_beginning_and_an_end(reviewer: User) -> None:
    for begin, end in ((time(22), None), (None, time(7)), (time(7), time(7))):
        with refused("quiet_hours_incomplete"):
            set_notice_preferences(person=reviewer, mail_from=None, quiet_from=begin, quiet_until=end, now=clock.now())


def test_the_database_wants_both_ends_too(reviewer: User) -> None:
    with refused_by_database("quiet_hours_begin_and_end"):
        NoticePreference.objects.create(user=reviewer, quiet_from=time(22))


def test_preferences_are_changed_with_a_trace(reviewer: User) -> None:
    wish(reviewer, Severity.INFO)
    wish(reviewer, Severity.URGENT, NIGHT)
    kept = NoticePreference.objects.get()
    assert (kept.mail_from, kept.quiet_from, kept.quiet_until) == ("URGENT", *NIGHT)
    details = AuditEvent.objects.filter(event_type="notifications.preferences.set").order_by("pk")
    assert details.values_list("detail", flat=True)[1] == {
        "mail_from": "URGENT",
        "quiet_from": "22:00:00",
        "quiet_until": "07:00:00",
    }


@contextmanager
def no_mail_server(settings: Any) -> Iterator[None]:
    """Have messages go to a port of this machine where nobody listens."""
    before = settings.EMAIL_BACKEND
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = taken.getsockname()
        yield
    settings.EMAIL_BACKEND = before
