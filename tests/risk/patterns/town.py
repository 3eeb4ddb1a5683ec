"""A small town whose transfers a test writes down by hand, over a bank's everyday cash."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from risk.patterns import Account, Monitor, PatternAlert, Settings, Transfer

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
CASH = Account("ours", "cash")
CASH_A_DAY = 300

Step = tuple[str, str, int, float]
"""Payer, payee, amount in minor units, hours after the first day began."""


def account(name: str) -> Account:
    return Account("ours", name)


class Town:
    """Feeds a monitor day by day; every day some hundred people draw cash, which is nobody's pattern."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings(own_accounts=frozenset({CASH}))
        self.monitor = Monitor(self.settings)
        self.day = 0
        self.alerts: dict[str, PatternAlert] = {}
        self.told = 0
        self.names: dict[UUID, tuple[str, str]] = {}
        self._ids = 0

    def live(self, days: int, steps: Iterable[Step] = ()) -> None:
        """Let so many days pass, with these transfers among them; their hours count from the first of these days."""
        first = self.day
        transfers = [self._transfer(*step, first) for step in steps]
        for _ in range(days):
            begin = BEGIN + timedelta(days=self.day)
            of_day = [one for one in transfers if begin <= one.at < begin + timedelta(days=1)]
            self.feed([*of_day, *self._cash(begin)])
            self.day += 1

    def feed(self, transfers: Iterable[Transfer]) -> None:
        for alert in self.monitor.feed(sorted(transfers, key=lambda one: one.at)):
            self.alerts[alert.key] = alert
            self.told += 1

    def edges(self, alert: PatternAlert) -> set[tuple[str, str]]:
        return {self.names[one] for one in alert.transfers}

    def only_alert(self) -> PatternAlert:
        (alert,) = self.alerts.values()
        return alert

    def _transfer(self, payer: str, payee: str, amount: int, hours: float, first: int) -> Transfer:
        self._ids += 1
        id = UUID(int=self._ids)
        self.names[id] = (payer, payee)
        return Transfer(id, account(payer), account(payee), amount, BEGIN + timedelta(days=first, hours=hours))

    def _cash(self, begin: datetime) -> list[Transfer]:
        drawn = []
        for number in range(CASH_A_DAY):
            self._ids += 1
            at = begin + timedelta(minutes=number * 4)
            drawn.append(Transfer(UUID(int=self._ids), account(f"drawer-{number}"), CASH, 100_00 + number, at))
        return drawn
