"""Structuring: several payments, each just below what the bank must report, that together are far above it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from risk.patterns.records import Account, Transfer
from risk.patterns.settings import MINUTES_A_DAY, Settings

# "Just below": at least four fifths of the threshold.
_FROM = 80
_HUNDRED = 100


@dataclass(slots=True)
class Run:
    """Payments of one account in one direction, just below the threshold, within the window.

    Attributes:
        counted: the largest number that was counted towards what is usual.
        raised: the largest number that the present alert told of; 0 before there is one.
        told: how many of the oldest it told of. Once all of them have left the window it is over, and whoever goes on is told
            of anew.
        key: of that alert.

    """

    subject: Account
    direction: str
    transfers: deque[Transfer] = field(default_factory=deque)
    counted: int = 0
    raised: int = 0
    told: int = 0
    key: str = ""

    def forget_oldest(self) -> None:
        self.transfers.popleft()
        if self.told:
            self.told -= 1
            if not self.told:
                self.counted, self.raised, self.key = 0, 0, ""


class Structuring:
    """Payments near the threshold, of known partners and in cash too."""

    def __init__(self, settings: Settings) -> None:
        self._threshold = settings.threshold
        self._from = settings.threshold * _FROM // _HUNDRED
        self._span = settings.window_days * MINUTES_A_DAY
        self._most = settings.most_transfers
        self._own = settings.own_accounts
        self._runs: dict[tuple[Account, str], Run] = {}
        self._in_order: deque[tuple[int, tuple[Account, str]]] = deque()
        self._touched: dict[tuple[Account, str], None] = {}

    def __len__(self) -> int:
        return len(self._in_order)

    def take(self, transfer: Transfer, minute: int) -> None:
        if not self._from <= transfer.amount < self._threshold:
            return
        for side in ((transfer.payer, "paid"), (transfer.payee, "received")):
            if side[0] not in self._own:
                self._runs.setdefault(side, Run(*side)).transfers.append(transfer)
                self._in_order.append((minute, side))
                self._touched[side] = None
        while len(self._in_order) > self._most:
            self._forget_oldest()

    def forget_before(self, minute: int) -> None:
        while self._in_order and self._in_order[0][0] < minute:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        _minute, side = self._in_order.popleft()
        run = self._runs[side]
        run.forget_oldest()
        if not run.transfers:
            del self._runs[side]

    def touched(self) -> Iterator[Run]:
        """The runs that grew since the last call."""
        touched, self._touched = self._touched, {}
        for side in touched:
            if side in self._runs:
                yield self._runs[side]
