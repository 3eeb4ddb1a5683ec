"""Read what was before: every counter, and since when who knows whom, in one round trip."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from bankops.core import sql_arrays
from bankops.core.db import Asked, prepared
from bankops.core.money import Money
from risk.facts import Facts, History
from risk.language.schema import Counter, Measure
from risk.models import VelocityKind
from risk.velocity import subjects, windows
from risk.velocity.recording import rows_of
from risk.velocity.seen import Seen

_SQL: Final = """
SELECT slots, counts, sums, payees, payees_at, payers, payers_at, first_seen, last_seen, country, country_at
  FROM risk_velocity_read(%(keys)s::uuid[], %(payees)s::boolean[], %(payers)s::boolean[])
"""
_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)

_Reader = Callable[[Seen, int], int | Money]
_MEASURES: Final[Mapping[Measure, _Reader]] = {
    Measure.COUNT: Seen.count,
    Measure.SUM: Seen.sum,
    Measure.DISTINCT_PAYEES: Seen.different_payees,
    Measure.DISTINCT_PAYERS: Seen.different_payers,
}


def look_back(*, movements: Sequence[Facts], counters: Collection[Counter], now: datetime) -> list[Facts]:
    """Return the facts with these counters and their history; in the order given. One statement answers for all of them.

    What is committed is counted, and of the movements those that come before: the third of three alike sees two. A movement
    itself is not in there.

    :param now: where the windows end.
    """
    look = LookBack.at(movements, counters)
    return look.answered(prepared(*look.question), movements=movements, now=now)


@dataclass(frozen=True, slots=True)
class LookBack:
    """The same for who asks the database for more in the same round trip: the question, and what makes of its answer.

    Attributes:
        keys: of each movement, the keys that are looked up, by kind.
        asked: all of them, each once, with whether different payees and payers are told.

    """

    counters: Collection[Counter]
    keys: Sequence[Mapping[str, str]]
    asked: Mapping[str, tuple[bool, bool]]

    @classmethod
    def at(cls, movements: Sequence[Facts], counters: Collection[Counter]) -> LookBack:
        """Look back from these movements."""
        payees = {counter.subject.value for counter in counters if counter.measure is Measure.DISTINCT_PAYEES}
        payers = {counter.subject.value for counter in counters if counter.measure is Measure.DISTINCT_PAYERS}
        keys = [subjects.asked(facts) for facts in movements]
        asked = dict[str, tuple[bool, bool]]()
        for kind, key in ((kind, key) for of_one in keys for kind, key in of_one.items()):
            some_payees, some_payers = asked.get(key, (False, False))
            asked[key] = some_payees or kind in payees, some_payers or kind in payers
        return cls(counters, keys, asked)

    @property
    def question(self) -> Asked:
        """The statement to be run."""
        return Asked(
            _SQL,
            {
                "keys": sql_arrays.of_words(self.asked),
                "payees": sql_arrays.of_flags(payees for payees, _payers in self.asked.values()),
                "payers": sql_arrays.of_flags(payers for _payees, payers in self.asked.values()),
            },
        )

    def answered(self, rows: Sequence[tuple[Any, ...]], *, movements: Sequence[Facts], now: datetime) -> list[Facts]:
        """Return the movements, which may know more of themselves by now, with what the rows tell."""
        known = {key: Seen(*row) for key, row in zip(self.asked, rows, strict=True)}
        told, last = list[Facts](), len(movements) - 1
        for place, (facts, keys) in enumerate(zip(movements, self.keys, strict=True)):
            told.append(_completed(facts, {kind: known[key] for kind, key in keys.items()}, self.counters, now))
            if place < last:
                _note(facts, known)
        return told


def _note(facts: Facts, known: Mapping[str, Seen]) -> None:
    """Let the movements behind this one see it, as if it were committed."""
    for row in rows_of(facts):
        if (seen := known.get(str(row.key))) is not None:
            seen.note(row)


def _completed(facts: Facts, seen: Mapping[str, Seen], counters: Collection[Counter], now: datetime) -> Facts:
    starts, told = windows.starts(now), dict(facts.counters)
    for counter in counters:
        one = seen.get(counter.subject.value)
        told[counter] = None if one is None else _MEASURES[counter.measure](one, starts[counter.window])
    return replace(facts, counters=told, history=_history(seen, starts, now))


def _history(seen: Mapping[str, Seen], starts: Mapping[str, int], now: datetime) -> History:
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


def _previous(customer: Seen | None, now: datetime) -> dict[str, Any]:
    if customer is None or customer.country_at is None:
        return {}
    return {
        "previous_country": customer.country,
        "previous_minutes": _whole(now - customer.country_at, _MINUTE),
    }


def _sums(seen: Mapping[str, Seen], starts: Mapping[str, int]) -> dict[str, Any]:
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


def _days_known(one: Seen | None, now: datetime) -> int | None:
    """Return whole days since somebody was first seen: 0 for who is new, None for nobody."""
    if one is None:
        return None
    return _whole(now - one.first_seen, _DAY) if one.first_seen else 0


def _whole(passed: timedelta, unit: timedelta) -> int:
    return max(0, passed // unit)
