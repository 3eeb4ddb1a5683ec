"""Several requests, one code: an explicit list, each decided by itself, each answered by itself."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.models import ApprovalRequest, Decision, State
from staff.models import User
from tests.approvals.admin.conftest import Submit, decide
from tests.desk import code, words
from tests.personas import SignIn, code_of
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db

INBOX = "/admin/approvals/approvalrequest/"


def together() -> str:
    return reverse("admin:approvals_approvalrequest_decide_together")


def tick(client: Client, *rows: ApprovalRequest, **extra: str) -> Any:
    """Tick rows in the inbox and press the button; return the list's page."""
    chosen = {"action": "decide_together", "index": "0", "_selected_action": [str(row.pk) for row in rows], **extra}
    return client.post(f"{INBOX}?scope=open", chosen, follow=True)


def seen_on(page: Any) -> list[str]:
    return re.findall(r'name="seen" value="([^"]+)"', page.content.decode())


@pytest.fixture
def reviewer(first_reviewer: User, signed_in_client: SignIn) -> Client:
    return signed_in_client(first_reviewer)


def test_the_list_shows_each_and_the_total(submit: Submit, reviewer: Client) -> None:
    rows = [submit("60000.00"), submit("70000.50")]
    page = tick(reviewer, *rows)
    shown = words(page)
    for row in rows:
        assert row.reference in shown
    assert "2 requests are decided CNY 130,000.50" in shown
    assert len(seen_on(page)) == 2


def test_one_code_decides_each_by_itself(submit: Submit, reviewer: Client, first_reviewer: User) -> None:
    rows = [submit(), submit(), submit()]
    seen = seen_on(tick(reviewer, *rows[:2]))
    answer = reviewer.post(
        together(), {"seen": seen, "verdict": "APPROVE", "code": code_of(first_reviewer), "comment": ""}
    )
    shown = words(answer)
    assert answer.status_code == 200
    assert shown.count("your approval is recorded. Now stage 2 of 2") == 2
    assert Decision.objects.count() == 2
    assert [ApprovalRequest.objects.get(pk=row.pk).stage for row in rows] == [2, 2, 1]
    assert len({decision.proof_id for decision in Decision.objects.all()}) == 1


def test_one_that_cannot_be_decided_is_said_so_and_keeps_no_other(
    submit: Submit, reviewer: Client, first_reviewer: User, teller: User, signed_in_client: SignIn
) -> None:
    first, second = submit(), submit()
    seen = seen_on(tick(reviewer, first, second))
    signed_in_client(teller).post(f"{INBOX}{first.pk}/withdraw/", {"reason": ""})
    shown = words(reviewer.post(together(), {"seen": seen, "verdict": "APPROVE", "code": code_of(first_reviewer)}))
    assert f"{first.reference} is withdrawn, so there is nothing left to decide. request_not_pending" in shown
    second.refresh_from_db()
    assert second.stage == 2


def test_what_one_may_not_decide_is_listed_without_its_content(
    submit: Submit, first_reviewer: User, final_reviewer: User, signed_in_client: SignIn
) -> None:
    row, other = submit("60000.00"), submit("70000.00")
    decide(signed_in_client(first_reviewer), row, first_reviewer)
    page = tick(signed_in_client(final_reviewer), row, other)
    assert [one.partition(":")[0] for one in seen_on(page)] == [str(row.pk)]
    assert "1 request is decided CNY 60,000.00" in words(page)
    assert "70,000" not in words(page)
    assert "Not decided along" in words(page)


def test_more_than_twenty_are_refused(submit: Submit, reviewer: Client, first_reviewer: User) -> None:
    rows = [submit() for _number in range(21)]
    assert "At most 20 requests can be decided with one code; 21 were chosen." in words(tick(reviewer, *rows))
    seen = [f"{row.pk}:{row.sight.hex()}" for row in rows]
    with nothing_changes():
        answer = reviewer.post(together(), {"seen": seen, "verdict": "APPROVE", "code": code_of(first_reviewer)})
    assert (answer.status_code, code(answer)) == (422, "too_many_at_once")


def test_all_that_match_is_not_a_list(submit: Submit, reviewer: Client) -> None:
    ticked, _other = submit(), submit()
    assert len(seen_on(tick(reviewer, ticked, select_across="1"))) == 1


def test_a_wrong_code_decides_none(submit: Submit, reviewer: Client) -> None:
    seen = seen_on(tick(reviewer, submit(), submit()))
    answer = reviewer.post(together(), {"seen": seen, "verdict": "APPROVE", "code": "000000"})
    assert (answer.status_code, code(answer)) == (422, "code_refused")
    assert seen_on(answer) == seen
    assert not Decision.objects.exists()


def test_a_rejection_of_several_says_why(submit: Submit, reviewer: Client, first_reviewer: User) -> None:
    row = submit()
    seen = seen_on(tick(reviewer, row))
    form = {"seen": seen, "verdict": "REJECT", "code": code_of(first_reviewer)}
    with nothing_changes():
        answer = reviewer.post(together(), {**form, "comment": " "})
    assert (answer.status_code, code(answer)) == (422, "comment_required")
    reviewer.post(together(), {**form, "comment": "Unknown payee"})
    row.refresh_from_db()
    assert (row.state, row.closing_note) == (State.REJECTED, "Unknown payee")


@pytest.mark.parametrize("seen", ["", "nonsense", "nonsense:00"])
def test_nonsense_is_nothing_chosen(roles: None, reviewer: Client, first_reviewer: User, seen: str) -> None:
    with nothing_changes():
        answer = reviewer.post(together(), {"seen": [seen], "verdict": "APPROVE", "code": code_of(first_reviewer)})
    assert (answer.status_code, code(answer)) == (422, "nothing_chosen")


def test_without_the_right_nothing_is_ticked(submit: Submit, teller: User, signed_in_client: SignIn) -> None:
    client = signed_in_client(teller)
    row = submit()
    with nothing_changes():
        tick(client, row)
        answer = client.post(together(), {"seen": [f"{row.pk}:00"], "verdict": "APPROVE", "code": code_of(teller)})
    assert answer.status_code == 403


def test_a_long_list_is_read_in_as_many_queries_as_a_short_one(submit: Submit, reviewer: Client) -> None:
    rows = [submit() for _number in range(12)]

    def queries(*chosen: ApprovalRequest) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert len(seen_on(reviewer.get(together(), {"id": [str(row.pk) for row in chosen]}))) == len(chosen)
        return len(captured)

    few = queries(*rows[:2])
    assert queries(*rows) == few <= 20
