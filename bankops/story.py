"""The product's story, played by `make demo ONCE=1` through the real web interface and real workers.

Steps go through the pages a person would use. What a person cannot do, such as reading the one-time code off the phone
or proving the books, is done by the same means staff have: the demo's phone and the management commands.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.core.management import call_command
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account, Customer
from bankops.core import story
from bankops.core.models import AuditEvent
from bankops.core.story import Step
from bankops.core.visitor import Page, UnexpectedPage, Visitor
from staff import demo
from transactions.models import Transaction

_SEAL_SECONDS_MAX = 30.0
TELLER, OPERATOR = "E1001", "E1002"


@dataclass
class Story:
    """What the steps share: who is signed in, and what came of the steps before."""

    base_url: str
    people: dict[str, Visitor] = field(default_factory=dict)
    used_codes: dict[str, str] = field(default_factory=dict)
    payer: Account | None = None
    payee: Account | None = None
    transfer: Transaction | None = None

    def person(self, employee_number: str) -> Visitor:
        """Return somebody's browser, signed in at an earlier step."""
        return self.people[employee_number]


def play(*, base_url: str, say: Callable[[str], None]) -> int:
    """Play the whole story against the site at `base_url`; return 0 when every step held."""
    return story.play(STEPS, Story(base_url), say=say)


def _a_password_alone_is_not_enough(told: Story) -> str:
    visitor = Visitor(told.base_url)
    visitor.post_form(reverse("staff:sign_in"), {"employee_number": TELLER, "password": demo.PASSWORD})
    page = visitor.get(reverse("admin:index"))
    if not page.url.startswith(told.base_url.rstrip("/") + reverse("staff:sign_in")):
        raise UnexpectedPage(f"{page.url} opened without a one-time code")
    return _("the home page sends back to the sign-in")


def _sign_in(told: Story, employee_number: str) -> str:
    visitor = Visitor(told.base_url)
    form = {"employee_number": employee_number, "password": demo.PASSWORD}
    page = visitor.post_form(reverse("staff:sign_in"), form)
    told.used_codes[employee_number] = demo.fresh_code(employee_number)
    visitor.submit(page, {"code": told.used_codes[employee_number]})
    _must_be_at(visitor.get(reverse("admin:index")), reverse("admin:index"))
    told.people[employee_number] = visitor
    return employee_number


def _a_used_code_is_refused(told: Story) -> str:
    visitor = Visitor(told.base_url)
    page = visitor.post_form(reverse("staff:sign_in"), {"employee_number": TELLER, "password": demo.PASSWORD})
    visitor.submit(page, {"code": told.used_codes[TELLER]}, expect=422, refused=True)
    return _("the code that opened the first session opens no second one")


def _open_accounts(told: Story) -> str:
    teller = told.person(TELLER)
    document = f"E{time.time_ns() // 1000 % 10**10:010d}"
    register = {"kind": "PERSON", "name": "Chen Jing", "identifier_type": "PASSPORT", "identifier": document}
    teller.post_form(reverse("admin:accounts_customer_register_customer"), register)
    customer = Customer.objects.get(identifiers__value=document)
    told.payer, told.payee = (_open_account(teller, customer, product) for product in ("CURRENT", "SAVINGS"))
    return f"{customer.number}: {told.payer.number}, {told.payee.number}"


def _open_account(teller: Visitor, customer: Customer, product: str) -> Account:
    url = reverse("admin:accounts_customer_open_account", args=[customer.pk])
    teller.post_form(url, {"product": product, "currency": "CNY"})
    return customer.accounts.get(product_id=product)


def _deposit(told: Story) -> str:
    _move(told, "deposit", {"amount": "1000.00", "narrative": "Opening deposit"})
    return _shown_balance(told, "1,000.00")


def _too_much_is_refused(told: Story) -> str:
    assert told.payee is not None
    form = {"to_account": told.payee.number, "amount": "1000.01"}
    answer = told.person(TELLER).post_form(_door(told, "transfer"), form, expect=422, refused=True)
    answer.must_show("insufficient_funds")
    return _shown_balance(told, "1,000.00")


def _transfer(told: Story) -> str:
    assert told.payee is not None
    _move(told, "transfer", {"to_account": told.payee.number, "amount": "250.50", "narrative": "Savings"})
    told.transfer = Transaction.objects.get(debit_account=told.payer, kind="TRANSFER")
    return f"{told.transfer.reference}, {_shown_balance(told, '749.50')}"


