"""Bad files are refused before anything is written; bad rows are rejected with line, column and reason, never guessed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.transactions.bank_import.small_bank import SmallBank
from transactions.bank_import.errors import BankFileMissing, ColumnMissing, WrongEncoding
from transactions.bank_import.parsing import RowParser
from transactions.bank_import.profile_file import load_profile, parse_profile
from transactions.bank_import.reader import check_files, open_files
from transactions.bank_import.rows import CustomerRow, PartyRow, Rejection, StandingOrderRow, TransactionRow

BERKA = load_profile("berka")


def read(directory: Path, role: str) -> list[Any]:
    parser = RowParser(BERKA)
    parse = parser.transaction if role == "transactions" else parser.parser_for(role)
    return list(open_files(BERKA, directory)[role].parsed(parse))


def test_every_file_of_a_sound_bank_is_counted(bank: SmallBank) -> None:
    lines = check_files(open_files(BERKA, bank.write()))

    assert lines == {
        "branches": 2,
        "customers": 3,
        "accounts": 3,
        "parties": 4,
        "standing_orders": 2,
        "transactions": 7,
    }


def test_a_row_is_read_with_sign_rule_and_counterparty(bank: SmallBank) -> None:
    rows = read(bank.write(), "transactions")

    transfer, household = rows[3], rows[6]
    assert transfer == TransactionRow(
        line=5,
        id="11",
        account="1",
        date=date(1993, 1, 3),
        amount=30_000,
        balance=100_000,
        rule=transfer.rule,
        counterparty="AB 12345678",
    )
    assert (transfer.rule.kind, transfer.rule.ledger) == ("payment_in", "other_banks")
    assert (household.amount, household.rule.kind, household.rule.ledger) == (
        -25_000,
        "payment_out",
        "household_payments",
    )


def test_the_birth_number_of_a_woman_has_fifty_added_to_the_month(bank: SmallBank) -> None:
    woman, man, _other = read(bank.write(), "customers")

    assert woman == CustomerRow(2, "1", "", date(1970, 12, 13), "1")
    assert man == CustomerRow(3, "2", "", date(1945, 2, 4), "2")


def test_parties_and_standing_orders_are_read_in_our_words(bank: SmallBank) -> None:
    bank.write()

    assert read(bank.directory, "parties")[2] == PartyRow(4, "3", "3", "2", "disponent")
    assert read(bank.directory, "standing_orders")[1] == StandingOrderRow(
        3, "29402", "2", 337_270, "ST", "89597016", ""
    )


def test_a_file_that_is_not_there_refuses_the_import(bank: SmallBank) -> None:
    bank.write()
    (bank.directory / "disp.asc").unlink()

    with pytest.raises(BankFileMissing) as refusal:
        check_files(open_files(BERKA, bank.directory))

    assert refusal.value.context == {"file": "disp.asc", "directory": str(bank.directory)}


def test_a_missing_column_refuses_the_import_and_is_named(bank: SmallBank) -> None:
    bank.headers["trans.asc"] = bank.headers["trans.asc"].replace('"balance"', '"saldo"')

    with pytest.raises(ColumnMissing) as refusal:
        check_files(open_files(BERKA, bank.write()))

    assert str(refusal.value).startswith("trans.asc, line 1: column balance is missing.")


@pytest.mark.parametrize("content", [b"", b'"account_id;"district_id"\r\n'], ids=["empty", "torn header"])
def test_a_file_without_a_whole_header_is_refused(bank: SmallBank, content: bytes) -> None:
    bank.write()
    (bank.directory / "account.asc").write_bytes(content)

    with pytest.raises(ColumnMissing):
        check_files(open_files(BERKA, bank.directory))


def test_a_file_of_another_eight_bit_encoding_is_refused_with_line_and_column(bank: SmallBank) -> None:
    # given: "Plzeň" as an IBM PC of the time wrote it; every byte is some Latin-1 character, but one is a control character
    bank.write()
    (bank.directory / "district.asc").write_bytes(
        'A1;A2;A3\r\n1;"Plzeň";"west"\r\n2;"Žďár";"south"\r\n'.encode("cp1250")
    )

    with pytest.raises(WrongEncoding) as refusal:
        check_files(open_files(BERKA, bank.directory))

    assert refusal.value.context == {"file": "district.asc", "line": 3, "column": 4, "encoding": "latin-1"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_file_of_a_unicode_encoding_is_refused_at_its_first_line(bank: SmallBank, encoding: str) -> None:
    bank.write()
    (bank.directory / "district.asc").write_bytes('A1;A2;A3\r\n1;"Praha";"Prague"\r\n'.encode(encoding))

    with pytest.raises(WrongEncoding) as refusal:
        check_files(open_files(BERKA, bank.directory))

    assert refusal.value.context["line"] == 1


def test_bytes_that_are_no_utf8_are_refused_where_the_profile_says_utf8(bank: SmallBank) -> None:
    text = (Path(load_profile.__code__.co_filename).parent / "profiles" / "berka.toml").read_text()
    profile = parse_profile(text.replace('"latin-1"', '"utf-8"').encode(), source="utf8.toml")
    bank.rows["district.asc"].append('3;"Plze\xf2";"west"')

    with pytest.raises(WrongEncoding) as refusal:
        check_files(open_files(profile, bank.write()))

    assert refusal.value.context == {"file": "district.asc", "line": 4, "column": 8, "encoding": "utf-8"}


BAD_ROWS = {
    "not a number": ('30;1;930201;"PRIJEM";"VKLAD";7o0.00;700.00;"";;', "amount", "not_a_number"),
    "a number with grouping": ('30;1;930201;"PRIJEM";"VKLAD";1,700.00;700.00;"";;', "amount", "not_a_number"),
    "a balance that is no number": ('30;1;930201;"PRIJEM";"VKLAD";700.00;1e3;"";;', "balance", "not_a_number"),
    "a number beyond the books": (f'30;1;930201;"PRIJEM";"VKLAD";{"9" * 20}.00;0.00;"";;', "amount", "not_a_number"),
    "too precise": ('30;1;930201;"PRIJEM";"VKLAD";700.001;700.00;"";;', "amount", "too_precise"),
    "balance finer than printed": ('30;1;930201;"PRIJEM";"VKLAD";700.00;700.05;"";;', "balance", "not_on_the_grid"),
    "zero": ('30;1;930201;"PRIJEM";"VKLAD";0.00;700.00;"";;', "amount", "not_positive"),
    "negative": ('30;1;930201;"VYDAJ";"VYBER";-5.00;700.00;"";;', "amount", "not_positive"),
    "no such day": ('30;1;930229;"PRIJEM";"VKLAD";700.00;700.00;"";;', "date", "bad_date"),
    "date too short": ('30;1;9302;"PRIJEM";"VKLAD";700.00;700.00;"";;', "date", "bad_date"),
    "unknown direction": ('30;1;930201;"PRJEM";"VKLAD";700.00;700.00;"";;', "type", "unknown_code_word"),
    "unknown operation": ('30;1;930201;"PRIJEM";"SEK";700.00;700.00;"";;', "operation", "unknown_code_word"),
    "unknown purpose": ('30;1;930201;"PRIJEM";"VKLAD";700.00;700.00;"DAR";;', "k_symbol", "unknown_code_word"),
    "words that do not go together": ('30;1;930201;"PRIJEM";"VKLAD";700.00;700.00;"UVER";;', "", "unknown_combination"),
    "an endless id": (f'{"3" * 41};1;930201;"PRIJEM";"VKLAD";700.00;700.00;"";;', "trans_id", "too_long"),
    "no account": ('30;;930201;"PRIJEM";"VKLAD";700.00;700.00;"";;', "account_id", "empty"),
    "too few fields": ('30;1;930201;"PRIJEM"', "", "torn_line"),
    "torn inside a text": ('30;1;930201;"PRIJEM";"VKL', "", "torn_line"),
    "too many fields": ('30;1;930201;"PRIJEM";"VKLAD";700.00;700.00;"";;;', "", "too_many_fields"),
}


@pytest.mark.parametrize(("row", "column", "code"), BAD_ROWS.values(), ids=BAD_ROWS.keys())
def test_a_bad_row_is_rejected_with_line_column_and_reason_and_the_others_are_read(
    bank: SmallBank, row: str, column: str, code: str
) -> None:
    bank.rows["trans.asc"].insert(3, row)

    rows = read(bank.write(), "transactions")

    [rejection] = [row for row in rows if isinstance(row, Rejection)]
    assert (rejection.file, rejection.line, rejection.column, rejection.code) == ("trans.asc", 5, column, code)
    assert rejection.reason
    assert len(rows) == 8


def test_a_last_line_without_a_line_end_is_torn_even_when_it_has_every_field(bank: SmallBank) -> None:
    # given: an amount that may have been 700.00 or 700.0 followed by anything
    bank.write()
    bank.tear("trans.asc", '30;1;930201;"PRIJEM";"VKLAD";700.00;700.00;"";"AB";123')

    *_others, last = read(bank.directory, "transactions")

    assert (last.line, last.code) == (9, "torn_line")


def test_empty_lines_are_not_rows(bank: SmallBank) -> None:
    bank.rows["trans.asc"].insert(2, "")
    bank.write()

    assert check_files(open_files(BERKA, bank.directory))["transactions"] == 7
    assert len(read(bank.directory, "transactions")) == 7


OTHER_BAD_ROWS = {
    "birth number": ("customers", '9;"709913";1', "birth_number", "bad_birth_number"),
    "opening date": ("accounts", '9;1;"POPLATEK MESICNE";931301', "date", "bad_date"),
    "role": ("parties", '9;1;1;"FRIEND"', "type", "unknown_code_word"),
    "order purpose": ("standing_orders", '9;1;"YZ";"1";1.00;"DAR"', "k_symbol", "unknown_code_word"),
    "order amount": ("standing_orders", '9;1;"YZ";"1";0.00;"SIPO"', "amount", "not_positive"),
}


@pytest.mark.parametrize(("role", "row", "column", "code"), OTHER_BAD_ROWS.values(), ids=OTHER_BAD_ROWS.keys())
def test_bad_rows_of_the_other_files_are_rejected_too(
    bank: SmallBank, role: str, row: str, column: str, code: str
) -> None:
    name = BERKA.files[role].name
    bank.rows[name].append(row)

    last = read(bank.write(), role)[-1]

    assert (last.file, last.column, last.code) == (name, column, code)
