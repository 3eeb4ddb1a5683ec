"""Compare the balance our journal gives with the one the bank printed, row by row.

The comparison is of balances, not of single rows: a difference that arises at one row is carried by every later row of the
account, and every one of them is reported with it. What may be called *the bank's own rounding* is not a tolerance but a
proof. A bank that prints rounded figures kept finer ones. The exact balance it kept differs from our journal's by its
*drift*, which

* starts at nothing when the account is opened,
* can move by at most half a grid step at a row whose amount the bank had rounded, and not at all at any other row,
* must, at every row, round to the balance that is printed: lie within half a grid step of it.

The drift therefore stays in an interval that each row narrows. As long as the interval is not empty there is a history of
exact figures that prints every balance seen so far, and a difference is explained. When it would become empty no such
history exists: the row does not chain, and rows after it do not either, until the printed balance is again one that the
drift from before explains (as it is when a single balance was misprinted).

An exact tie, half a grid step from both neighbours, may have been printed either way.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How our journal's balance stands to the bank's after a row. Every row posted has exactly one."""

    MATCHED = "matched_to_the_cent"
    ROUNDING = "off_by_rounding"
    NOT_CHAINING = "not_chaining"


@dataclass(slots=True)
class Drift:
    """The bounds of (the bank's exact balance - our journal's) for one account, in half minor units, so that both are exact."""

    low: int = 0
    high: int = 0

    def compare(self, difference: int, *, rounded: bool, grid: int) -> Verdict:
        """Judge the next row of the account and narrow the bounds by it.

        :param difference: the printed balance less our journal's after the row, in minor units.
        :param rounded: whether the bank computed the row's amount more finely than it printed it.
        :param grid: the step of printed balances in minor units; 0 when they are exact.
        """
        if rounded:
            self.low, self.high = self.low - grid, self.high + grid
        low, high = max(self.low, 2 * difference - grid), min(self.high, 2 * difference + grid)
        if low <= high:
            self.low, self.high = low, high
        elif difference:
            return Verdict.NOT_CHAINING
        return Verdict.ROUNDING if difference else Verdict.MATCHED
