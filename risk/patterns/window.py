"""The transfers of the last days as a graph, in columns: no object per transfer.

A transfer has a number that is never used again; its row in the columns is the number less `base`. The transfers of an account
are lists that are linked backwards through the columns, so that a day at the old end is forgotten by moving `base`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from uuid import UUID

from risk.patterns.parties import Parties

NONE = -1


class Window:
    """What each column holds is said where it is made; minutes are those since 1970."""

    def __init__(self, parties: Parties) -> None:
        self.parties = parties
        self.base = 0
        self.payer = array("i")
        self.payee = array("i")
        self.amount = array("q")
        self.minute = array("i")
        self.pair = array("Q")
        self._id_high = array("Q")
        self._id_low = array("Q")
        self._before_of_payer = array("q")
        self._before_of_payee = array("q")
        # The transfer that most likely passed this one's money on, and the one that most likely brought it.
        self.onward = array("q")
        self.onward_surprise = array("f")
        self.origin = array("q")
        self.origin_surprise = array("f")

    def __len__(self) -> int:
        return len(self.payer)

    @property
    def end(self) -> int:
        """The number that the next transfer gets."""
        return self.base + len(self.payer)

    def add(self, payer: int, payee: int, *, amount: int, minute: int, pair: int, id: UUID) -> int:
        number = self.end
        parties = self.parties
        self.payer.append(payer)
        self.payee.append(payee)
        self.amount.append(amount)
        self.minute.append(minute)
        self.pair.append(pair)
        self._id_high.append(id.int >> 64)
        self._id_low.append(id.int & 0xFFFF_FFFF_FFFF_FFFF)
        self._before_of_payer.append(parties.last_out[payer])
        self._before_of_payee.append(parties.last_in[payee])
        parties.last_out[payer] = parties.last_in[payee] = number
        parties.count_out[payer] += 1
        parties.count_in[payee] += 1
        self.onward.append(NONE)
        self.origin.append(NONE)
        self.onward_surprise.append(0)
        self.origin_surprise.append(0)
        return number

    def forget(self, count: int) -> None:
        """Drop the `count` oldest."""
        parties = self.parties
        for row in range(count):
            parties.count_out[self.payer[row]] -= 1
            parties.count_in[self.payee[row]] -= 1
        for column in self._columns():
            del column[:count]
        self.base += count

    def older_than(self, minute: int) -> int:
        """How many of the oldest came before `minute`; the transfers are in order of time."""
        count = 0
        while count < len(self.minute) and self.minute[count] < minute:
            count += 1
        return count

    def paid_by(self, party: int) -> Iterator[int]:
        """Numbers of the transfers that this account paid, the latest first."""
        number = self.parties.last_out[party]
        while number >= self.base:
            yield number
            number = self._before_of_payer[number - self.base]

    def received_by(self, party: int) -> Iterator[int]:
        number = self.parties.last_in[party]
        while number >= self.base:
            yield number
            number = self._before_of_payee[number - self.base]

    def id_of(self, number: int) -> UUID:
        row = number - self.base
        return UUID(int=(self._id_high[row] << 64) | self._id_low[row])

    def link(self, first: int, second: int, surprise: float) -> None:
        """Note that `second` may pass on the money of `first`, where no likelier one is known."""
        row, next_row = first - self.base, second - self.base
        if surprise > self.onward_surprise[row]:
            self.onward[row], self.onward_surprise[row] = second, surprise
        if surprise > self.origin_surprise[next_row]:
            self.origin[next_row], self.origin_surprise[next_row] = first, surprise

    def renumber_parties(self, new_numbers: array[int]) -> None:
        for column in (self.payer, self.payee):
            for row, party in enumerate(column):
                column[row] = new_numbers[party]

    def _columns(self) -> tuple[array[int] | array[float], ...]:
        return (
            *(self.payer, self.payee, self.amount, self.minute, self.pair, self._id_high, self._id_low),
            *(self._before_of_payer, self._before_of_payee),
            *(self.onward, self.onward_surprise, self.origin, self.origin_surprise),
        )
