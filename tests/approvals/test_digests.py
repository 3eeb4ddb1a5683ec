"""Digests: one message for everything unread, nothing about customers in it, and sent exactly once."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail

from approvals.models import ApprovalRequest, Notice, NoticeKind
from approvals.services.digests import LINES_MAX, send_digests
from approvals.services.notices import mark_read
from bankops.core import clock
from staff.models import User
from tests.approvals.asking import ask_for_role
from tests.committed import at_once

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


def notices(reviewer: User, count: int, request: ApprovalRequest | None = None) -> None:
    Notice.objects.bulk_create(
        Notice(recipient=reviewer, kind=NoticeKind.HALF_TIME, request=request, created_at=clock.now())
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
