"""From numbers of the window to alerts that people can read."""

from __future__ import annotations

from datetime import UTC, datetime

from risk.patterns.records import Account, Family, PatternAlert
from risk.patterns.register import Entry
from risk.patterns.settings import Settings
from risk.patterns.shapes.structuring import Run
from risk.patterns.window import Window

_SECONDS = 60
_SCORE_MOST = 1000


class Writer:
    def __init__(self, window: Window, settings: Settings) -> None:
        self._window = window
        self._sizes = settings.sizes

    def shape(self, entry: Entry) -> PatternAlert:
        window, shown = self._window, entry.shown
        numbers = sorted(number for number in entry.transfers if number >= window.base)
        rows = [number - window.base for number in numbers]
        return PatternAlert(
            key=entry.key,
            family=shown.family,
            subject=shown.subject,
            accounts=self._accounts(rows),
            transfers=tuple(window.id_of(number) for number in numbers),
            began=_moment(window.minute[rows[0]]),
            ended=_moment(window.minute[rows[-1]]),
            amount=sum(window.amount[row] for row in rows),
            score=self._score(shown.family, shown.grade),
            usual=round(shown.usual, 1),
        )

    def structuring(self, run: Run) -> PatternAlert:
        transfers = run.transfers
        return PatternAlert(
            key=run.key,
            family=Family.STRUCTURING,
            subject=run.subject,
            accounts=tuple(dict.fromkeys(account for one in transfers for account in (one.payer, one.payee))),
            transfers=tuple(one.id for one in transfers),
            began=transfers[0].at,
            ended=transfers[-1].at,
            amount=sum(one.amount for one in transfers),
            score=self._score(Family.STRUCTURING, len(transfers)),
            usual=0.0,
        )

    def _accounts(self, rows: list[int]) -> tuple[Account, ...]:
        window = self._window
        parties = dict.fromkeys(party for row in rows for party in (window.payer[row], window.payee[row]))
        return tuple(window.parties.accounts[party] for party in parties)

    def _score(self, family: Family, grade: int) -> int:
        return _SCORE_MOST * grade // (grade + self._sizes[family].first)


def _moment(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * _SECONDS, UTC)
