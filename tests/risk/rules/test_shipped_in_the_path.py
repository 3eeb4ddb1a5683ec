"""The bank's own lists stop real transfers through the rules that every bank starts with."""

from __future__ import annotations

import pytest

from accounts.drafts import AddressDraft
from accounts.models import Account, AddressType
from bankops.core import clock
from bankops.core.actor import Actor
from risk.outcomes import Outcome
from risk.selectors import lists
from risk.services.shipping import ship_rules
from staff.models import Branch, User
from tests.accounts.factories import ledger_of, make_account, make_customer
from tests.consent import as_if_consented
from tests.risk.screening.consent import put_on
from tests.transactions.risk_cases import analyst, said_of
from tests.transactions.shipped import Shipped, order_transfer
from transactions.models import State, Transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(shipped_bank: Shipped) -> Shipped:
    """The bank of these tests with the rules that it starts with."""
    lists.forget()
    assert ship_rules(actor=Actor.system("tests"), now=clock.now()).active
    return shipped_bank


@pytest.fixture
def rao(bank: Shipped, branch: Branch) -> User:
    return analyst(branch)


def living_in(country: str, name: str, balance: str = "0") -> Account:
    home = AddressDraft(AddressType.RESIDENTIAL, "1 Quay", "Harbour", country)
    with as_if_consented():
        return make_account(balance, customer=make_customer(name, more=[home]))


def ordered(bank: Shipped, payer: Account, payee: Account) -> Transaction:
    row = order_transfer(bank.maker, payer, payee, "60.00").result
    assert isinstance(row, Transaction)
    return row


def rules_of(row: Transaction) -> list[str]:
    return [reason["rule"] for reason in said_of(row).reasons]


@pytest.mark.parametrize(("payer", "payee"), [("CN", "VA"), ("VA", "CN")])
def test_a_sanctioned_country_holds_what_goes_there_and_what_comes_from_there(
    bank: Shipped, rao: User, payer: str, payee: str
) -> None:
    li, wang = living_in(payer, "Li Hua", "500.00"), living_in(payee, "Wang Fang")
    assert ordered(bank, li, wang).state == State.POSTED
    put_on(rao, "regions.sanctioned", "COUNTRY", "VA")
    row = ordered(bank, li, wang)
    assert (row.state, ledger_of(wang), rules_of(row)) == (State.HELD, "60.00", ["sanctioned_region"])


@pytest.mark.parametrize("name", ["Hua LI", "Wang Fang"])
def test_a_name_on_the_black_list_declines_and_is_not_kept(bank: Shipped, rao: User, name: str) -> None:
    li, wang = living_in("CN", "Li Hua", "500.00"), living_in("CN", "Wang Fang")
    put_on(rao, "own.black", "NAME", name)
    row = ordered(bank, li, wang)
    assert (row.state, ledger_of(wang), rules_of(row)) == (State.DECLINED, "0.00", ["own_black"])
    kept = said_of(row).facts
    assert not [word for word in ("Li Hua", "Wang Fang") if word in kept]
    assert "(name of the pay" in kept


def test_a_country_on_the_grey_list_has_somebody_look(bank: Shipped, rao: User) -> None:
    li, wang = living_in("CN", "Li Hua", "500.00"), living_in("VA", "Wang Fang")
    put_on(rao, "own.grey", "COUNTRY", "VA")
    row = ordered(bank, li, wang)
    assert (row.state, said_of(row).outcome, rules_of(row)) == (State.POSTED, Outcome.REVIEW, ["own_grey"])
