"""The door of monitoring: days of transfers in, alerts out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from django.utils.translation import gettext_lazy as _

from risk.patterns.errors import TransferUnfit
from risk.patterns.known_pairs import KnownPairs, pair_hash
from risk.patterns.links import Links
from risk.patterns.parties import Parties
from risk.patterns.records import Family, PatternAlert, Transfer
from risk.patterns.register import Register
from risk.patterns.settings import MINUTES_A_DAY, Settings
from risk.patterns.shapes.chains import Chains
from risk.patterns.shapes.fans import Fans
from risk.patterns.shapes.gathering import Gathering
from risk.patterns.shapes.layers import Layers
from risk.patterns.shapes.structuring import Run, Structuring
from risk.patterns.usual import Usual
from risk.patterns.window import Window
from risk.patterns.writing import Writer

_SECONDS = 60
_SHARE_THAT_GOES_EARLY = 16


class Monitor:
    """Finds patterns of laundering in transfers that are fed in order of time.

    What it remembers is bounded: `most_transfers` of the last `window_days`, and their accounts. It can be pickled, and then
    goes on as if nothing had been. Where that is lost, feed a new one the last `settings.days_to_rebuild` days and drop what
    it answers: it knows the same pairs and the same usual traffic then, but may have drawn the lines between alerts that
    overlap in another place.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings = settings or Settings()
        self._parties = Parties()
        self._window = window = Window(self._parties)
        self._known = KnownPairs(slots=settings.pair_slots, memory_days=settings.memory_days)
        self._links = Links(window, settings)
        self._usual = Usual(settings)
        self._register = Register(window, self._usual)
        self._structuring = Structuring(settings)
        self._writer = Writer(window, settings)
        # The larger shape first: what it holds is not told again as a smaller one.
        self._shapes = (
            Gathering(window, settings),
            Chains(window, settings),
            Layers(window, settings),
            Fans(window, settings),
        )
        self._latest = 0

    def __len__(self) -> int:
        """How many transfers are remembered one by one."""
        return len(self._window) + len(self._structuring)

    def feed(self, day: Iterable[Transfer]) -> list[PatternAlert]:
        """Take the transfers of a day, in order of time, and answer with the alerts that they make or make grow.

        An alert that grew has the key it had; it tells of what is still within the window, and takes the place of the
        earlier one together with what that told of. A day without transfers is nothing.

        :raises TransferUnfit: when one is out of order, without a time zone or not above zero; those before it were
            taken in.
        """
        begin, taken = self._window.end, 0
        for transfer in day:
            minute = self._minute(transfer)
            if not taken:
                self._forget_before(minute - self.settings.window_days * MINUTES_A_DAY)
            self._take(transfer, minute)
            taken += 1
        if not taken:
            return []
        self._usual.count_transfers(taken)
        alerts = {alert.key: alert for alert in self._alerts(max(begin, self._window.base))}
        self._usual.close_day(self._latest // MINUTES_A_DAY)
        return list(alerts.values())

    def _minute(self, transfer: Transfer) -> int:
        if transfer.at.tzinfo is None:
            raise TransferUnfit(id=transfer.id, problem=_("Its moment has no time zone."))
        if transfer.amount <= 0:
            raise TransferUnfit(id=transfer.id, problem=_("Its amount is not above zero."))
        minute = int(transfer.at.timestamp()) // _SECONDS
        if minute < self._latest:
            raise TransferUnfit(id=transfer.id, problem=_("It came before one that was fed already."))
        self._latest = minute
        return minute

    def _take(self, transfer: Transfer, minute: int) -> None:
        self._structuring.take(transfer, minute)
        payer, payee, own = transfer.payer, transfer.payee, self.settings.own_accounts
        if payer == payee or payer in own or payee in own:
            return
        pair, day = pair_hash(payer, payee), minute // MINUTES_A_DAY
        if self._known.is_known(pair, day, transfer.amount):
            self._known.note(pair, day, transfer.amount)
            return
        if len(self._window) >= self.settings.most_transfers:
            self._forget(len(self._window) // _SHARE_THAT_GOES_EARLY + 1)
        number = self._window.add(
            self._parties.number(payer),
            self._parties.number(payee),
            amount=transfer.amount,
            minute=minute,
            pair=pair,
            id=transfer.id,
        )
        self._links.connect(number)

    def _alerts(self, begin: int) -> Iterator[PatternAlert]:
        new = range(begin, self._window.end)
        for finding in chain.from_iterable(shape.find(new) for shape in self._shapes if new):
            entry = self._register.enter(finding)
            if entry:
                yield self._writer.shape(entry)
        for run in self._structuring.touched():
            if self._is_news(run):
                yield self._writer.structuring(run)

    def _is_news(self, run: Run) -> bool:
        count = len(run.transfers)
        if count > run.counted:
            self._usual.count(Family.STRUCTURING, count, run.counted)
            run.counted = count
        if count <= run.raised or not (run.key or self._usual.is_remarkable(Family.STRUCTURING, count)):
            return False
        if not run.key:
            self._usual.count_alert()
            run.key = f"{run.transfers[0].id}:{run.direction}"
        run.raised = run.told = count
        return True

    def _forget_before(self, minute: int) -> None:
        self._structuring.forget_before(minute)
        self._forget(self._window.older_than(minute))

    def _forget(self, count: int) -> None:
        """Let the oldest leave the window: from then on their accounts know each other."""
        window = self._window
        for row in range(count):
            # Whoever passed money on together stays under observation.
            if self._register.is_suspect(window.base + row):
                continue
            pair, day, amount = window.pair[row], window.minute[row] // MINUTES_A_DAY, window.amount[row]
            if not self._known.is_known(pair, day, amount):
                self._parties.note_new_partner(window.payer[row], window.payee[row], day)
            self._known.note(pair, day, amount)
        window.forget(count)
        self._register.forget_before(window.base)
        if self._parties.is_crowded():
            window.renumber_parties(self._parties.compact(self._latest // MINUTES_A_DAY))
