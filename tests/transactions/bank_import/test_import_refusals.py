"""What cannot be loaded: bad files refuse the import, bad rows are rejected, and neither changes what is there."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import chart
from accounts.models import Account, Restriction
from bankops.core.models import AuditEvent
from tests.accounts.factories import close, freeze
from tests.transactions.bank_import.loading import history_of, load, numbers, written
from tests.transactions.bank_import.small_bank import SmallBank
from transactions.bank_import.errors import (
    ColumnMissing,
    CountsDoNotAddUp,
    ImportRunning,
    LedgerLineDiffers,
    OutOfDateOrder,
    ProductMissing,
    WrongEncoding,
)
from transactions.bank_import.profile_file import PROFILES, parse_profile
from transactions.bank_import.report import Report
from transactions.models import Transaction

pytestmark = pytest.mark.django_db


REFUSED_ROWS = {
    "unknown account": ('30;9;930201;"PRIJEM";"VKLAD";1.00;1.00;"";;', "account_id", "unknown_account"),
    "before the account was opened": ('30;2;930101;"PRIJEM";"VKLAD";1.00;1.00;"";;', "date", "before_opening"),
    "an id that was there before": ('10;2;930201;"PRIJEM";"VKLAD";1.00;1.00;"";;', "trans_id", "duplicate_id"),
    "torn": ('30;2;930201;"PRIJE', "", "torn_line"),
}


@pytest.mark.parametrize(("row", "column", "code"), REFUSED_ROWS.values(), ids=REFUSED_ROWS.keys())
def test_a_row_that_cannot_be_posted_is_rejected_and_the_others_are_posted(
    bank: SmallBank, row: str, column: str, code: str
) -> None:
    position = 1 if "930101" in row else len(bank.rows["trans.asc"])
    bank.rows["trans.asc"].insert(position, row)

    report = load(bank.write())

    [rejection] = report.rejections
    assert (rejection.file, rejection.line, rejection.column, rejection.code) == (
        "trans.asc",
        position + 2,
        column,
        code,
    )
    assert (numbers(report)["rows_read"], numbers(report)["posted"], numbers(report)["rejected"]) == (8, 7, 1)


def test_a_row_on_an_account_closed_meanwhile_is_rejected_with_the_journal_s_reason(bank: SmallBank) -> None:
    load(bank.write())
    idle = Account.objects.get(external_reference="berka:3")
    close(idle)
    bank.rows["trans.asc"].append('31;3;940601;"PRIJEM";"VKLAD";1.00;1.00;"";;')

    report = load(bank.write())

    [rejection] = report.rejections
    assert (rejection.line, rejection.code) == (9, "account_closed")
    assert numbers(report)["already_posted"] == 7


def test_a_row_changed_since_it_was_posted_is_rejected_and_nothing_is_rewritten(bank: SmallBank) -> None:
    load(bank.write())
    bank.rows["trans.asc"][0] = bank.rows["trans.asc"][0].replace("700.00;700.00", "800.00;800.00")

    report = load(bank.write())

    assert [(rejection.line, rejection.code) for rejection in report.rejections] == [(2, "idempotency_conflict")]
    assert history_of("1")[0] == ("berka:10", 70_000)


def test_records_that_name_somebody_unknown_are_rejected(bank: SmallBank) -> None:
    bank.rows["client.asc"].append('8;"450204";77')
    bank.rows["account.asc"].append('8;1;"POPLATEK MESICNE";930101')
    bank.rows["disp.asc"].append('8;99;1;"DISPONENT"')
    bank.rows["disp.asc"].append('9;1;98;"DISPONENT"')
    bank.rows["order.asc"].append('9;97;"YZ";"1";1.00;"SIPO"')
    bank.rows["district.asc"].append('12345;"Far";"away"')

    report = load(bank.write())

    assert sorted((rejection.file, rejection.column, rejection.code) for rejection in report.rejections) == [
        ("account.asc", "owner", "no_owner"),
        ("client.asc", "district_id", "unknown_branch"),
        ("disp.asc", "account_id", "unknown_account"),
        ("disp.asc", "client_id", "unknown_customer"),
        ("district.asc", "A1", "too_long"),
        ("order.asc", "account_id", "unknown_account"),
    ]
    for counts in report.files.values():
        assert counts.read == counts.created + counts.already_there + counts.rejected


def _earlier_row_last(bank: SmallBank) -> None:
    bank.rows["trans.asc"].append('30;1;930102;"PRIJEM";"VKLAD";1.00;1.00;"";;')


def _no_balance_column(bank: SmallBank) -> None:
    bank.headers["trans.asc"] = bank.headers["trans.asc"].replace('"balance"', '"saldo"')


def _other_encoding(bank: SmallBank) -> None:
    bank.rows["order.asc"].append('9;1;"Y\x8e";"1";1.00;"SIPO"')


REFUSALS = {
    "out of date order": (_earlier_row_last, OutOfDateOrder, "trans.asc, line 9, column date"),
    "missing column": (_no_balance_column, ColumnMissing, "trans.asc, line 1: column balance"),
    "wrong encoding": (_other_encoding, WrongEncoding, "order.asc, line 4, column 7"),
}


@pytest.mark.parametrize(("spoil", "error", "where"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_bad_file_refuses_the_import_before_anything_is_written(
    bank: SmallBank, spoil: Any, error: type[Exception], where: str
) -> None:
    spoil(bank)
    before = (written(), AuditEvent.objects.count())

    with pytest.raises(error) as refusal:
        load(bank.write())

    assert str(refusal.value).startswith(where)
    assert (written(), AuditEvent.objects.count()) == before


@pytest.mark.parametrize(
    ("text", "instead", "error"),
    [
        (
            'code = "4010", name = "Fee income", category = "INCOME"',
            'code = "1010", name = "Fees", category = "INCOME"',
            LedgerLineDiffers,
        ),
        ('currency = "CZK"', 'currency = "CZK"\nproduct = "GOLD"', ProductMissing),
    ],
    ids=["ledger line of another category", "unknown product"],
)
def test_a_profile_that_does_not_fit_this_bank_is_refused(
    bank: SmallBank, text: str, instead: str, error: type[Exception]
) -> None:
    chart.seed()
    profile = parse_profile((PROFILES / "berka.toml").read_text().replace(text, instead).encode(), source="other.toml")
    before = written()

    with pytest.raises(error):
        load(bank.write(), profile)

    assert written() == before


@pytest.mark.parametrize(
    ("restriction", "stopped"),
    [(Restriction.BLOCK_DEBIT, "30"), (Restriction.BLOCK_CREDIT, "31"), (Restriction.BLOCK_ALL, "30 31")],
)
def test_a_row_that_a_freeze_stops_is_rejected(bank: SmallBank, restriction: Restriction, stopped: str) -> None:
    later = ['30;2;930201;"VYDAJ";"VYBER";50.00;700.00;"";;', '31;2;930202;"PRIJEM";"VKLAD";60.00;760.00;"";;']
    load(bank.write())
    freeze(Account.objects.get(external_reference="berka:2"), restriction)
    bank.rows["trans.asc"] += later

    report = load(bank.write())

    line = {"30": 9, "31": 10}
    rejected = {(row.line, row.code) for row in report.rejections}
    assert rejected == {(line[one], "account_blocked") for one in stopped.split()}
    came = {key for key, _balance in history_of("2")}
    assert came & {"berka:30", "berka:31"} == {f"berka:{one}" for one in {"30", "31"} - set(stopped.split())}


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_bank_do_not_run_at_once(bank: SmallBank) -> None:
    # given: another connection that holds the lock of this bank's import
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended('bank_import:berka', 0))")

        with pytest.raises(ImportRunning):
            load(bank.write())
    finally:
        other.close()

    # then: nothing was written, and once the other has ended the import goes through
    assert Transaction.objects.count() == 0
    assert load(bank.directory).transactions.created == 7


def test_a_report_whose_counts_do_not_add_up_is_refused() -> None:
    report = Report("berka", "Bank", "CZK")
    report.transactions.read = 1

    with pytest.raises(CountsDoNotAddUp):
        report.check()


def test_the_command_refuses_with_the_stable_code(bank: SmallBank) -> None:
    _no_balance_column(bank)

    with pytest.raises(CommandError, match="bank_import_column_missing"):
        call_command("import_bank", str(bank.write()), profile="berka")
