"""Changing a policy in a real browser, without a script of ours: rows by buttons, the replay, and then the wait for others."""

from __future__ import annotations

import pytest
from django.urls import reverse

from approvals.models import ApprovalRequest, Policy
from approvals.services.shipping import seed_policies
from bankops.core import clock
from bankops.core.actor import Actor
from staff.models import User
from tests.browser.conftest import Person
from tests.browser.test_journey import sign_in
from tests.desk import address

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def reviewers(first_reviewer: User, final_reviewer: User, risk_analyst: User) -> list[User]:
    """Return somebody for each stage of the policy, so that it could be decided."""
    return [first_reviewer, final_reviewer, risk_analyst]


def add_row(person: Person, label: str) -> None:
    """Press a button that adds a row; the page comes back where it was."""
    with person.page.expect_navigation():
        person.page.get_by_role("button", name=label, exact=True).last.click()


def fill_condition(person: Person, row: int, test: str, value: str) -> None:
    person.choose(**{f"conditions-{row}-test": test})
    person.fill(**{f"conditions-{row}-value": value})


def test_an_administrator_changes_a_policy_by_buttons(
    committed_db: None, persons: list[Person], administrator: User, reviewers: list[User]
) -> None:
    seed_policies(actor=Actor.system("test"), now=clock.now())
    large = Policy.objects.get(name="Large movements of money")
    keeper, reader = persons
    sign_in(keeper, administrator)
    keeper.open(address(large))
    keeper.press("Change policy")

    add_row(keeper, "And: another condition")
    keeper.page.locator("[name=conditions-1-test]:focus").wait_for()
    fill_condition(keeper, 1, "hour is between", "22-6")
    add_row(keeper, "Or: another case")
    fill_condition(keeper, 2, "amount is at least", "200000 CNY")
    add_row(keeper, "Add a stage")
    keeper.choose(**{"stages-2-role": "Risk analyst"})
    add_row(keeper, "Move stage 3 up")
    keeper.fill(reason="Nights are risky")
    keeper.press("Continue")
    keeper.sees("hour between 22:00 and 6:00", "No requests in that time, so there was nothing to try it on.")
    keeper.press("Change")
    assert keeper.page.locator("[name=conditions-1-value]").input_value() == "22-6"
    keeper.press("Continue")
    keeper.press("Confirm: Change policy")

    keeper.sees("Waits for approval: AP-")
    definition = ApprovalRequest.objects.get().versions.get().payload["definition"]
    assert [stage["role"] for stage in definition["stages"]] == ["first_reviewer", "risk_analyst", "final_reviewer"]
    assert [len(block) for block in definition["blocks"]] == [2, 1]

    sign_in(reader, reviewers[0])
    reader.sees("Read 1 notice")
    reader.open(reverse("admin:notifications_notice_changelist"))
    reader.press("Mark as read")
    reader.sees("Marked as read.")
