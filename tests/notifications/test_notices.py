"""My notices: one's own, unread first; marking them read changes nobody else's."""

from __future__ import annotations

from datetime import time
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approvals import notice_kinds
from approvals.models import ApprovalRequest
from bankops.core import clock
from notifications.models import Notice, NoticePreference
from notifications.notice_kinds import NoticeKind
from staff.models import User
from tests.approvals.asking import ask_for_role
from tests.desk import ROLES, address, code, words
from tests.personas import SignIn
from tests.unchanged import nothing_changes, refused_by_database

pytestmark = pytest.mark.django_db

LIST = "/admin/notifications/notice/"
ALL_READ = f"{LIST}mark_all_read/"


@pytest.fixture
def reader(signed_in_client: SignIn, first_reviewer: User) -> Client:
    return signed_in_client(first_reviewer)


@pytest.fixture
def waiting(administrator: User, outsider: User, first_reviewer: User) -> ApprovalRequest:
    return ask_for_role(administrator, outsider)


def tell(person: User, text: str = "", kind: NoticeKind = notice_kinds.HALF_TIME) -> Notice:
    words = {"request": text}
    return Notice.objects.create(
        recipient=person,
        kind=kind.key,
        severity=kind.severity,
        words=words,
        source=str(uuid4()),
        created_at=clock.now(),
    )


def unread(person: User) -> int:
    return Notice.objects.filter(recipient=person, read_at=None).count()


@pytest.mark.parametrize("role", ROLES)
def test_everybody_has_notices_of_their_own(
    role: str, signed_in_client: SignIn, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(role)
    tell(person)
    client = signed_in_client(person)
    assert "half of the time is over" in words(client.get(LIST))
    assert client.post(ALL_READ).status_code == 302
    assert unread(person) == 0


def test_nobody_sees_anothers(reader: Client, final_reviewer: User) -> None:
    notice = tell(final_reviewer, text="for Feng Lei only")
    assert "for Feng Lei only" not in words(reader.get(LIST))
    with nothing_changes():
        assert reader.get(address(notice)).status_code in (302, 404)
        assert reader.post(address(notice, "mark_read")).status_code == 404
        reader.post(ALL_READ)
    assert unread(final_reviewer) == 1


def test_a_notice_leads_to_its_request(reader: Client, first_reviewer: User, waiting: ApprovalRequest) -> None:
    page = reader.get(LIST)
    assert f"assigned to you {waiting.reference}" in words(page)
    assert address(waiting) in page.content.decode()


def test_unread_ones_come_first_and_are_counted(reader: Client, first_reviewer: User) -> None:
    old = tell(first_reviewer, text="the first")
    tell(first_reviewer, text="the second")
    assert "My notices 2" in words(reader.get(LIST))
    assert "Read 2 notices" in words(reader.get("/admin/"))

    assert reader.post(address(old, "mark_read"), follow=True).status_code == 200

    said = words(reader.get(LIST))
    assert said.index("the second") < said.index("the first")
    assert "Read 1 notice" in words(reader.get("/admin/"))
    tell(first_reviewer, text="the third")
    said = words(reader.get(LIST))
    assert said.index("the third") < said.index("the second") < said.index("the first")


def test_looking_marks_nothing_as_read(reader: Client, first_reviewer: User) -> None:
    notice = tell(first_reviewer)
    for url in (LIST, ALL_READ, address(notice), address(notice, "mark_read")):
        with nothing_changes():
            assert reader.get(url).status_code == 200


def test_the_database_knows_the_severities(first_reviewer: User) -> None:
    with refused_by_database("notice_severity_known"):
        Notice.objects.create(recipient=first_reviewer, kind="x", severity="GOSSIP", source="y", created_at=clock.now())


def test_a_notice_of_a_kind_that_is_no_longer_declared_can_be_read(reader: Client, first_reviewer: User) -> None:
    gone = NoticeKind("risk.case.forgotten", "", "", notice_kinds.HALF_TIME.severity)
    tell(first_reviewer, text="case 7", kind=gone)
    assert "risk.case.forgotten case 7" in words(reader.get(LIST))


def test_preferences_are_ones_own(reader: Client, first_reviewer: User) -> None:
    door = f"{LIST}preferences/"
    assert 'value="INFO" selected' in reader.get(door).content.decode()
    assert reader.post(door, {"mail_from": "WARNING", "quiet_from": "22:00", "quiet_until": "07:00"}).status_code == 302
    kept = NoticePreference.objects.get(pk=first_reviewer.pk)
    assert (kept.mail_from, kept.quiet_from, kept.quiet_until) == ("WARNING", time(22), time(7))
    assert 'value="22:00"' in reader.get(door).content.decode()


def test_quiet_hours_without_an_end_are_refused(reader: Client) -> None:
    with nothing_changes():
        answer = reader.post(f"{LIST}preferences/", {"mail_from": "INFO", "quiet_from": "22:00"})
    assert (answer.status_code, code(answer)) == (422, "quiet_hours_incomplete")


def test_without_unread_notices_the_first_page_offers_none(reader: Client) -> None:
    assert "notices" not in words(reader.get("/admin/")).replace("My notices", "")


def test_a_long_list_asks_as_often_as_a_short_one(
    reader: Client, first_reviewer: User, waiting: ApprovalRequest
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert reader.get(LIST).status_code == 200
        return len(queries)

    few = count()
    Notice.objects.bulk_create(
        Notice(
            recipient=first_reviewer,
            kind=notice_kinds.EXPIRING.key,
            severity=notice_kinds.EXPIRING.severity,
            words={"request": waiting.reference},
            source=str(number),
            created_at=clock.now(),
        )
        for number in range(40)
    )
    assert count() == few
    assert few < 25
