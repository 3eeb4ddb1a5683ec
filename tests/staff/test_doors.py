"""The staff's doors: who finds them, who may open them, what they say when they refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client

from approvals.models import ApprovalRequest
from bankops.core import operations
from bankops.core.models import AuditEvent
from staff.models import Branch, OneTimeCodeDevice, User
from staff.roles import Role
from tests.personas import SignIn
from tests.unchanged import everything, nothing_changes

ON_A_PERSON = {
    "grant_role": {"role": "operator"},
    "revoke_role": {"role": "teller"},
    "disable_user": {},
    "reset_password": {},
    "reset_second_factor": {},
    "unlock_user": {},
}
WITH_CONSENT = ["grant_role", "revoke_role", "disable_user", "reset_second_factor"]
ON_A_BRANCH = {"rename_branch": {"name": "Other"}, "close_branch": {}}


def address(record: User | Branch, door: str) -> str:
    return f"/admin/staff/{record._meta.model_name}/{record.pk}/{door}/"


def text(response: Any) -> str:
    return str(response.content.decode())


@contextmanager
def nobody_changes() -> Iterator[None]:
    """Fail when the block changed anybody's sign-in, roles or phone."""
    people = [line for line in everything() if line[0].startswith("staff_")]
    yield
    assert [line for line in everything() if line[0].startswith("staff_")] == people


@pytest.fixture
def without_gate() -> Iterator[None]:
    before = operations.install_gate(None)
    yield
    operations.install_gate(before)


@pytest.fixture
def office(signed_in_client: SignIn, administrator: User) -> Client:
    return signed_in_client(administrator)


@pytest.mark.parametrize("door", ON_A_PERSON)
def test_every_door_shows_what_will_happen_and_changes_nothing_when_opened(
    office: Client, teller: User, door: str
) -> None:
    before = User.objects.values().get(pk=teller.pk)
    page = text(office.get(address(teller, door)))
    assert "T1001 Tang Ling" in page
    assert 'name="reason"' in page
    assert "autofocus" in page
    assert ">Save<" not in page
    assert (User.objects.values().get(pk=teller.pk), AuditEvent.objects.count()) == (before, 0)


@pytest.mark.parametrize(("door", "fields"), ON_A_PERSON.items())
def test_every_door_asks_for_the_reason(office: Client, teller: User, door: str, fields: dict[str, str]) -> None:
    response = office.post(address(teller, door), fields)
    assert response.status_code == 422
    assert "Say why" in text(response)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("door", [*ON_A_PERSON, "enable_user"])
def test_a_door_says_beforehand_when_two_reviewers_have_to_agree(office: Client, teller: User, door: str) -> None:
    page = text(office.get(address(teller, door)))
    needs_consent = door in [*WITH_CONSENT, "enable_user"]
    assert ("Two reviewers have to agree first; until then nothing changes." in page) is needs_consent


@pytest.mark.usefixtures("open_gate")
@pytest.mark.parametrize(("door", "fields"), ON_A_PERSON.items())
def test_every_door_does_what_it_says_and_records_the_reason(
    office: Client, teller: User, administrator: User, door: str, fields: dict[str, str]
) -> None:
    response = office.post(address(teller, door), {**fields, "reason": "As agreed"})
    assert response.status_code in (200, 302)
    event = AuditEvent.objects.get()
    assert (event.actor_id, event.subject_id, event.reason) == (administrator.public_id, teller.public_id, "As agreed")
    assert event.request_id.startswith("req_")


@pytest.mark.parametrize(
    "persona", ["teller", "operator", "first_reviewer", "final_reviewer", "finance", "auditor", "outsider"]
)
def test_nobody_else_gets_through_neither_by_page_nor_by_a_raw_post(
    request: pytest.FixtureRequest, signed_in_client: SignIn, risk_analyst: User, branch: Branch, persona: str
) -> None:
    client = signed_in_client(request.getfixturevalue(persona))
    doors = [(address(risk_analyst, door), fields) for door, fields in ON_A_PERSON.items()]
    doors += [(address(branch, door), fields) for door, fields in ON_A_BRANCH.items()]
    doors += [("/admin/staff/user/hire_user/", {"employee_number": "T3000", "full_name": "X"})]
    doors += [("/admin/staff/branch/open_branch/", {"code": "077", "name": "X"})]
    people, devices = User.objects.count(), OneTimeCodeDevice.objects.count()
    for url, fields in doors:
        assert client.get(url).status_code == 403, url
        assert client.post(url, {**fields, "reason": "Let me in"}).status_code == 403, url
    assert (User.objects.count(), OneTimeCodeDevice.objects.count()) == (people, devices)
    assert not AuditEvent.objects.exists()


def test_a_door_needs_a_session_with_a_code_and_the_forms_token(administrator: User, teller: User) -> None:
    half = Client()
    half.force_login(administrator, backend="staff.backends.RoleBackend")
    assert half.post(address(teller, "disable_user"), {"reason": "x"}).status_code == 302
    assert User.objects.get(pk=teller.pk).is_active


