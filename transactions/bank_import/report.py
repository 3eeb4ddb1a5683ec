"""What an import did, in numbers, and what it could not do, line by line."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from bankops.core.money import Money
from transactions.bank_import.comparison import Verdict
from transactions.bank_import.errors import CountsDoNotAddUp
from transactions.bank_import.rows import Rejection
from transactions.models.standing_order import RunState


@dataclass(slots=True)
class FileCounts:
    """The rows of one file. `read` is the sum of the other three."""

    read: int = 0
    created: int = 0
    already_there: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class NotChaining:
    """A row after which our journal and the bank disagree, and rounding does not explain it. Amounts in minor units."""

    line: int
    id: str
    account: str
    date: date
    printed: int
    journal: int
    breaks_here: bool


@dataclass(slots=True)
class Rounding:
    """What the bank's rounding came to. `by_difference` counts rows by (printed balance - ours), in minor units."""

    arose: int = 0
    carried: int = 0
    by_difference: Counter[int] = field(default_factory=Counter)

    def add(self, difference: int, *, is_new: bool) -> None:
        """Count one row that is off by `difference`; `is_new` when the row before it was off by another."""
        self.by_difference[difference] += 1
        if is_new:
            self.arose += 1
        else:
            self.carried += 1

    @property
    def largest(self) -> int:
        return max(map(abs, self.by_difference), default=0)


@dataclass(slots=True)
class PaidOrders:
    """What became of the standing orders that were due from `first` to `last`. `due` is the sum of the three.

    Attributes:
        amount: of those paid, in minor units.
        refusals: of those that were not, by the code of the last refusal.

    """

    first: date
    last: date
    paid: int = 0
    waiting: int = 0
    skipped: int = 0
    amount: int = 0
    refusals: Counter[str] = field(default_factory=Counter)

    def add(self, state: RunState, refusal: str, count: int, amount: int) -> None:
        """Count payments in one state with one refusal, whose amounts add up to `amount`."""
        if state is RunState.PAID:
            self.paid += count
            self.amount += amount
            return
        self.refusals[refusal] += count
        if state is RunState.RETRYING:
            self.waiting += count
        else:
            self.skipped += count

    @property
    def due(self) -> int:
        return self.paid + self.waiting + self.skipped


@dataclass(slots=True)
class Report:
    """The account of one run. Every row read is in exactly one of the verdicts or in `rejected`."""

    profile: str
    bank: str
    currency: str
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    rounding: Rounding = field(default_factory=Rounding)
    not_chaining: list[NotChaining] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    files: dict[str, FileCounts] = field(default_factory=dict)
    paid_orders: PaidOrders | None = None
    seconds: float = 0.0

    def counts(self, role: str) -> FileCounts:
        """Return the counts of a kind of file, to be read or added to."""
        return self.files.setdefault(role, FileCounts())

    @property
    def transactions(self) -> FileCounts:
        return self.counts("transactions")

    @property
    def rows_per_second(self) -> float:
        return self.transactions.read / self.seconds if self.seconds else 0.0

    def check(self) -> None:
        """Hold the counts against each other.

        :raises CountsDoNotAddUp: when a row is in none of them, or in two.
        """
        rows, compared = self.transactions, self.verdicts.total()
        if compared + rows.rejected != rows.read or rows.created + rows.already_there != compared:
            raise CountsDoNotAddUp(
                rows_read=rows.read, compared=compared, posted=rows.created + rows.already_there, rejected=rows.rejected
            )

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON primitives, as docs/bank-import.md describes it; amounts as text in major units."""
        return {
            "profile": self.profile,
            "bank": self.bank,
            "currency": self.currency,
            "rows_read": self.transactions.read,
            "posted": self.transactions.created,
            "already_posted": self.transactions.already_there,
            **{str(verdict): self.verdicts[verdict] for verdict in Verdict},
            "rejected": self.transactions.rejected,
            "rounding": self._rounding(),
            **{role: asdict(counts) for role, counts in self.files.items() if role != "transactions"},
            **self._paid_orders(),
            "seconds": round(self.seconds, 2),
            "rows_per_second": round(self.rows_per_second),
            "not_chaining_rows": [self._not_chaining(row) for row in self.not_chaining],
            "rejected_rows": [asdict(rejection) for rejection in self.rejections],
        }

    def _rounding(self) -> dict[str, Any]:
        by_difference = sorted(self.rounding.by_difference.items())
        return {
            "arose": self.rounding.arose,
            "carried": self.rounding.carried,
            "largest_difference": self._amount(self.rounding.largest),
            "by_difference": {self._amount(difference): rows for difference, rows in by_difference},
        }

    def _paid_orders(self) -> dict[str, Any]:
        told = self.paid_orders
        if told is None:
            return {}
        counts = {"due": told.due, "paid": told.paid, "waiting": told.waiting, "skipped": told.skipped}
        days = {"from": told.first.isoformat(), "through": told.last.isoformat()}
        amount = self._amount(told.amount)
        return {"paid_orders": {**days, **counts, "amount_paid": amount, "refusals": dict(told.refusals)}}

    def _not_chaining(self, row: NotChaining) -> dict[str, Any]:
        return {
            "line": row.line,
            "id": row.id,
            "account": row.account,
            "date": row.date.isoformat(),
            "printed": self._amount(row.printed),
            "journal": self._amount(row.journal),
            "difference": self._amount(row.printed - row.journal),
            "breaks_here": row.breaks_here,
        }

    def _amount(self, minor: int) -> str:
        return str(Money(minor, self.currency))
