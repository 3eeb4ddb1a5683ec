"""The rows of a bank's files once they are understood, and the note of those that are not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from transactions.bank_import.profile import Rule


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that is not imported. `column` is the header of the column at fault, or empty when it is the whole line."""

    file: str
    line: int
    column: str
    code: str
    reason: str


class RowRefused(Exception):
    """Raised while a row is read; the reader turns it into a `Rejection`."""

    def __init__(self, column: str, code: str, reason: str) -> None:
        super().__init__(code)
        self.column, self.code, self.reason = column, code, reason


@dataclass(frozen=True, slots=True)
class BranchRow:
    line: int
    id: str
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class CustomerRow:
    line: int
    id: str
    name: str
    birth_date: date | None
    branch: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    line: int
    id: str
    opened: date
    branch: str
    owner: str


@dataclass(frozen=True, slots=True)
class PartyRow:
    line: int
    id: str
    customer: str
    account: str
    role: str


@dataclass(frozen=True, slots=True)
class StandingOrderRow:
    """`amount` in minor units, positive."""

    line: int
    id: str
    account: str
    amount: int
    bank_to: str
    account_to: str
    purpose: str


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """`amount` in minor units, positive where the customer's balance grows; `balance` is the one the bank printed after it."""

    line: int
    id: str
    account: str
    date: date
    amount: int
    balance: int
    rule: Rule
    counterparty: str
