"""The reading rooms: users, branches, the audit trail, the outbox."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from bankops.core import audit, clock, outbox
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent, OutboxMessage
from staff import events
from staff.models import Branch, User
from staff.roles import Role
from staff.services import disable_user
from tests.personas import SignIn, hire

pytestmark = pytest.mark.usefixtures("consented")

LISTS = ["staff/user", "staff/branch", "core/auditevent", "core/outboxmessage", "core/endofdayrun"]


@pytest.mark.parametrize("page", LISTS)
def test_the_auditor_reads_every_list_and_adds_nothing(signed_in_client: SignIn, auditor: User, page: str) -> None:
    client = signed_in_client(auditor)
    assert client.get(f"/admin/{page}/").status_code == 200
    assert client.get(f"/admin/{page}/add/").status_code == 403


@pytest.mark.parametrize("page", ["staff/user", "core/auditevent", "core/outboxmessage", "core/endofdayrun"])
def test_somebody_without_a_role_reads_nothing(signed_in_client: SignIn, outsider: User, page: str) -> None:
    assert signed_in_client(outsider).get(f"/admin/{page}/").status_code == 403


def test_pages_of_records_are_read_only(signed_in_client: SignIn, administrator: User, teller: User) -> None:
    client = signed_in_client(administrator)
    url = f"/admin/staff/user/{teller.pk}"
    assert client.post(f"{url}/change/", {"full_name": "Somebody Else"}).status_code == 403
    assert client.post(f"{url}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.get(pk=teller.pk).full_name == "Tang Ling"


def test_a_persons_page_tells_what_happened(signed_in_client: SignIn, administrator: User, teller: User) -> None:
    disable_user(user=teller, actor=administrator.as_actor(), reason="Left <the> bank", now=clock.now())
    page = signed_in_client(administrator).get(f"/admin/staff/user/{teller.pk}/change/").content.decode()
    assert "Sign-in disabled" in page
    assert "Guan Li" in page
    assert "Left &lt;the&gt; bank" in page
    assert "Teller" in page


def test_versions_of_a_person_can_be_read_and_not_brought_back(
    signed_in_client: SignIn, administrator: User, teller: User
) -> None:
    client = signed_in_client(administrator)
    version = teller.history.get()  # type: ignore[attr-defined]
    assert client.get(f"/admin/staff/user/{teller.pk}/history/").status_code == 200
    page = f"/admin/staff/user/{teller.pk}/history/{version.history_id}/"
    assert client.get(page).status_code == 200
    before = User.objects.values().get(pk=teller.pk)
    client.post(page, {"full_name": "Somebody Else"})
    assert User.objects.values().get(pk=teller.pk) == before


def test_the_list_of_people_costs_the_same_for_many_as_for_few(
    signed_in_client: SignIn, administrator: User, branch: Branch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        hire(f"T3{number:03}", f"Person {number}", Role.TELLER, branch, phone=number % 2 == 0)
    client = signed_in_client(administrator)
    client.get("/admin/staff/user/")
    with django_assert_max_num_queries(14):
        page = client.get("/admin/staff/user/").content.decode()
    assert page.count("T30") >= 20


def test_the_audit_trail_is_filtered_by_event_person_and_record(
    signed_in_client: SignIn, auditor: User, teller: User, operator: User
) -> None:
    with transaction.atomic():
        for user, event in ((teller, events.DISABLED), (operator, events.ENABLED)):
            actor = Actor.system(f"made-for-{user.employee_number}")
            audit.record(event, actor=actor, subject=events.about(user), now=clock.now(), changes={"x": (1, 2)})
    client = signed_in_client(auditor)

    def found(query: str) -> tuple[bool, bool]:
        page = client.get(f"/admin/core/auditevent/?{query}").content.decode()
        return "made-for-T1001" in page, "made-for-T1002" in page

    assert found("") == (True, True)
    assert found("event=staff.user.disabled") == (True, False)
    assert found("actor_id=made-for-T1002") == (False, True)
    assert found(f"subject_id={teller.public_id}") == (True, False)
    assert found("q=T1002") == (False, True)
    oldest = AuditEvent.objects.earliest("id")
    page = client.get(f"/admin/core/auditevent/{oldest.pk}/change/").content.decode()
    assert "Sign-in disabled" in page


def test_long_lists_are_not_counted(
    signed_in_client: SignIn, auditor: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with transaction.atomic():
        outbox.announce("staff.user.hired", subject_id="usr_x", payload={}, now=clock.now())
    client = signed_in_client(auditor)
    client.get("/admin/core/outboxmessage/")
    with django_assert_max_num_queries(10) as queries:
        assert client.get("/admin/core/outboxmessage/").status_code == 200
    assert OutboxMessage.objects.count() == 1
    assert not [
        query for query in queries.captured_queries if "COUNT(" in query["sql"] and "core_outbox" in query["sql"]
    ]


def test_a_group_that_is_no_role_does_not_break_the_page(
    signed_in_client: SignIn, administrator: User, teller: User
) -> None:
    teller.groups.add(Group.objects.create(name="book club"))
    page = signed_in_client(administrator).get(f"/admin/staff/user/{teller.pk}/change/")
    assert page.status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "password__startswith=md5",
        "session_epoch=0",
        "user_permissions=1",
        "one_time_code_device__encrypted_secret__gt=a",
        "recovery_codes__digest__startswith=a",
        "branch__users__password__startswith=md5",
        "groups__user__password__startswith=md5",
    ],
)
def test_a_list_is_not_narrowed_by_what_it_does_not_show(
    signed_in_client: SignIn, auditor: User, teller: User, query: str
) -> None:
    assert signed_in_client(auditor).get(f"/admin/staff/user/?{query}").status_code == 400


def test_a_list_is_narrowed_by_what_it_shows(signed_in_client: SignIn, auditor: User, teller: User) -> None:
    client = signed_in_client(auditor)
    for query in (f"groups__id__exact={Group.objects.get(name=Role.TELLER).pk}", "employee_number=T1001"):
        assert "Tang Ling" in client.get(f"/admin/staff/user/?{query}").content.decode()
    assert "Tang Ling" not in client.get("/admin/staff/user/?is_active__exact=0").content.decode()
