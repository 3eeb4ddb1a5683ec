"""The first day of a new teller, in a real browser: from a temporary password to a reversal by a colleague."""

from __future__ import annotations

import re

import pytest

from accounts import chart, numbers
from accounts.models import Account, Customer, CustomerState, Product
from accounts.services.opening import opening
from approvals.models import ApprovalRequest, Verdict
from approvals.services import Seen, decide
from approvals.services.shipping import seed_policies
from bankops.core import clock
from bankops.core.actor import Actor
from staff.models import Branch, User
from staff.roles import Role
from staff.services import hire_user
from tests.accounts.factories import make_account, make_customer
from tests.browser.conftest import Person
from tests.desk import address
from tests.personas import PASSWORD, code_of
from transactions.models import Transaction
from transactions.verification import verify_books

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def newcomer(committed_db: None, roles: None, branch: Branch, administrator: User) -> tuple[User, str]:
    """Return somebody hired this morning, with the temporary password they were handed."""
    chart.seed()
    seed_policies(actor=Actor.system("test"), now=clock.now())
    hired = hire_user(
        employee_number="N2001",
        full_name="Xin Ren",
        branch=branch,
        roles=[Role.TELLER],
        actor=Actor.system("test"),
        reason="New teller",
        now=clock.now(),
    )
    return hired.user, hired.temporary_password


@pytest.fixture
def reviewers(first_reviewer: User, final_reviewer: User) -> list[User]:
    return [first_reviewer, final_reviewer]


def agree(reviewers: list[User]) -> None:
    """Let the reviewers approve what waits; how they do it in a browser is told in test_approvals.py."""
    for reviewer in reviewers:
        waiting = ApprovalRequest.objects.get()
        seen = Seen(waiting.pk, waiting.sight)
        decide(seen=seen, verdict=Verdict.APPROVE, reviewer=reviewer, code=code_of(reviewer), now=clock.now())


def enrol(person: Person, user: User, temporary_password: str) -> None:
    """Sign in for the first time: an own password, a phone, recovery codes put away."""
    person.open("/")
    person.fill(employee_number=user.employee_number, password=temporary_password)
    person.enter()
    person.fill(new=PASSWORD, again=PASSWORD)
    person.enter()
    assert person.page.locator("img.bk-qr").is_visible()
    person.fill(code=person.code_of_secret())
    person.enter()
    assert person.page.locator("#recovery-codes li").count() == 10
    person.page.get_by_label(re.compile("I have stored these codes")).check()
    person.press("Continue")


def sign_in(person: Person, user: User) -> None:
    """Sign in with the password, then with the code that the phone shows."""
    person.open("/")
    person.fill(employee_number=user.employee_number, password=PASSWORD)
    person.enter()
    person.fill(code=code_of(user))
    person.enter()


def register(person: Person) -> None:
    person.press("Register a customer")
    person.fill(name="Li Hua", birth_date="1970-03-04", identifier="310101197003041008")
    person.enter()
    person.sees("is registered.", "No account yet.")


def opened(customer: Customer, product: str) -> Account:
    """Return an account as an application and two reviewers open it, days later: told in tests/accounts/kyc."""
    now = clock.now()
    return opening(
        customer=customer,
        product=Product.objects.get(code=product),
        branch=customer.branch,
        currency="CNY",
        actor=Actor.system("test"),
        now=now,
        business_date=clock.business_date(now),
    )


def move(person: Person, account: Account, door: str, **fields: str) -> None:
    """Go through a money door with the keyboard: Enter for the form, Tab and Enter for the confirmation."""
    person.open(address(account, door))
    person.fill(**fields)
    person.enter()
    person.page.locator("h2:focus", has_text="You are about to").wait_for()
    person.page.keyboard.press("Tab")
    person.enter()
    person.sees("In the books")


def balance_of(account: Account) -> str:
    return str(Account.objects.select_related("balance").get(pk=account.pk).balance.ledger_money)