def _statement(told: Story) -> str:
    assert told.payer is not None
    page = told.person(TELLER).get(reverse("admin:accounts_account_statement", args=[told.payer.pk]))
    for words in ("Opening deposit", "1,000.00", "Savings", "250.50", "749.50"):
        page.must_show(words)
    return _("two bookings, closing balance CNY 749.50")


def _reversal(told: Story) -> str:
    assert told.transfer is not None
    url = reverse("admin:transactions_transaction_reverse", args=[told.transfer.pk])
    told.person(OPERATOR).post_form(url, {"reason": "Wrong account named by the customer"})
    told.transfer.refresh_from_db()
    return f"{told.transfer.reversed_by.reference}, {_shown_balance(told, '1,000.00')}"


def _second_reversal_is_refused(told: Story) -> str:
    assert told.transfer is not None
    url = reverse("admin:transactions_transaction_reverse", args=[told.transfer.pk])
    answer = told.person(OPERATOR).post_form(url, {"reason": "Once more"}, expect=422, refused=True)
    answer.must_show("already_reversed")
    return _shown_balance(told, "1,000.00")


def _a_teller_may_not_reverse(told: Story) -> str:
    assert told.transfer is not None
    teller, door = told.person(TELLER), reverse("admin:transactions_transaction_reverse", args=[told.transfer.pk])
    teller.get(door, expect=403)
    if door in teller.get(reverse("admin:transactions_transaction_change", args=[told.transfer.pk])).html:
        raise UnexpectedPage("the page offers the teller what is refused")
    return _("refused, and not offered on the page")


def _worker_seals(_told: Story) -> str:
    deadline = time.monotonic() + _SEAL_SECONDS_MAX
    while AuditEvent.objects.filter(position__isnull=True).exists():
        if time.monotonic() > deadline:
            raise AssertionError("the worker sealed nothing; see worker.log and beat.log")
        time.sleep(0.2)
    return _proof("verify_audit")


def _verify_books(_told: Story) -> str:
    return _proof("verify_books")


def _proof(command: str) -> str:
    """Run a proving command; it ends with SystemExit when something is wrong."""
    output = io.StringIO()
    try:
        call_command(command, stdout=output)
    except SystemExit as failed:
        raise AssertionError(output.getvalue()) from failed
    return output.getvalue().strip().splitlines()[-1]


def _move(told: Story, door: str, form: dict[str, str]) -> None:
    """Fill in a money door, read the confirmation, confirm it."""
    teller = told.person(TELLER)
    confirmation = teller.post_form(_door(told, door), form)
    confirmation.must_show("You are about to")
    teller.submit(confirmation, {}, press="confirmed")


def _door(told: Story, name: str) -> str:
    assert told.payer is not None
    return reverse(f"admin:accounts_account_{name}", args=[told.payer.pk])


def _shown_balance(told: Story, figure: str) -> str:
    """Look at the payer's page as the teller, and say what it shows."""
    assert told.payer is not None
    page = told.person(TELLER).get(reverse("admin:accounts_account_change", args=[told.payer.pk]))
    words = f"Ledger balance CNY {figure}"
    page.must_show(words)
    return words


def _must_be_at(page: Page, path: str) -> None:
    if not page.url.endswith(path):
        raise UnexpectedPage(f"{page.url} instead of {path}.{page.complaint()}")


STEPS: tuple[Step[Story], ...] = (
    Step("A password alone does not sign in", _a_password_alone_is_not_enough),
    Step("The teller signs in with a one-time code", lambda told: _sign_in(told, TELLER)),
    Step("The same code does not open a second session", _a_used_code_is_refused),
    Step("A customer is registered and two accounts are opened", _open_accounts),
    Step("A deposit of CNY 1,000.00", _deposit),
    Step("A transfer of more than there is, is refused", _too_much_is_refused),
    Step("A transfer of CNY 250.50", _transfer),
    Step("The statement shows both", _statement),
    Step("The teller may not reverse it", _a_teller_may_not_reverse),
    Step("The operator signs in with a one-time code", lambda told: _sign_in(told, OPERATOR)),
    Step("The operator reverses the transfer", _reversal),
    Step("A second reversal is refused", _second_reversal_is_refused),
    Step("The worker has sealed the audit trail, and it verifies", _worker_seals),
    Step("The books verify", _verify_books),
)
