"""A standing order to another bank: an IBAN is checked, a bank without IBANs is named by its code, what was taken over stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from bankops.core import clock, operations
from bankops.core.operations import Order
from staff.models import User
from tests.accounts.factories import NOW, TANG_LING, make_account
from tests.personas import SignIn
from tests.transactions.standing_order_cases import circumstances, fresh, make_order, terms
from tests.unchanged import refused
from transactions import services as transaction_services
from transactions.models import StandingOrder
from transactions.standing_orders import payees, wording

pytestmark = pytest.mark.django_db

GERMAN = "DE89370400440532013000"
GROUPED = "DE89 3704 0044 0532 0130 00"


@pytest.fixture
def li() -> Account:
    return make_account("500.00")


def payload(payer: Account, bank: str, account: str) -> dict[str, Any]:
    days = {"first_date": "2026-03-05", "day": 5}
    there = {"counterparty_bank": bank, "counterparty_account": account, "payee_name": "Jan Dvorak"}
    return {"account": payer.public_id, "amount": "1.00", "currency": "CNY", **days, **there}


def create(payer: Account, bank: str, account: str, key: str = "") -> StandingOrder:
    order = Order(TANG_LING, NOW, reason="asked for it", idempotency_key=key)
    wanted = payload(payer, bank, account)
    created: StandingOrder = operations.submit("transactions.create_standing_order", wanted, order).result
    return created


@pytest.mark.usefixtures("open_gate")
@pytest.mark.parametrize(
    ("bank", "account", "stored"),
    [
        ("", "de89 3704-0044 0532 0130 00", ("", GERMAN)),
        ("cobadeff xxx", GROUPED, ("COBADEFFXXX", GERMAN)),
        # Guernsey's banks have BICs of their own and IBANs of the United Kingdom.
        ("NWBKGGSP", "GB29 NWBK 6016 1331 9268 19", ("NWBKGGSP", "GB29NWBK60161331926819")),
        ("BNPAGPGX", "FR14 2004 1010 0505 0001 3M02 606", ("BNPAGPGX", "FR1420041010050500013M02606")),  # Guadeloupe
        ("bkch cn bj", "6217 8600 0000 1234 567", ("BKCHCNBJ", "6217860000001234567")),
        ("1021 0009 9996", "6222021234", ("102100099996", "6222021234")),
        ("CHASUS33", "000-123 456", ("CHASUS33", "000123456")),
    ],
)
def test_a_payee_is_stored_as_banks_write_it(li: Account, bank: str, account: str, stored: tuple[str, str]) -> None:
    row = create(li, bank, account)
    assert (row.counterparty_bank, row.counterparty_account) == stored


@pytest.mark.usefixtures("open_gate")
@pytest.mark.parametrize(
    ("bank", "account", "code"),
    [
        ("", "DE88370400440532013000", "wrong_check_digits"),
        ("", "DE8937040044053201300", "wrong_length"),
        ("", "DE89370400440532O13000", "wrong_character"),
        ("", "87144583", "payee_bank_missing"),
        ("YZ", "87144583", "wrong_length"),
        ("COBADEFF", "0532013000", "iban_needed"),
        ("BKCHCNBJ", GERMAN, "bank_without_ibans"),
        ("102100099996", GERMAN, "bank_without_ibans"),
        ("102100099997", "6222021234", "wrong_check_character"),
        ("BKCHXXBJ", "6222021234", "wrong_country"),
        ("BKCHCNBJ", "6222/021234", "wrong_character"),
        ("BKCHCNBJ", "6" * 35, "wrong_length"),
        ("BKCHCNBJ", "---", "wrong_length"),
        ("COBADEFF", "GB29 NWBK 6016 1331 9268 19", "iban_of_another_country"),
        ("NWBKGGSP", GERMAN, "iban_of_another_country"),
    ],
)
def test_what_can_be_no_account_is_refused_and_changes_nothing(li: Account, bank: str, account: str, code: str) -> None:
    with refused(code):
        create(li, bank, account)


@pytest.mark.usefixtures("open_gate")
def test_the_same_payee_grouped_otherwise_is_the_same_wish(li: Account) -> None:
    first = create(li, "", GROUPED, key="k")
    assert create(li, "", GERMAN, key="k") == first


@pytest.mark.usefixtures("consented")
def test_the_service_checks_by_itself(li: Account) -> None:
    with refused("wrong_check_digits"):
        make_order(li, counterparty_bank="", counterparty_account="DE88370400440532013000")
    row = make_order(li, counterparty_bank="", counterparty_account=GROUPED)
    assert fresh(row).counterparty_account == GERMAN


@pytest.mark.usefixtures("consented")
def test_an_order_taken_over_keeps_its_payee_until_somebody_names_another(li: Account) -> None:
    row = make_order(li)
    StandingOrder.objects.update(counterparty_bank="YZ", counterparty_account="87144583")
    there: dict[str, Any] = {"counterparty_bank": "YZ", "counterparty_account": "87144583"}
    wanted = terms(amount="120.00", **there)
    transaction_services.change_standing_order(order_id=row.pk, version=1, terms=wanted, **circumstances())
    kept = fresh(row)
    assert (kept.amount, kept.counterparty_bank, kept.counterparty_account) == (12_000, "YZ", "87144583")
    other = terms(**{**there, "counterparty_account": "87144584"})
    with refused("wrong_length"):
        transaction_services.change_standing_order(order_id=row.pk, version=2, terms=other, **circumstances())


@pytest.mark.usefixtures("consented", "open_gate")
@pytest.mark.parametrize(
    ("bank", "account"), [("YZ", GERMAN), ("YZ", GROUPED), ("yz ", "87-144583"), ("COBADEFF", "x y")]
)
def test_an_order_taken_over_keeps_its_payee_through_the_form(
    signed_in_client: SignIn, teller: User, li: Account, bank: str, account: str
) -> None:
    row = make_order(li)
    StandingOrder.objects.update(counterparty_bank=bank, counterparty_account=account)
    client = signed_in_client(teller)
    door = reverse("admin:transactions_standingorder_change_standing_order", args=[row.pk])
    shown = client.get(door).context["form"].initial
    there = {name: shown[name] for name in ("counterparty_bank", "counterparty_account")}
    answer = client.post(door, {**form(""), **there, "day": "5", "amount": "120.00", "reason": "a new rent"})
    assert answer.status_code == 302, answer.content.decode()
    kept = fresh(row)
    assert (kept.amount, kept.counterparty_bank, kept.counterparty_account) == (12_000, bank, account)


def test_an_iban_is_read_in_groups_of_four_and_another_number_as_it_is() -> None:
    assert payees.display(GERMAN) == GROUPED
    assert payees.display("87144583") == "87144583"
    assert wording.elsewhere("", GERMAN) == f"account {GROUPED} at another bank"


@pytest.mark.usefixtures("open_gate")
def test_the_form_names_the_place_and_the_page_shows_groups_of_four(
    signed_in_client: SignIn, teller: User, li: Account
) -> None:
    client = signed_in_client(teller)
    door = reverse("admin:accounts_account_create_standing_order", args=[li.pk])
    answer = client.post(door, form("DE88 3704 0044 0532 0130 00"))
    assert answer.status_code == 422
    assert "characters 3–4 should be 89, not 88" in answer.content.decode()
    assert not StandingOrder.objects.exists()
    assert client.post(door, form(GROUPED)).status_code == 302
    row = StandingOrder.objects.get()
    assert row.counterparty_account == GERMAN
    assert GROUPED in page(client, reverse("admin:transactions_standingorder_change", args=[row.pk]))
    assert GROUPED in page(client, reverse("admin:transactions_standingorder_change_standing_order", args=[row.pk]))


def form(account: str) -> dict[str, str]:
    first = clock.business_date() + timedelta(days=40)
    every = {"every": "1", "unit": "MONTH", "on_holiday": "FOLLOWING", "retry_days": "3"}
    known = {"first_date": first.isoformat(), "idempotency_key": "form-1", "confirmed": "1", "payee_name": "Jan Dvorak"}
    return {"amount": "100.00", "counterparty_account": account, **every, **known}


def page(client: Client, url: str) -> str:
    return client.get(url).content.decode()
