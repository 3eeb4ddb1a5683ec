"""A page asks the database as often for 30 rows as for 3: on lists, records, searches and the first page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account, AccountParty, PartyRole, Restriction
from bankops.core.models import EndOfDayRun, EndOfDayStep, StepState
from bankops.core.models import RunState as EndOfDayState
from staff.models import User
from tests.accounts.factories import NOW, TANG_LING, TODAY, cny, freeze, make_account, make_branch, make_customer
from tests.desk import address
from tests.personas import SignIn
from tests.transactions.factories import deposit, transfer
from tests.transactions.interest_cases import set_rate
from tests.transactions.standing_order_cases import make_order
from transactions import services as transaction_services
from transactions.models import Hold, HoldPurpose, StandingOrder, StandingOrderRun, Transaction
from transactions.models.standing_order import RunState

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]

FEW, MANY = 3, 30


@pytest.fixture
def reader(signed_in_client: SignIn, auditor: User) -> Client:
    """The auditor sees every page and all of it."""
    return signed_in_client(auditor)


class Bank:
    """A customer with many accounts, of which the first has many bookings, and people with rights on it.

    The others are blocked, each with money held and a standing order that could not be paid.
    """

    def __init__(self) -> None:
        self.branch = make_branch()
        self.customer = make_customer("Li Hua", branch=self.branch)
        self.first = make_account(customer=self.customer)
        self.latest: Transaction = deposit(self.first, cny("1000.00"))
        self.days = 0

    def grow(self, rows: int) -> None:
        for number in range(rows):
            other = make_customer(f"Li {number}", branch=self.branch)
            account = make_account(customer=self.customer)
            self.latest = transfer(self.first, account, cny("1.00"), narrative="Li")
            AccountParty.objects.create(account=self.first, customer=other, role=PartyRole.JOINT)
            AccountParty.objects.create(account=account, customer=other, role=PartyRole.JOINT)
            self.days += 1
            set_rate(valid_from=TODAY + timedelta(days=self.days))
            hold(account, payee=self.first)
            unpaid(make_order(account, self.first))
            freeze(account, Restriction.BLOCK_ALL)
            end_day(TODAY + timedelta(days=self.days))


def hold(account: Account, payee: Account) -> None:
    transaction_services.place_hold(
        account_id=account.pk,
        amount=cny("0.50"),
        purpose=HoldPurpose.PAYMENT,
        payee_id=payee.pk,
        reason="card",
        actor=TANG_LING,
        now=NOW,
    )


def unpaid(order: StandingOrder) -> None:
    tried = {"last_attempt": TODAY, "refusal": "insufficient_funds"}
    StandingOrderRun.objects.create(order=order, date=TODAY, state=RunState.SKIPPED, **tried)


def end_day(day: date) -> None:
    run = EndOfDayRun.objects.create(business_date=day, state=EndOfDayState.FAILED, started_at=NOW)
    for number, state in enumerate(StepState.values):
        step = {"name": f"step {number}", "position": number, "state": state, "counts": {"things": number}}
        EndOfDayStep.objects.create(run=run, started_at=NOW, **step)


def newest(model: type[Model]) -> Callable[[Bank], str]:
    return lambda _bank: address(model._default_manager.order_by("-pk")[0])


PAGES: dict[str, Callable[[Bank], str]] = {
    "home": lambda bank: "/admin/",
    "search": lambda bank: "/admin/search/?q=li",
    "palette": lambda bank: "/admin/search/?s=li&extended=1",
    "customers": lambda bank: reverse("admin:accounts_customer_changelist"),
    "customers, searched": lambda bank: reverse("admin:accounts_customer_changelist") + "?q=li",
    "customer": lambda bank: address(bank.customer),
    "accounts": lambda bank: reverse("admin:accounts_account_changelist"),
    "accounts, searched": lambda bank: reverse("admin:accounts_account_changelist") + "?q=li",
    "account": lambda bank: address(bank.first),
    "statement": lambda bank: address(bank.first, "statement") + "?from_date=2026-01-01&to_date=2026-12-31",
    "balance then": lambda bank: address(bank.first, "balance_then") + "?moment=2026-03-02T12:00",
    "holds": lambda bank: reverse("admin:transactions_hold_changelist"),
    "hold": newest(Hold),
    "standing orders": lambda bank: reverse("admin:transactions_standingorder_changelist"),
    "standing order": newest(StandingOrder),
    "payments of standing orders": lambda bank: reverse("admin:transactions_standingorderrun_changelist"),
    "payment of a standing order": newest(StandingOrderRun),
    "interest rates": lambda bank: reverse("admin:transactions_interestrate_changelist"),
    "access to confidential accounts": lambda bank: reverse("admin:accounts_accountgrant_changelist"),
    "transactions": lambda bank: reverse("admin:transactions_transaction_changelist"),
    "transactions, searched": lambda bank: reverse("admin:transactions_transaction_changelist") + "?q=li",
    "transaction": lambda bank: address(bank.latest),
    "journal": lambda bank: reverse("admin:transactions_journalentry_changelist"),
    "chart": lambda bank: reverse("admin:accounts_chartline_changelist"),
    "ends of day": lambda bank: reverse("admin:core_endofdayrun_changelist"),
    "end of day": newest(EndOfDayRun),
    "trial balance": lambda bank: reverse("admin:transactions_journalentry_trial_balance"),
}
QUERIES_MAX = 28  # the search asks for each kind of record


def count(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_no_page_asks_more_often_when_there_is_more_to_show(reader: Client) -> None:
    bank = Bank()
    bank.grow(FEW)
    for url in PAGES.values():
        reader.get(url(bank))  # content types are asked for once per process
    few = {name: count(reader, url(bank)) for name, url in PAGES.items()}
    bank.grow(MANY - FEW)
    many = {name: count(reader, url(bank)) for name, url in PAGES.items()}
    assert Account.objects.filter(customer=bank.customer).count() > MANY
    assert many == few
    assert {name: number for name, number in many.items() if number > QUERIES_MAX} == {}
