"""The doors of the maker and the supervisor: withdraw, amend, comment, reassign."""

from __future__ import annotations

import pytest

from approvals.models import ApprovalRequest, Assignment, State
from bankops.core.models import AuditEvent
from staff.models import Branch, User
from staff.roles import Role
from tests.approvals.admin.conftest import At, Submit, decide
from tests.desk import address, code, words
from tests.personas import SignIn, hire
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db


@pytest.fixture
def returned(waiting: ApprovalRequest, first_reviewer: User, signed_in_client: SignIn) -> ApprovalRequest:
    decide(signed_in_client(first_reviewer), waiting, first_reviewer, "return", comment="Name the invoice")
    waiting.refresh_from_db()
    return waiting


def test_the_maker_withdraws(waiting: ApprovalRequest, teller: User, signed_in_client: SignIn) -> None:
    client = signed_in_client(teller)
    assert "Withdraw" in words(client.get(address(waiting)))
    page = words(client.post(address(waiting, "withdraw"), {"reason": "Customer changed her mind"}, follow=True))
    assert f"{waiting.reference} is withdrawn." in page
    waiting.refresh_from_db()
    assert (waiting.state, waiting.closing_note) == (State.WITHDRAWN, "Customer changed her mind")


@pytest.mark.parametrize("door", ["withdraw", "amend"])
def test_nobody_else_goes_through_the_makers_doors(returned: ApprovalRequest, at: At, door: str) -> None:
    for persona in ("operator", "auditor", "first_reviewer"):
        client = at(persona)
        with nothing_changes():
            read, sent = client.get(address(returned, door)), client.post(address(returned, door), {"reason": "x"})
        assert [(one.status_code, code(one)) for one in (read, sent)] == [(403, "not_the_maker")] * 2
        assert "Rent" not in words(read)


def test_the_maker_amends_and_everybody_decides_anew(
    returned: ApprovalRequest, teller: User, first_reviewer: User, signed_in_client: SignIn
) -> None:
    client = signed_in_client(teller)
    before = returned.versions.get(number=1).payload
    form = words(client.get(address(returned, "amend")))
    assert "Amount" in form
    assert before["from_account"] not in client.get(address(returned, "amend")).content.decode()

    fields = {"payload_amount": "55000.00", "payload_currency": "CNY", "payload_narrative": "Rent, invoice 7"}
    page = words(client.post(address(returned, "amend"), fields, follow=True))
    assert f"{returned.reference} is submitted again: stage 1 of 2" in page
    assert "Earlier versions" in page
    returned.refresh_from_db()
    assert (returned.state, returned.version, returned.amount) == (State.PENDING, 2, 55_000_00)
    assert returned.versions.get(number=2).payload["from_account"] == before["from_account"]


def test_an_amendment_the_operation_refuses_changes_nothing(
    returned: ApprovalRequest, teller: User, signed_in_client: SignIn
) -> None:
    client = signed_in_client(teller)
    with nothing_changes():
        answer = client.post(address(returned, "amend"), {"payload_amount": "much", "payload_currency": "CNY"})
    assert (answer.status_code, code(answer)) == (422, "invalid_amount")


def test_an_undecided_request_cannot_be_amended(
    waiting: ApprovalRequest, teller: User, signed_in_client: SignIn
) -> None:
    answer = signed_in_client(teller).get(address(waiting, "amend"))
    assert (answer.status_code, code(answer)) == (422, "request_not_amendable")


def test_who_has_a_part_in_it_comments(
    waiting: ApprovalRequest, teller: User, first_reviewer: User, signed_in_client: SignIn
) -> None:
    url = address(waiting, "comment")
    signed_in_client(first_reviewer).post(url, {"text": "Which invoice?"})
    page = words(signed_in_client(teller).post(url, {"text": "Number 7 <b>"}, follow=True))
    assert "Your comment is kept with the request." in page
    assert page.index("Which invoice?") < page.index("Number 7 <b>")
    assert "Which invoice?" not in str(AuditEvent.objects.values_list("reason", "detail"))


def test_who_only_looks_on_does_not_comment(
    waiting: ApprovalRequest, auditor: User, final_reviewer: User, administrator: User, signed_in_client: SignIn
) -> None:
    for person in (auditor, final_reviewer, administrator):
        client = signed_in_client(person)
        with nothing_changes():
            answer = client.post(address(waiting, "comment"), {"text": "Hm"})
        assert (answer.status_code, code(answer)) == (403, "not_for_you")
    assert not waiting.comments.exists()


def test_an_empty_comment_is_refused(waiting: ApprovalRequest, teller: User, signed_in_client: SignIn) -> None:
    client = signed_in_client(teller)
    with nothing_changes():
        answer = client.post(address(waiting, "comment"), {"text": "  "})
    assert (answer.status_code, code(answer)) == (422, "empty_comment")


def test_a_supervisor_asks_somebody_else(
    waiting: ApprovalRequest, administrator: User, first_reviewer: User, branch: Branch, signed_in_client: SignIn
) -> None:
    other = hire("T2003", "Fan Bo", Role.FIRST_REVIEWER, branch)
    client = signed_in_client(administrator)
    form = client.get(address(waiting, "reassign"))
    assert f'<option value="{other.pk}"' in form.content.decode()
    assert f"Fang Rui : Fang Rui is assigned to {waiting.reference} already." in words(form)

    fields = {"to": other.pk, "instead_of": first_reviewer.pk, "reason": "On holiday from noon"}
    page = words(client.post(address(waiting, "reassign"), fields, follow=True))
    assert f"Fan Bo is asked to decide {waiting.reference}." in page
    assert {one.user for one in waiting.grants.all()} == {other}
    assert Assignment.objects.get(request=waiting, reviewer=other).assigned_by == administrator


def test_a_supervisor_cannot_reach_the_maker_or_another_role(
    waiting: ApprovalRequest, administrator: User, teller: User, final_reviewer: User, signed_in_client: SignIn
) -> None:
    client = signed_in_client(administrator)
    for person in (teller, final_reviewer, administrator):
        with nothing_changes():
            answer = client.post(address(waiting, "reassign"), {"to": person.pk, "reason": "Quick"})
        assert answer.status_code == 422


def test_the_supervisor_does_not_read_what_it_is_about(
    waiting: ApprovalRequest, administrator: User, signed_in_client: SignIn
) -> None:
    client = signed_in_client(administrator)
    for page in ("change", "reassign"):
        shown = words(client.get(address(waiting, page)))
        assert waiting.reference in shown
        assert "60,000" not in shown
        assert "Rent" not in shown


def test_a_request_made_by_somebody_else_in_the_same_role_is_closed_to_a_colleague(
    submit: Submit, operator: User, signed_in_client: SignIn
) -> None:
    row = submit()
    shown = words(signed_in_client(operator).get(address(row)))
    assert "What it is about is for its maker" in shown
    assert "60,000" not in shown
