"""Transactions, journal, chart and trial balance as they are read."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import numbers
from accounts.models import Account, Restriction
from staff.models import User
from tests.accounts.factories import (
    NOW,
    TANG_LING,
    TODAY,
    cny,
    freeze,
    ledger_of,
    make_account,
    make_branch,
    make_customer,
)
from tests.desk import address, words
from tests.personas import SignIn
from tests.transactions.factories import charge_fee, credit, debit, deposit, entry, post, transfer
from tests.transactions.standing_order_cases import make_order
from transactions import services as transaction_services
from transactions.models import HoldPurpose, JournalEntry, StandingOrder, StandingOrderRun

pytestmark = pytest.mark.django_db

TOLD: dict[str, Any] = {"reason": "card", "actor": TANG_LING, "now": NOW}
LIST = "/admin/transactions/transaction/"


@pytest.fixture
def reader(signed_in_client: SignIn, finance: User) -> Client:
    return signed_in_client(finance)


@pytest.fixture
def desk(signed_in_client: SignIn, teller: User) -> Client:
    return signed_in_client(teller)


@pytest.fixture
def payer() -> Account:
    return make_account("100.00", customer=make_customer("Li Hua"))


@pytest.fixture
def payee() -> Account:
    return make_account(customer=make_customer("Wang Fang"))


def test_a_transaction_is_said_in_a_sentence_and_drawn_as_t_accounts(
    desk: Client, payer: Account, payee: Account
) -> None:
    moved = transfer(payer, payee, cny("30.00"), narrative="Rent", external_reference="INV-7")
    page = words(desk.get(address(moved)))
    payer_number, payee_number = numbers.display(payer.number), numbers.display(payee.number)
    assert f"Transfer {moved.reference} posted" in page
    assert f"CNY 30.00 from {payer_number} (Li Hua) to {payee_number} (Wang Fang)." in page
    assert "“Rent”" in page
    assert "INV-7" in page
    # Li Hua          Wang Fang
    # 30.00 |               | 30.00
    assert f"{payer_number} Li Hua Debit Credit CNY 30.00 {payee_number} Wang Fang Debit Credit CNY 30.00" in page
    assert f"1 {payer_number} Li Hua CNY 30.00 CNY 70.00" in page
    assert f"2 {payee_number} Wang Fang CNY 30.00 CNY 30.00" in page
    happened = page[page.index("What happened") :]
    assert "Transfer posted by Tang Ling" in happened
    assert happened.index("Posted by Tang Ling") < happened.index("Received by Tang Ling")


def test_the_banks_own_balance_is_not_told_to_the_counter(desk: Client, reader: Client, payer: Account) -> None:
    fee = charge_fee(payer, cny("1.50"))
    income = Account.objects.get(number="4010-CNY")
    counter, ledger = desk.get(address(fee)).content.decode(), reader.get(address(fee)).content.decode()
    assert address(income) not in counter
    assert address(income) in ledger
    assert "Fee income CNY CNY 1.50 —" in words(desk.get(address(fee)))
    assert "Fee income CNY CNY 1.50 CNY 1.50" in words(reader.get(address(fee)))


def test_the_list_shows_who_paid_whom(desk: Client, payer: Account, payee: Account) -> None:
    moved = transfer(payer, payee, cny("30.00"))
    page = words(desk.get(LIST))
    sides = f"{numbers.display(payer.number)} Li Hua {numbers.display(payee.number)} Wang Fang"
    assert f"{moved.reference} transfer posted CNY 30.00 {sides} Tang Ling" in page


def test_transactions_are_found(desk: Client, payer: Account, payee: Account) -> None:
    rent = transfer(payer, payee, cny("30.00"), narrative="Rent for November", external_reference="INV-7")
    gift = deposit(payer, cny("5.00"), narrative="Gift")

    def found(text: str) -> set[str]:
        page = words(desk.get(LIST, {"q": text}))
        return {row.narrative for row in (rent, gift) if row.reference in page}

    assert found(rent.reference) == found(rent.reference.lower()) == {"Rent for November"}
    assert found("INV-7") == {"Rent for November"}
    assert found(payee.number) == found(numbers.display(payee.number)) == {"Rent for November"}
    assert found(payer.number) == {"Rent for November", "Gift"}
    assert found("november") == {"Rent for November"}
    assert found("TR-2026-999999") == set()
    assert found(numbers.with_check_digits(9_999_999_999)) == set()
    assert found("") == {"Rent for November", "Gift"}


def test_the_list_is_filtered(desk: Client, payer: Account, payee: Account) -> None:
    moved, fee = transfer(payer, payee, cny("30.00")), charge_fee(payer, cny("1.00"))
    fees = words(desk.get(LIST, {"kind__exact": "FEE"}))
    assert fee.reference in fees
    assert moved.reference not in fees
    assert fee.reference not in words(desk.get(LIST, {"state__exact": "REVERSED"}))


def test_a_journal_entry_leads_to_its_transaction_and_back(reader: Client, payer: Account, payee: Account) -> None:
    moved = transfer(payer, payee, cny("30.00"))
    assert moved.entry
    page = reader.get(address(moved.entry))
    assert f"Journal entry {moved.entry_id}" in words(page)
    assert address(moved) in page.content.decode()
    assert address(moved.entry) in reader.get(address(moved)).content.decode()


def test_an_entry_without_a_transaction_and_with_many_postings(reader: Client, payer: Account, payee: Account) -> None:
    third = make_account(customer=make_customer("Zhao Min"))
    (result,) = post(entry(debit(payer, cny("3.00")), credit(payee, cny("1.00")), credit(third, cny("2.00"))))
    page = words(reader.get(address(JournalEntry.objects.latest("pk"))))
    assert "Li Hua Debit Credit CNY 3.00" in page
    assert "Zhao Min Debit Credit CNY 2.00" in page
    assert "It carries out" not in page
    history = words(reader.get(address(payer)))
    assert f"entry {result.entry_id}" in history


def test_the_trial_balance_adds_up_in_every_currency(reader: Client, payer: Account) -> None:
    make_account("500", currency="JPY")
    charge_fee(payer, cny("1.50"))
    page = words(reader.get(reverse("admin:transactions_journalentry_trial_balance")))
    assert "The books balance: debits equal credits in every currency." in page
    assert "1010 Cash in hand CNY 100.00" in page
    assert "2010 Customer current accounts CNY 98.50" in page
    assert "Total CNY 100.00 CNY 100.00" in page
    assert "Total JPY 500 JPY 500" in page


def test_books_that_do_not_balance_are_called_so(reader: Client, payer: Account) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # what the guards would refuse
        cursor.execute("UPDATE accounts_balance SET ledger = ledger + 1 WHERE account_id = %s", [payer.pk])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert ledger_of(payer) == "100.01"
    page = words(reader.get(reverse("admin:transactions_journalentry_trial_balance")))
    assert "The books do not balance." in page
    assert "The books balance" not in page


def test_empty_books_have_nothing_to_balance(reader: Client) -> None:
    page = words(reader.get(reverse("admin:transactions_journalentry_trial_balance")))
    assert "Nothing has been booked yet" in page


def test_the_chart_has_every_line_with_its_balances(reader: Client, payer: Account) -> None:
    make_account("500", currency="JPY")
    page = words(reader.get(reverse("admin:accounts_chartline_changelist")))
    assert "1010 Cash in hand asset 2 CNY 100.00 JPY 500" in page
    assert "5020 Operating expense expense 0 —" in page


def test_standing_orders_show_on_their_account(desk: Client, payer: Account) -> None:
    assert "87144583" not in words(desk.get(address(payer)))
    StandingOrder.objects.create(
        account=payer,
        amount=245200,
        currency="CNY",
        counterparty_bank="YZ",
        counterparty_account="87144583",
        purpose="SIPO",
    )
    shown = words(desk.get(address(payer)))
    assert "87144583" in shown
    assert "SIPO" in shown
    assert "CNY 2,452.00" in shown


@pytest.mark.usefixtures("consented")
def test_what_blocks_an_account_is_said_where_its_holds_orders_and_statements_are(
    desk: Client, payer: Account, payee: Account
) -> None:
    hold = transaction_services.place_hold(
        account_id=payer.pk, amount=cny("5.00"), purpose=HoldPurpose.PAYMENT, payee_id=payee.pk, **TOLD
    )
    order = make_order(payer, payee)
    run = StandingOrderRun.objects.create(order=order, date=TODAY, state="SKIPPED", last_attempt=TODAY)
    lists = [reverse(f"admin:transactions_{name}_changelist") for name in ("hold", "standingorder", "standingorderrun")]
    pages = [address(hold), address(order), address(run), address(payer, "statement"), address(payer, "balance_then")]
    for url in (*lists, *pages):
        assert "blocked" not in words(desk.get(url)), url
    freeze(payer, Restriction.BLOCK_DEBIT)
    for url in (*lists, *pages):
        assert "debits blocked: suspected fraud, since 2026-03-02" in words(desk.get(url)), url
    freeze(payee, Restriction.BLOCK_CREDIT)
    for url in (address(hold), address(order)):
        assert "credits blocked: suspected fraud, since 2026-03-02" in words(desk.get(url)), url


@pytest.mark.usefixtures("consented")
@pytest.mark.parametrize("hidden", ["confidential", "of another branch"])
def test_nothing_is_said_of_what_blocks_a_payee_whom_the_reader_may_not_see(
    desk: Client, reader: Client, payer: Account, payee: Account, hidden: str
) -> None:
    hold = transaction_services.place_hold(
        account_id=payer.pk, amount=cny("5.00"), purpose=HoldPurpose.PAYMENT, payee_id=payee.pk, **TOLD
    )
    order = make_order(payer, payee)
    freeze(payee, Restriction.BLOCK_CREDIT)
    there = {"is_confidential": True} if hidden == "confidential" else {"branch": make_branch("B07")}
    Account.objects.filter(pk=payee.pk).update(**there)
    for url in (address(hold), address(order)):
        page = words(desk.get(url))
        assert numbers.display(payee.number) in page or payee.number in page, url
        assert "blocked" not in page, url
    # finance works for the whole bank, but is granted no confidential account
    assert ("credits blocked" in words(reader.get(address(hold)))) is (hidden == "of another branch")
