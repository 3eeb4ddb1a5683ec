"""The accounts that monitoring remembers, in columns, and how many new partners each usually has."""

from __future__ import annotations

from array import array
from math import exp

from risk.patterns.records import Account
from risk.patterns.settings import MINUTES_A_DAY

# New partners that left the window count towards what is usual, less each day: after so many days a third of it is left.
_USUAL_DAYS = 60.0
# Fewer than this and an account without transfers in the window is forgotten.
_WORTH_KEEPING = 1.5
_BEFORE_ALL = -1


class Parties:
    """Accounts by number. A number is good until `compact`."""

    def __init__(self) -> None:
        self.accounts: list[Account] = []
        self._numbers: dict[Account, int] = {}
        # Numbers of the latest transfer paid and received; and how many of each the window holds.
        self.last_out = array("q")
        self.last_in = array("q")
        self.count_out = array("i")
        self.count_in = array("i")
        self._usual_out = array("f")
        self._usual_in = array("f")
        self._usual_day = array("i")
        self._kept = 0

    def __len__(self) -> int:
        return len(self.accounts)

    def number(self, account: Account) -> int:
        found = self._numbers.get(account)
        return self._enter(account) if found is None else found

    def _enter(self, account: Account) -> int:
        number = self._numbers[account] = len(self.accounts)
        self.accounts.append(account)
        self.last_out.append(_BEFORE_ALL)
        self.last_in.append(_BEFORE_ALL)
        for column in (self.count_out, self.count_in, self._usual_day):
            column.append(0)
        for column_of_usual in (self._usual_out, self._usual_in):
            column_of_usual.append(0)
        return number

    def note_new_partner(self, payer: int, payee: int, day: int) -> None:
        """Count towards what is usual for both that they met. Called as the meeting leaves the window."""
        self._fade(payer, day)
        self._fade(payee, day)
        self._usual_out[payer] += 1
        self._usual_in[payee] += 1

    def usual_out(self, party: int, minute: int, days: int) -> float:
        """How many new payees the account usually has in so many days."""
        self._fade(party, minute // MINUTES_A_DAY)
        return self._usual_out[party] * days / _USUAL_DAYS

    def usual_in(self, party: int, minute: int, days: int) -> float:
        self._fade(party, minute // MINUTES_A_DAY)
        return self._usual_in[party] * days / _USUAL_DAYS

    def _fade(self, party: int, day: int) -> None:
        passed = day - self._usual_day[party]
        if passed > 0:
            left = exp(-passed / _USUAL_DAYS)
            self._usual_out[party] *= left
            self._usual_in[party] *= left
            self._usual_day[party] = day

    def is_crowded(self) -> bool:
        """Whether there are so many more than at the last compaction that another one is worth its time."""
        return len(self.accounts) > 2 * self._kept + 10_000

    def compact(self, day: int) -> array[int]:
        """Forget the accounts without transfers in the window and hardly a usual partner. Returns the new number of each
        old one, -1 of those forgotten.
        """
        new_numbers = array("i", [_BEFORE_ALL]) * len(self.accounts)
        kept = [party for party in range(len(self.accounts)) if self._is_worth_keeping(party, day)]
        for new, old in enumerate(kept):
            new_numbers[old] = new
        self.accounts = [self.accounts[party] for party in kept]
        self._numbers = {account: number for number, account in enumerate(self.accounts)}
        for name in ("last_out", "last_in", "count_out", "count_in", "_usual_out", "_usual_in", "_usual_day"):
            column = getattr(self, name)
            setattr(self, name, array(column.typecode, (column[party] for party in kept)))
        self._kept = len(kept)
        return new_numbers

    def _is_worth_keeping(self, party: int, day: int) -> bool:
        if self.count_out[party] or self.count_in[party]:
            return True
        self._fade(party, day)
        return self._usual_out[party] + self._usual_in[party] >= _WORTH_KEEPING
