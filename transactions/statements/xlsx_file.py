"""A statement as an Excel workbook: amounts are numbers with the currency's decimals, texts are never formulas."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from typing import IO, Any

import xlsxwriter

from bankops.core.money import Money, exponent
from transactions.statements.content import Line, Statement
from transactions.statements.csv_file import COLUMNS

_OPTIONS = {
    "constant_memory": True,  # rows go to the disk as they are written
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_WIDTHS = (12, 12, 18, 44, 28, 18, 18, 18)
_PIECE = 64 * 1024
_EXACT_MAX = 10**15
"""Excel keeps fifteen digits; a larger amount is written as text, which loses none."""


def write(statement: Statement) -> Iterator[bytes]:
    """Write the workbook into a temporary file and yield it piece by piece."""
    with ExitStack() as opened:
        file = opened.enter_context(tempfile.TemporaryFile())
        _fill(file, statement)
        return _pieces(file, opened.pop_all())


def _pieces(file: IO[bytes], opened: ExitStack) -> Iterator[bytes]:
    with opened:
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _fill(file: IO[bytes], statement: Statement) -> None:
    with xlsxwriter.Workbook(file, _OPTIONS) as workbook:
        workbook.set_properties(
            {"title": f"{statement.labels['title']} {statement.number}", "created": statement.made_at}
        )
        _Sheet(workbook, statement).fill()


class _Sheet:
    """The one sheet, written from top to bottom: rows that are done cannot be changed."""

    def __init__(self, workbook: Any, statement: Statement) -> None:
        self.statement, self.words = statement, statement.labels
        self.sheet = workbook.add_worksheet(statement.account.number)
        places = exponent(statement.account.currency)
        number = f"#,##0.{'0' * places}".removesuffix(".")
        self.plain = workbook.add_format({"valign": "top", "text_wrap": True})
        self.day = workbook.add_format({"valign": "top", "num_format": "yyyy-mm-dd", "align": "left"})
        self.money = workbook.add_format({"valign": "top", "num_format": f"{number};[Red]-{number}"})
        self.total = workbook.add_format({"valign": "top", "num_format": f"{number};[Red]-{number}", "bold": True})
        self.bold = workbook.add_format({"valign": "top", "bold": True, "bottom": 1})
        self.row = 0

    def fill(self) -> None:
        self._dress()
        for cells in self._head():
            self._texts(cells)
        self.row += 1
        self._texts([self.words[column] for column in COLUMNS], self.bold)
        self.sheet.freeze_panes(self.row, 0)
        self.sheet.repeat_rows(self.row - 1)
        self._balance("opening", self.statement.period.from_date, self.statement.opening)
        for line in self.statement.lines():
            self._booking(line)
        self._balance("closing", self.statement.period.to_date, self.statement.closing)
        self._sum("debits", self.statement.debits)
        self._sum("credits", self.statement.credits)

    def _dress(self) -> None:
        for column, width in enumerate(_WIDTHS):
            self.sheet.set_column(column, column, width)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)  # A4
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer("&C&P / &N")

    def _head(self) -> Iterator[list[str]]:
        words, period = self.words, self.statement.period
        yield [words["title"], "", self.statement.number]
        yield [words["account"], "", self.statement.account_number]
        yield [words["holder"], "", self.statement.holder]
        yield [words["currency"], "", self.statement.account.currency]
        yield [words["from"], "", period.from_date.isoformat()]
        yield [words["to"], "", period.to_date.isoformat()]
        yield [words["copy"], "", self.statement.copy]

    def _booking(self, line: Line) -> None:
        self._days(line.booking_date, line.value_date)
        texts = (line.reference, line.narrative, line.counterparty, line.counterparty_account)
        for column, text in enumerate(texts, start=2):
            self.sheet.write_string(self.row, column, text, self.plain)
        self._amount(6, line.amount, self.money)
        self._amount(7, line.balance, self.money)
        self.row += 1

    def _balance(self, label: str, day: date, balance: Money) -> None:
        self._days(day)
        self.sheet.write_string(self.row, 3, self.words[label], self.bold)
        self._amount(7, balance, self.total)
        self.row += 1

    def _sum(self, label: str, total: Money) -> None:
        self.sheet.write_string(self.row, 3, self.words[label], self.plain)
        self._amount(6, total, self.money)
        self.row += 1

    def _days(self, *days: date) -> None:
        for column, day in enumerate(days):
            self.sheet.write_datetime(self.row, column, day, self.day)

    def _texts(self, cells: list[str], look: Any = None) -> None:
        for column, text in enumerate(cells):
            self.sheet.write_string(self.row, column, text, look or self.plain)
        self.row += 1

    def _amount(self, column: int, amount: Money, look: Any) -> None:
        if abs(amount.minor) < _EXACT_MAX:
            self.sheet.write_number(self.row, column, amount.decimal, look)
        else:
            self.sheet.write_string(self.row, column, str(amount), look)
