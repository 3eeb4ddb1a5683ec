"""Count the rows of one file as they come in, note those that are rejected, and hand on the others."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Generic, Protocol, TypeVar

from django.utils.translation import gettext as _

from transactions.bank_import.reader import BankFile, Record
from transactions.bank_import.report import Report
from transactions.bank_import.rows import Rejection, RowRefused


class Row(Protocol):
    """What every typed row has: its line in the file and the bank's id for it."""

    @property
    def line(self) -> int: ...
    @property
    def id(self) -> str: ...


class RowOfAccount(Row, Protocol):
    @property
    def account(self) -> str: ...


RowT = TypeVar("RowT", bound=Row)
ItemT = TypeVar("ItemT")


@dataclass(frozen=True)
class Intake(Generic[RowT]):
    """The rows of one file that may be taken over."""

    file: BankFile
    parse: Callable[[Record], RowT]
    report: Report

    def __iter__(self) -> Iterator[RowT]:
        counts, seen = self.report.counts(self.file.spec.role), set()
        for row in self.file.parsed(self.parse):
            counts.read += 1
            if isinstance(row, Rejection):
                self._note(row)
            elif row.id in seen:
                self.reject(row, "id", "duplicate_id", _("another row has the id “%(id)s”") % {"id": row.id})
            else:
                seen.add(row.id)
                yield row

    def reject(self, row: Row, meaning: str, code: str, reason: str) -> None:
        """Reject a row that was read well but cannot be taken over. `meaning` is the column at fault, or empty."""
        self._note(self.file.rejection(row.line, RowRefused(meaning, code, reason)))

    def knows_account(self, row: RowOfAccount, accounts: Container[str]) -> bool:
        """Tell whether the account a row names is one of the bank's; reject the row when it is not."""
        is_known = row.account in accounts
        if not is_known:
            self.reject(row, "account", "unknown_account", _("there is no account “%(id)s”") % {"id": row.account})
        return is_known

    def took(self, *, created: int = 0, already_there: int = 0) -> None:
        """Count rows that were taken over."""
        counts = self.report.counts(self.file.spec.role)
        counts.created += created
        counts.already_there += already_there

    def _note(self, rejection: Rejection) -> None:
        self.report.counts(self.file.spec.role).rejected += 1
        self.report.rejections.append(rejection)


def in_batches(items: Iterable[ItemT], size: int) -> Iterator[list[ItemT]]:
    """Cut `items` into lists of `size`; the last may be shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
