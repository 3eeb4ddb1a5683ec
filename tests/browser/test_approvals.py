"""A large transfer in a real browser: submitted, reviewed twice with codes by two people, posted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize

from accounts import numbers
from accounts.models import Account
from approvals.models import ApprovalRequest
from approvals.services.shipping import seed_policies
from bankops.core import clock, operations
from bankops.core.actor import Actor
from staff.models import User
from tests.accounts.factories import ledger_of, make_account, make_customer
from tests.browser.conftest import Person
from tests.desk import address
from tests.personas import PASSWORD, code_of
from transactions.verification import verify_books

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PHONE: ViewportSize = {"width": 390, "height": 844}
_DESK: ViewportSize = {"width": 1366, "height": 900}


@pytest.fixture
def payer(committed_db: None, teller: User, first_reviewer: User, final_reviewer: User) -> Account:
    seed_policies(actor=Actor.system("test"), now=clock.now())
    return make_account("100000.00", customer=make_customer("Li Hua"))


def sign_in(person: Person, user: User) -> None:
    person.open("/")
    person.fill(employee_number=user.employee_number, password=PASSWORD)
    person.enter()
    person.fill(code=code_of(user))
    person.enter()


def forget_code(user: User) -> None:
    """Let half a minute pass for somebody's phone, which shows the next code then."""
    user.one_time_code_device.refresh_from_db()
    user.one_time_code_device.last_step = -1
    user.one_time_code_device.save(update_fields=["last_step"])


def picture(person: Person, name: str) -> None:
    """Keep what the page looks like on a desk and on a phone, where somebody wants to look (BANKOPS_PICTURES)."""
    folder = os.environ.get("BANKOPS_PICTURES")
    if not folder:
        return
    for size, viewport in (("desk", _DESK), ("phone", _PHONE)):
        person.page.set_viewport_size(viewport)
        person.page.screenshot(path=Path(folder) / f"{name}-{size}.png", full_page=True)
    person.page.set_viewport_size(_DESK)


def submit_large_transfer(person: Person, payer: Account, payee: Account) -> ApprovalRequest:
    person.open(address(payer, "transfer"))
    person.fill(to_account=numbers.display(payee.number), amount="60000.00", narrative="Office rent")
    person.enter()
    person.press("Confirm: Transfer")
    person.sees("Waits for approval:", "You made", "Who can")
    picture(person, "1-maker")
    return ApprovalRequest.objects.get()


def approve(person: Person, user: User) -> None:
    forget_code(user)
    person.press("Approve")
    person.sees("Sixty thousand and 00/100 Chinese yuan", "人民币陆万元整", "Fingerprint of what is approved")
    picture(person, "3-approve")
    person.fill(code=code_of(user))
    person.enter()


def test_a_large_transfer_takes_two_people(
    persons: list[Person], payer: Account, teller: User, first_reviewer: User, final_reviewer: User
) -> None:
    reviewer, colleague = persons
    payee = make_account(customer=make_customer("Wang Fang"))

    sign_in(colleague, teller)
    waiting = submit_large_transfer(colleague, payer, payee)
    colleague.open(address(payer))
    colleague.sees("waits for approval:", waiting.reference)
    picture(colleague, "2-account-banner")
    colleague.page.context.clear_cookies()

    sign_in(reviewer, first_reviewer)
    reviewer.sees("1 approval waits for you")
    picture(reviewer, "2-home")
    reviewer.press("1 approval waits for you")
    picture(reviewer, "2-inbox")
    reviewer.press(waiting.reference)
    picture(reviewer, "2-request")
    approve(reviewer, first_reviewer)
    reviewer.sees("your approval is recorded. Now stage 2 of 2: Final reviewer, by Feng Lei.")
    reviewer.sees("Why can I not decide this?", "decided_already")
    picture(reviewer, "4-why-not")
    assert ledger_of(payee) == "0.00"

    sign_in(colleague, final_reviewer)
    colleague.open(address(waiting))
    approve(colleague, final_reviewer)
    colleague.sees("is approved and carried out: TR-")
    picture(colleague, "5-done")
    colleague.page.locator("a", has_text="TR-").first.click()
    colleague.sees("In the books")
    assert (ledger_of(payer), ledger_of(payee)) == ("40000.00", "60000.00")
    assert verify_books().ok


def submitted(payer: Account, payee: Account, teller: User, amount: str) -> ApprovalRequest:
    sides = {"from_account": payer.public_id, "to_account": payee.public_id}
    payload = {**sides, "amount": amount, "currency": "CNY", "narrative": "Office rent"}
    operations.submit("transactions.transfer", payload, operations.Order(actor=teller.as_actor(), now=clock.now()))
    return ApprovalRequest.objects.order_by("-created_at")[0]


@pytest.mark.parametrize("theme", ["dark"], indirect=True)
def test_ticked_requests_are_decided_with_one_code(
    persons: list[Person], payer: Account, teller: User, first_reviewer: User, administrator: User
) -> None:
    person, supervisor = persons
    payee = make_account(customer=make_customer("Wang Fang"))
    row = submitted(payer, payee, teller, "50000.00")

    sign_in(person, first_reviewer)
    person.open("/admin/approvals/approvalrequest/")
    person.page.locator("input.action-select").first.check()
    picture(person, "6-ticked")
    person.press("Decide together")
    person.sees("1 request is decided", "CNY 50,000.00")
    picture(person, "7-together")
    forget_code(first_reviewer)
    person.choose(verdict="Return for amendment")
    person.fill(comment="Name the invoice", code=code_of(first_reviewer))
    person.press("Decide together")
    person.sees("What came of it", f"{row.reference} is returned to Tang Ling.")
    picture(person, "8-outcomes")

    sign_in(supervisor, teller)
    supervisor.open(address(row))
    supervisor.sees("“Name the invoice”")
    picture(supervisor, "9-returned")
    supervisor.press("Amend and submit again")
    picture(supervisor, "9-amend")
    supervisor.fill(payload_narrative="Office rent, invoice 7")
    supervisor.press("Amend and submit again")
    supervisor.sees("is submitted again: stage 1 of 2", "Earlier versions")
    supervisor.page.locator("details summary").first.click()
    picture(supervisor, "9-amended")

    supervisor.page.context.clear_cookies()
    sign_in(supervisor, administrator)
    supervisor.open(address(row, "reassign"))
    supervisor.sees("There is nobody else who could be asked.", "is assigned to")
    picture(supervisor, "9-reassign")
