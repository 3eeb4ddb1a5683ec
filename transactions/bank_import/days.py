"""From rows in the order of a file to rows in the order they happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import attrgetter

from transactions.bank_import.chaining import Step, find_chain
from transactions.bank_import.errors import OutOfDateOrder
from transactions.bank_import.parsing import RowParser
from transactions.bank_import.reader import BankFile
from transactions.bank_import.rows import Rejection, TransactionRow


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row in its place. `breaks` says that it does not continue from the balance of the row before it."""

    row: TransactionRow
    breaks: bool


@dataclass
class DayByDay:
    """Puts rows in order: by day, and within one account's day so that they chain. Remembers closing balances only."""

    grid: int
    closing: dict[str, int] = field(default_factory=dict)

    def placed(self, rows: Iterable[TransactionRow]) -> Iterator[PlacedRow]:
        """Yield rows that come in order of date in the order they happened; accounts of a day in the order of the file."""
        for _day, of_day in groupby(rows, key=attrgetter("date")):
            by_account: dict[str, list[TransactionRow]] = {}
            for row in of_day:
                by_account.setdefault(row.account, []).append(row)
            for account, of_account in by_account.items():
                yield from self._chained(account, of_account)

    def _chained(self, account: str, rows: list[TransactionRow]) -> Iterator[PlacedRow]:
        steps = [Step(row.amount, row.balance, row.rule.amount_rounded) for row in rows]
        chain = find_chain(self.closing.get(account, 0), steps, grid=self.grid)
        for position in chain.order:
            yield PlacedRow(rows[position], position in chain.breaks)
        self.closing[account] = rows[chain.order[-1]].balance


def check_date_order(file: BankFile, parser: RowParser) -> None:
    """Hold a file against its profile's promise that rows come in order of date. Lines without a date do not count.

    :raises OutOfDateOrder: at the first row of an earlier day than a row before it.
    """
    latest = date.min
    for found in file.parsed(parser.transaction_day):
        if isinstance(found, Rejection):
            continue
        line, day = found
        if day < latest:
            raise OutOfDateOrder(file=file.spec.name, line=line, column=file.spec.columns["date"])
        latest = day
