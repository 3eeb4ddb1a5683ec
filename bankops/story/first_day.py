"""The first day: sign in, move money within the payer's means, and see every refusal named."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from bankops.core.story import Step
from bankops.core.visitor import UnexpectedPage, Visitor
from bankops.story.told import TELLER, Story
from staff import demo
from transactions.models import Transaction


def _a_password_alone_is_not_enough(told: Story) -> str:
    visitor = Visitor(told.base_url)
    visitor.post_form(reverse("staff:sign_in"), {"employee_number": TELLER, "password": demo.PASSWORD})
    page = visitor.get(reverse("admin:index"))
    if not page.url.startswith(told.base_url.rstrip("/") + reverse("staff:sign_in")):
        raise UnexpectedPage(f"{page.url} opened without a one-time code")
    return _("the home page sends back to the sign-in")


def _a_used_code_is_refused(told: Story) -> str:
    visitor = Visitor(told.base_url)
    page = visitor.post_form(reverse("staff:sign_in"), {"employee_number": TELLER, "password": demo.PASSWORD})
    visitor.submit(page, {"code": told.used_codes[TELLER]}, expect=422, refused=True)
    return _("the code that opened the first session opens no second one")


def _deposit(told: Story) -> str:
    told.move("deposit", {"amount": "1000.00", "narrative": "Opening deposit"})
    return told.shown_balance("1,000.00")


def _too_much_is_refused(told: Story) -> str:
    assert told.payee is not None
    form = {"to_account": told.payee.number, "amount": "1000.01"}
    answer = told.person(TELLER).post_form(told.door("transfer"), form, expect=422, refused=True)
    answer.must_show("insufficient_funds")
    return told.shown_balance("1,000.00")


def _transfer(told: Story) -> str:
    assert told.payee is not None
    told.move("transfer", {"to_account": told.payee.number, "amount": "250.50", "narrative": "Savings"})
    told.transfer = Transaction.objects.get(debit_account=told.payer, kind="TRANSFER")
    return f"{told.transfer.reference}, {told.shown_balance('749.50')}"


def _statement(told: Story) -> str:
    assert told.payer is not None
    page = told.person(TELLER).get(reverse("admin:accounts_account_statement", args=[told.payer.pk]))
    for words in ("Opening deposit", "1,000.00", "Savings", "250.50", "749.50"):
        page.must_show(words)
    return _("two bookings, closing balance CNY 749.50")


def _a_teller_may_not_reverse(told: Story) -> str:
    assert told.transfer is not None
    teller, door = told.person(TELLER), reverse("admin:transactions_transaction_reverse", args=[told.transfer.pk])
    teller.get(door, expect=403)
    if door in teller.get(reverse("admin:transactions_transaction_change", args=[told.transfer.pk])).html:
        raise UnexpectedPage("the page offers the teller what is refused")
    return _("refused, and not offered on the page")


SIGN_IN: tuple[Step[Story], ...] = (
    Step("A password alone does not sign in", _a_password_alone_is_not_enough),
    Step("The teller signs in with a one-time code", lambda told: told.sign_in(TELLER)),
    Step("The same code does not open a second session", _a_used_code_is_refused),
)
STEPS: tuple[Step[Story], ...] = (
    Step("A deposit of CNY 1,000.00", _deposit),
    Step("A transfer of more than there is, is refused", _too_much_is_refused),
    Step("A transfer of CNY 250.50", _transfer),
    Step("The statement shows both", _statement),
    Step("The teller may not reverse it", _a_teller_may_not_reverse),
)