@pytest.mark.parametrize("theme", ["light", "dark"], indirect=True)
def test_a_new_tellers_first_day(
    persons: list[Person], newcomer: tuple[User, str], operator: User, reviewers: list[User], theme: str
) -> None:
    teller, colleague = persons
    enrol(teller, *newcomer)
    assert teller.is_dark() is (theme == "dark")
    teller.sees("What do you want to do?", "No money has moved yet.")

    register(teller)
    Customer.objects.update(state=CustomerState.ACTIVE)
    customer = Customer.objects.get()
    current, savings = (opened(customer, product) for product in ("CURRENT", "SAVINGS"))
    teller.page.reload()
    teller.sees(numbers.display(current.number), numbers.display(savings.number))

    move(teller, current, "deposit", amount="1000.00", narrative="Opening deposit")
    teller.sees("CNY 1,000.00 in cash, paid in to")
    move(teller, current, "transfer", to_account=numbers.display(savings.number), amount="250.50", narrative="Savings")
    assert (balance_of(current), balance_of(savings)) == ("749.50", "250.50")

    teller.open(address(current, "statement"))
    teller.sees("Opening balance", "Opening deposit", "-CNY 250.50", "Closing balance", "CNY 749.50")
    with teller.page.expect_download() as download:
        teller.page.locator('button[name="format"][value="csv"]').click()
    assert download.value.suggested_filename.startswith(f"statement-{current.number}-")

    moved = Transaction.objects.get(narrative="Savings")
    teller.open(address(moved))
    assert teller.page.get_by_role("link", name="Reverse").count() == 0

    sign_in(colleague, operator)
    colleague.fill(q=moved.reference)
    colleague.enter()
    colleague.press("Reverse")
    colleague.sees("stays in the books")
    colleague.fill(reason="Customer named the wrong account")
    colleague.press("Reverse")
    colleague.sees("Waits for approval:")
    agree(reviewers)
    colleague.page.reload()
    colleague.page.get_by_role("link", name="TR-").first.click()
    colleague.sees("It reverses", "Customer named the wrong account")
    assert (balance_of(current), balance_of(savings)) == ("1000.00", "0.00")
    assert verify_books().ok
    assert colleague.is_dark() is (theme == "dark")


@pytest.fixture
def account(committed_db: None, teller: User) -> Account:
    return make_account(customer=make_customer("Li Hua"))


def test_a_double_click_pays_once(persons: list[Person], teller: User, account: Account) -> None:
    person, _other = persons
    sign_in(person, teller)
    person.open(address(account, "deposit"))
    person.fill(amount="10.00")
    person.enter()
    person.page.get_by_role("button", name="Confirm: Deposit").dblclick()
    person.sees("In the books")
    person.page.reload()
    assert balance_of(account) == "10.00"
    assert Transaction.objects.count() == 1


def test_the_palette_opens_with_the_keyboard_and_leads_to_the_account(
    persons: list[Person], teller: User, account: Account
) -> None:
    person, _other = persons
    sign_in(person, teller)
    person.page.locator("h2").first.click()
    person.page.keyboard.press("Control+k")
    person.page.locator("#search-input-command").press_sequentially("li hua", delay=20)
    person.page.locator("#command-results-list a", has_text=numbers.display(account.number)).click()
    person.page.wait_for_url(f"**{address(account)}")


def test_the_doors_under_more_open_with_the_keyboard(persons: list[Person], operator: User, account: Account) -> None:
    person, _other = persons
    sign_in(person, operator)
    person.open(address(account))
    person.page.get_by_role("button", name="More").focus()
    person.page.keyboard.press("Enter")
    focused = person.page.locator("body > nav a:focus")
    focused.wait_for()
    for _door in range(20):
        if "Statement" in focused.inner_text():
            break
        person.page.keyboard.press("Tab")  # to the next door
    person.enter()
    person.page.wait_for_url(f"**{address(account, 'statement')}")
