"""A statement for spreadsheets, as comma-separated values: amounts as plain decimals, texts that no spreadsheet executes."""

from __future__ import annotations

from collections.abc import Iterator

from bankops.core import csv_cells
from transactions.statements.content import Line, Statement

COLUMNS = (
    "booking_date",
    "value_date",
    "reference",
    "narrative",
    "counterparty",
    "counterparty_account",
    "amount",
    "balance",
)


def write(statement: Statement) -> Iterator[bytes]:
    """Yield the file row by row: whose account, headings, opening balance, bookings, closing balance. UTF-8, marked as such."""
    yield csv_cells.BYTE_ORDER_MARK.encode()
    for line in csv_cells.lines(_rows(statement)):
        yield line.encode()


def _rows(statement: Statement) -> Iterator[list[str]]:
    words, period, account = statement.labels, statement.period, statement.account
    yield [
        words["account"],
        statement.account_number,
        statement.holder,
        account.currency,
        words["number"],
        statement.number,
    ]
    yield [words[column] for column in COLUMNS]
    yield _balance(period.from_date.isoformat(), words["opening"], str(statement.opening))
    for line in statement.lines():
        yield _booking(line)
    yield _balance(period.to_date.isoformat(), words["closing"], str(statement.closing))


def _balance(day: str, label: str, balance: str) -> list[str]:
    return [day, "", "", label, "", "", "", balance]


def _booking(line: Line) -> list[str]:
    return [
        line.booking_date.isoformat(),
        line.value_date.isoformat(),
        line.reference,
        line.narrative,
        line.counterparty,
        line.counterparty_account,
        str(line.amount),
        str(line.balance),
    ]
