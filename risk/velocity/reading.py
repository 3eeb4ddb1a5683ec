"""Read what was before: every counter, and since when who knows whom, in one round trip."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.conf import settings

from bankops.core import sql_arrays
from bankops.core.db import prepared
from bankops.core.money import MINOR_MAX, Money
from risk.facts import Facts, History
from risk.language.schema import Counter, Measure
from risk.models import VelocityKind
from risk.velocity import subjects, windows

_SQL: Final = """
SELECT slots, counts, sums, payees, payees_at, payers, payers_at, first_seen, last_seen, country, country_at
  FROM risk_velocity_read(%(keys)s::uuid[], %(payees)s::boolean[], %(payers)s::boolean[])
"""
DIFFERENT_MAX: Final = 1_000
"""Different ones are told apart up to so many; the folder keeps no more."""
_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


class _Seen(NamedTuple):
    """What the database tells of one key: entries by slot, and different ones with the slot of the last time; None for none."""

    slots: list[int] | None
    counts: list[int] | None
    sums: list[int] | None
    payees: list[int | None] | None
    payees_at: list[int] | None
    payers: list[int | None] | None
    payers_at: list[int] | None
    first_seen: datetime | None
    last_seen: datetime | None
    country: str | None
    country_at: datetime | None

    def count(self, start: int) -> int:
        return sum(n for slot, n in zip(self.slots or (), self.counts or (), strict=True) if slot >= start)

    def sum(self, start: int) -> Money:
        total = sum(amount for slot, amount in zip(self.slots or (), self.sums or (), strict=True) if slot >= start)
        return Money(min(total, MINOR_MAX), settings.BANKOPS_BASE_CURRENCY)

    def different_payees(self, start: int) -> int:
        return _different(self.payees or (), self.payees_at or (), start)

    def different_payers(self, start: int) -> int:
        return _different(self.payers or (), self.payers_at or (), start)


def _different(sides: Iterable[int | None], seen_at: Iterable[int], start: int) -> int:
    sides_met = {side for side, slot in zip(sides, seen_at, strict=True) if slot >= start}
    return min(len(sides_met - {None}), DIFFERENT_MAX)


_Reader = Callable[[_Seen, int], int | Money]
_MEASURES: Final[Mapping[Measure, _Reader]] = {
    Measure.COUNT: _Seen.count,
    Measure.SUM: _Seen.sum,
    Measure.DISTINCT_PAYEES: _Seen.different_payees,
    Measure.DISTINCT_PAYERS: _Seen.different_payers,
}


def look_back(*, movements: Sequence[Facts], counters: Collection[Counter], now: datetime) -> list[Facts]:
    """Return the facts with these counters and their history, as of what is committed; in the order given.

    The movements themselves are not in there, nor does one of them see another. One statement answers for all of them.

    :param now: where the windows end.
    """
    asked = [subjects.asked(facts) for facts in movements]
    rows = iter(_read(asked, counters))
    return [
        _completed(facts, {kind: next(rows) for kind in keys}, counters, now)
        for facts, keys in zip(movements, asked, strict=True)
    ]


def _read(asked: Sequence[Mapping[str, str]], counters: Collection[Counter]) -> list[_Seen]:
    payees = {counter.subject.value for counter in counters if counter.measure is Measure.DISTINCT_PAYEES}
    payers = {counter.subject.value for counter in counters if counter.measure is Measure.DISTINCT_PAYERS}
    kinds = [kind for keys in asked for kind in keys]
    parameters = {
        "keys": sql_arrays.of_words(key for keys in asked for key in keys.values()),
        "payees": sql_arrays.of_flags(kind in payees for kind in kinds),
        "payers": sql_arrays.of_flags(kind in payers for kind in kinds),
    }
    return [_Seen(*row) for row in prepared(_SQL, parameters)]


def _completed(facts: Facts, seen: Mapping[str, _Seen], counters: Collection[Counter], now: datetime) -> Facts:
    starts, told = windows.starts(now), dict(facts.counters)
    for counter in counters:
        one = seen.get(counter.subject.value)
        told[counter] = None if one is None else _MEASURES[counter.measure](one, starts[counter.window])
    return replace(facts, counters=told, history=_history(seen, starts, now))


def _history(seen: Mapping[str, _Seen], starts: Mapping[str, int], now: datetime) -> History:
    payer, customer = seen.get(VelocityKind.PAYER), seen.get(VelocityKind.CUSTOMER)
    return History(
        payee_first_seen_days=_days_known(seen.get(VelocityKind.PAIR), now),
        payee_known_days=_days_known(seen.get(VelocityKind.PAYEE), now),
        device_first_seen_days=_days_known(seen.get(VelocityKind.CUSTOMER_DEVICE), now),
        country_first_seen_days=_days_known(seen.get(VelocityKind.CUSTOMER_COUNTRY), now),
        payer_idle_days=_whole(now - payer.last_seen, _DAY) if payer and payer.last_seen else None,
        **_previous(customer, now),
        **_sums(seen, starts),
    )


def _previous(customer: _Seen | None, now: datetime) -> dict[str, Any]:
    if customer is None or customer.country_at is None:
        return {}
    return {
        "previous_country": customer.country,
        "previous_minutes": _whole(now - customer.country_at, _MINUTE),
    }


def _sums(seen: Mapping[str, _Seen], starts: Mapping[str, int]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if received := seen.get(subjects.RECEIVED):
        told |= {f"received_{window}": received.sum(starts[window]) for window in ("1h", "24h", "7d")}
        told["received_count_24h"] = received.count(starts["24h"])
    if cash := seen.get(VelocityKind.CASH):
        told |= {"cash_24h": cash.sum(starts["24h"]), "cash_count_7d": cash.count(starts["7d"])}
    if refunded := seen.get(VelocityKind.REFUNDED):
        told |= {f"refunds_{window}": refunded.count(starts[window]) for window in ("7d", "30d")}
        told["refunded_30d"] = refunded.sum(starts["30d"])
    return told


def _days_known(one: _Seen | None, now: datetime) -> int | None:
    """Return whole days since somebody was first seen: 0 for who is new, None for nobody."""
    if one is None:
        return None
    return _whole(now - one.first_seen, _DAY) if one.first_seen else 0


def _whole(passed: timedelta, unit: timedelta) -> int:
    return max(0, passed // unit)