def test_a_door_refuses_a_post_without_the_forms_token(office: Client, teller: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = office.cookies
    assert strict.post(address(teller, "disable_user"), {"reason": "x"}).status_code == 403
    assert User.objects.get(pk=teller.pk).is_active


@pytest.mark.parametrize("door", WITH_CONSENT)
def test_a_door_never_calls_done_what_only_waits(
    office: Client, teller: User, first_reviewer: User, final_reviewer: User, door: str
) -> None:
    with nobody_changes():
        response = office.post(address(teller, door), {**ON_A_PERSON[door], "reason": "As agreed"}, follow=True)
    request = ApprovalRequest.objects.get()
    assert (request.operation, request.reason, request.state) == (f"staff.{door}", "As agreed", "PENDING")
    assert response.redirect_chain == [(f"/admin/approvals/approvalrequest/{request.pk}/change/", 302)]
    assert f"Waits for approval: {request.reference}" in text(response)
    assert "It has not been carried out yet." in text(response)
    assert not any(
        done in text(response) for done in ("now holds", "no longer holds", "any more.", "sets up a new phone at")
    )


def test_a_double_click_is_one_request(office: Client, teller: User) -> None:
    form = {"reason": "Left", "idempotency_key": "0123456789abcdef"}
    first, second = (office.post(address(teller, "disable_user"), form) for _click in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert ApprovalRequest.objects.count() == 1


@pytest.mark.usefixtures("open_gate")
def test_a_refusal_comes_back_in_plain_words_with_its_code(office: Client, teller: User) -> None:
    response = office.post(address(teller, "grant_role"), {"role": Role.AUDITOR, "reason": "Both please"})
    page = text(response)
    assert response.status_code == 422
    assert "may not be held by one person" in page
    assert "roles_must_stay_apart" in page
    assert "Both please" in page, "what was typed is still there"
    assert [group.name for group in teller.groups.all()] == ["teller"]


@pytest.mark.usefixtures("open_gate")
@pytest.mark.parametrize("door", ["reset_password", "reset_second_factor", "disable_user"])
def test_nobody_uses_a_door_on_themselves(office: Client, administrator: User, door: str) -> None:
    response = office.post(address(administrator, door), {"reason": "Mine"})
    assert response.status_code == 403
    assert "cannot_change_own_rights" in text(response)


@pytest.mark.parametrize("door", WITH_CONSENT)
def test_without_approvals_a_door_that_needs_them_changes_nothing(
    without_gate: None, office: Client, teller: User, door: str
) -> None:
    with nothing_changes():
        response = office.post(address(teller, door), {**ON_A_PERSON[door], "reason": "As agreed"})
    assert (response.status_code, "no_approval_gate" in text(response)) == (503, True)


def test_whoever_may_not_is_told_what_it_would_take(signed_in_client: SignIn, teller: User, operator: User) -> None:
    page = text(signed_in_client(operator).get(address(teller, "disable_user")))
    assert "It needs the right staff.disable_user." in page
    assert "Back to work" in page


@pytest.mark.usefixtures("open_gate")
def test_success_is_said_and_leads_to_the_record(office: Client, teller: User) -> None:
    response = office.post(address(teller, "disable_user"), {"reason": "Left"}, follow=True)
    assert response.redirect_chain == [(f"/admin/staff/user/{teller.pk}/change/", 302)]
    assert "Tang Ling cannot sign in any more." in text(response)


def test_hiring_shows_the_temporary_password_once(office: Client, branch: Branch) -> None:
    form = {
        "employee_number": "t3000",
        "full_name": "Xin Ren",
        "branch": str(branch.pk),
        "role": Role.TELLER,  # smuggled in: the form has no such field
        "reason": "New teller",
    }
    response = office.post("/admin/staff/user/hire_user/", form)
    shown = re.search(r'id="temporary-password">([^<]+)<', text(response))
    assert shown
    user = User.objects.get(employee_number="T3000")
    assert not user.groups.exists()
    assert user.check_password(shown[1])
    assert "no-store" in response.headers["Cache-Control"]
    assert shown[1] not in text(office.get(f"/admin/staff/user/{user.pk}/change/"))
    again = office.post("/admin/staff/user/hire_user/", form)
    assert (again.status_code, "employee_number_taken" in text(again)) == (422, True)


def test_the_hire_door_offers_no_role(office: Client) -> None:
    page = text(office.get("/admin/staff/user/hire_user/"))
    assert 'name="employee_number"' in page
    assert 'name="role"' not in page
    assert "two reviewers have to agree to it" in page


@pytest.mark.usefixtures("open_gate")
def test_buttons_show_only_what_makes_sense_and_is_allowed(
    office: Client, signed_in_client: SignIn, teller: User, auditor: User
) -> None:
    page = text(office.get(f"/admin/staff/user/{teller.pk}/change/"))
    assert "disable_user" in page
    assert "enable_user" not in page
    office.post(address(teller, "disable_user"), {"reason": "Left"})
    page = text(office.get(f"/admin/staff/user/{teller.pk}/change/"))
    assert "enable_user" in page
    assert "disable_user" not in page
    page = text(signed_in_client(auditor).get(f"/admin/staff/user/{teller.pk}/change/"))
    assert "Tang Ling" in page
    assert not any(f"/{door}/" in page for door in ON_A_PERSON)


def test_a_record_that_does_not_exist_is_not_found(office: Client, branch: Branch) -> None:
    assert office.get(f"/admin/staff/user/{branch.pk}/disable_user/").status_code == 404
    assert office.get("/admin/staff/user/nonsense/disable_user/").status_code == 404


def test_branch_doors(office: Client, branch: Branch, administrator: User) -> None:
    office.post("/admin/staff/branch/open_branch/", {"code": "002", "name": "Lakeside", "reason": "Growth"})
    lake = Branch.objects.get(code="002")
    office.post(address(lake, "rename_branch"), {"name": "Lake House", "reason": "New sign"})
    assert Branch.objects.get(code="002").name == "Lake House"
    refused = office.post(address(branch, "close_branch"), {"reason": "Empty"})
    assert (refused.status_code, "branch_in_use" in text(refused)) == (422, True)
    office.post(address(lake, "close_branch"), {"reason": "Lease over"})
    assert not Branch.objects.get(code="002").is_open
