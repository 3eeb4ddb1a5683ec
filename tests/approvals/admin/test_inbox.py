"""The inbox: who sees what in it, narrowed how, in how many queries; and where else waiting work shows."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account
from approvals.models import ApprovalRequest
from bankops.core import clock
from staff.models import User
from tests.approvals.admin.conftest import At, Submit, decide
from tests.desk import ROLES, address, words
from tests.personas import SignIn
from tests.unchanged import check_deferred

pytestmark = pytest.mark.django_db

INBOX = "/admin/approvals/approvalrequest/"
QUERIES_MAX = 20


def references(response: object) -> list[str]:
    """Return the references that a list shows, in its order."""
    html = response.content.decode()  # type: ignore[attr-defined]
    return re.findall(r">(AP-\d{4}-\d{6})</a>", html)


def badge(client: Client) -> str:
    """Return the number beside the inbox in the menu, or an empty string."""
    entry = client.get("/admin/").content.decode().partition("<span>Inbox</span>")[2].partition("</a>")[0]
    found = re.search(r'<span class="bk-menu-badge">(\d+)</span>', entry)
    return found[1] if found else ""


def push_expiry(row: ApprovalRequest, by: timedelta) -> None:
    """Move a request in time, as its triggers let nobody do."""
    check_deferred()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, key in (("approvals_requestversion", "request_id"), ("approvals_approvalrequest", "id")):
            cursor.execute(
                f"UPDATE {table} SET expires_at = expires_at + make_interval(secs => %s) WHERE {key} = %s",
                [by.total_seconds(), row.pk],
            )
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def test_everybody_sees_their_own_part(submit: Submit, operator: User, first_reviewer: User, at: At) -> None:
    first, second = submit(), submit("70000.00", maker=operator)
    decide(at("first_reviewer"), first, first_reviewer)
    people = ("teller", "operator", "first_reviewer", "final_reviewer", "auditor")
    assert {person: references(at(person).get(INBOX)) for person in people} == {
        "teller": [first.reference],
        "operator": [second.reference],
        "first_reviewer": [second.reference],
        "final_reviewer": [first.reference],
        "auditor": [first.reference, second.reference],
    }


def test_the_badge_counts_what_i_may_decide(
    submit: Submit, teller: User, first_reviewer: User, final_reviewer: User, signed_in_client: SignIn
) -> None:
    first, _second = submit(), submit()
    client = signed_in_client(first_reviewer)
    assert [badge(client), badge(signed_in_client(final_reviewer)), badge(signed_in_client(teller))] == ["2", "", ""]
    assert "2 approvals wait for you" in words(client.get("/admin/"))
    decide(client, first, first_reviewer)
    assert [badge(client), badge(signed_in_client(final_reviewer))] == ["1", "1"]


def test_a_row_shows_what_it_is_about_to_its_readers_only(
    waiting: ApprovalRequest, teller: User, first_reviewer: User, final_reviewer: User, signed_in_client: SignIn
) -> None:
    for person, reads in ((teller, True), (first_reviewer, True), (final_reviewer, False)):
        shown = words(signed_in_client(person).get(f"{INBOX}?scope=open"))
        assert waiting.reference in shown
        assert ("CNY 60,000.00" in shown) is reads
        assert ("assigned reviewers only" in shown) is not reads


def test_overdue_comes_first_and_cannot_be_decided(
    submit: Submit, first_reviewer: User, signed_in_client: SignIn
) -> None:
    early, late = submit(), submit()
    push_expiry(late, -timedelta(days=2))
    push_expiry(early, timedelta(hours=1))
    client = signed_in_client(first_reviewer)
    assert references(client.get(f"{INBOX}?scope=open")) == [late.reference, early.reference]
    assert references(client.get(f"{INBOX}?scope=mine")) == [early.reference]
    assert "overdue" in words(client.get(f"{INBOX}?scope=open"))
    assert f"{late.reference} has expired." in words(client.get(address(late)))


def test_filters_narrow(submit: Submit, payer: Account, teller: User, signed_in_client: SignIn) -> None:
    small, large = submit("60000.00"), submit("900000.00")
    client = signed_in_client(teller)
    assert payer.branch is not None

    def found(query: str) -> list[str]:
        return references(client.get(f"{INBOX}?scope=open&{query}"))

    both = [small.reference, large.reference]
    assert found("amount_from=100,000") == [large.reference]
    assert found("amount_from=60000.01") == [large.reference]
    assert found("amount_from=much") == []
    assert found(f"branch={payer.branch.code}") == both
    assert found("branch=XXX") == []
    assert found("what=transactions.transfer") == both
    assert found("what=transactions.reverse") == []
    assert found("standing=RETURNED") == []
    assert found("maker=Tang") == both
    assert found("maker=T1001") == both
    assert found("maker=nobody") == []
    assert found("due=day") == both
    assert found("due=soon") == []
    assert found("age=1h") == []
    assert found(f"q={small.reference.lower()}") == [small.reference]


@pytest.mark.parametrize(
    "query",
    [
        "amount_from=60000",
        "branch={branch}",
        "amount__gte=1",
        "reason__startswith=a",
        "versions__payload__amount=60000.00",
    ],
)
def test_nobody_guesses_what_they_may_not_read(
    waiting: ApprovalRequest, payer: Account, final_reviewer: User, signed_in_client: SignIn, query: str
) -> None:
    assert payer.branch is not None
    client = signed_in_client(final_reviewer)
    answer = client.get(f"{INBOX}?scope=open&{query.format(branch=payer.branch.code)}")
    assert answer.status_code in (200, 302, 400)
    assert waiting.reference not in answer.content.decode()


def test_a_search_finds_any_request_by_its_reference(
    waiting: ApprovalRequest, final_reviewer: User, signed_in_client: SignIn
) -> None:
    client = signed_in_client(final_reviewer)
    assert references(client.get(f"{INBOX}?q={waiting.reference}")) == [waiting.reference]
    assert client.get(f"/admin/search/?q={waiting.public_id}").headers["Location"] == address(waiting)
    assert waiting.reference not in words(client.get("/admin/search/?q=60000"))


def test_waiting_work_stands_on_the_page_of_what_it_is_about(
    waiting: ApprovalRequest, payer: Account, teller: User, signed_in_client: SignIn
) -> None:
    client = signed_in_client(teller)
    shown = words(client.get(address(payer)))
    assert f"Transfer waits for approval: {waiting.reference} (stage 1 of 2: First reviewer)." in shown
    assert "Made by Tang Ling. Asked to decide: Fang Rui." in shown
    client.post(address(waiting, "withdraw"), {"reason": ""}, follow=True)
    assert waiting.reference not in words(client.get(address(payer)))


def test_a_pending_change_of_rights_stands_on_the_persons_page(
    policies: None, first_reviewer: User, teller: User, administrator: User, at: At
) -> None:
    client = at("administrator")
    client.post(address(teller, "grant_role"), {"role": "operator", "reason": "Promoted", "idempotency_key": "k"})
    row = ApprovalRequest.objects.get()
    shown = words(client.get(address(teller)))
    assert f"Grant role waits for approval: {row.reference} (stage 1 of 2: First reviewer)." in shown
    assert "Made by Guan Li. Asked to decide: Fang Rui." in shown


@pytest.mark.parametrize("role", ROLES)
def test_who_may_enter(
    waiting: ApprovalRequest, role: str, request: pytest.FixtureRequest, signed_in_client: SignIn
) -> None:
    client = signed_in_client(request.getfixturevalue(role))
    expected = 403 if role == "outsider" else 200
    assert [client.get(url).status_code for url in (INBOX, address(waiting))] == [expected] * 2


DOORS = ("approve", "reject", "return", "withdraw", "amend", "reassign", "comment")
THROUGH = {
    "teller": {"withdraw", "comment"},
    "first_reviewer": {"approve", "reject", "return", "comment"},
    "administrator": {"reassign"},
}


@pytest.mark.parametrize("role", ROLES)
def test_who_goes_through_which_door(
    waiting: ApprovalRequest, role: str, request: pytest.FixtureRequest, signed_in_client: SignIn
) -> None:
    """The request is the teller's, at its first review: every role at every door, by page."""
    client = signed_in_client(request.getfixturevalue(role))
    opened = {door: client.get(address(waiting, door)).status_code for door in DOORS}
    assert {door for door, status in opened.items() if status == 200} == THROUGH.get(role, set())
    refused = {status for door, status in opened.items() if status != 200 and door != "amend"}
    assert refused <= {403}


@pytest.mark.parametrize("role", ROLES)
def test_who_opens_the_list_of_several(
    role: str, request: pytest.FixtureRequest, roles: None, signed_in_client: SignIn
) -> None:
    client = signed_in_client(request.getfixturevalue(role))
    may = role in ("first_reviewer", "final_reviewer", "risk_analyst", "finance")
    url = reverse("admin:approvals_approvalrequest_decide_together")
    assert client.get(url).status_code == (200 if may else 403)


@pytest.mark.parametrize("page", ["?scope=mine", "?scope=open", "?scope=made", "?scope=closed", "request", "account"])
def test_pages_ask_the_database_as_often_for_many_rows_as_for_few(
    submit: Submit, payer: Account, first_reviewer: User, signed_in_client: SignIn, page: str
) -> None:
    row = submit()
    client = signed_in_client(first_reviewer)
    url = {"request": address(row), "account": address(payer)}.get(page, f"{INBOX}{page}")
    few = _count(client, url)
    for _number in range(8):
        submit()
    assert _count(client, url) <= few
    assert few <= QUERIES_MAX + 8 * (page in ("request", "account"))


def _count(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_an_expiry_in_the_past_is_not_counted(submit: Submit, first_reviewer: User, signed_in_client: SignIn) -> None:
    push_expiry(submit(), -timedelta(days=2))
    assert badge(signed_in_client(first_reviewer)) == ""
    assert ApprovalRequest.objects.filter(expires_at__lte=clock.now()).count() == 1
