"""Movements to be counted, and what the counters must say about them, worked out the long way."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product

from bankops.core.money import Money
from risk.facts import Facts, MovementKind, Party, bank_time
from risk.language.schema import COUNTED, WINDOWS, Counter, Measure, Subject
from risk.velocity.subjects import identity

NOW = datetime(2026, 11, 23, 9, 30, 17, tzinfo=UTC)
EVERY_COUNTER = [
    Counter(measure, subject, window) for measure, of in COUNTED.items() for subject, window in product(of, WINDOWS)
]
_GRAIN = {"1m": 5, "10m": 60, "1h": 60, "24h": 3600, "7d": 3600, "30d": 86400, "90d": 86400}
DIFFERENT_MAX = 1_000


def movement(
    minor: int = 100_00,
    *,
    moment: datetime = NOW,
    payer: Party | str = "acc_1",
    payee: Party | str = "acc_2",
    customer: str | None = "cus_1",
    device: str | None = None,
    country: str | None = None,
    kind: MovementKind = MovementKind.TRANSFER,
    currency: str = "CNY",
    base_minor: int | None = None,
) -> Facts:
    hour, weekday = bank_time(moment)
    base = Money(minor if base_minor is None else base_minor, "CNY")
    return Facts(
        movement="tr_1",
        kind=kind,
        channel="partner",
        amount=Money(minor, currency),
        base_amount=base if currency == "CNY" or base_minor is not None else None,
        moment=moment,
        hour=hour,
        weekday=weekday,
        payer=payer if isinstance(payer, Party) else Party(payer, ours=True, customer=customer),
        payee=payee if isinstance(payee, Party) else Party(payee, ours=True, customer=f"owner of {payee}"),
        device=device,
        country=country,
    )


@dataclass(frozen=True)
class Town:
    """Who pays whom in a made-up town: few enough that everybody meets everybody."""

    payers: int = 4
    payees: int = 5
    devices: int = 3

    def anybody_pays(self, chance: random.Random, moment: datetime) -> Facts:
        payer = chance.randrange(self.payers)
        return movement(
            chance.randint(1, 1_000_00),
            moment=moment,
            payer=f"acc_{payer}",
            payee=f"acc_{chance.randrange(self.payees)}",
            customer=f"cus_{payer // 2}",
            device=chance.choice([None, *(f"dev_{number}" for number in range(self.devices))]),
            country=chance.choice([None, "CN", "FR"]),
        )


def expected(asking: Facts, past: Iterable[Facts], now: datetime) -> dict[Counter, int | Money | None]:
    """Return every counter of a movement, from all that moved before, by looking at each."""
    known = list(past)
    return {counter: _one(counter, asking, known, now) for counter in EVERY_COUNTER}


def _one(counter: Counter, asking: Facts, past: list[Facts], now: datetime) -> int | Money | None:
    mine = _subject(counter.subject, asking)
    if mine is None:
        return None
    start = _start(counter.window, now)
    hit = [one for one in past if _subject(counter.subject, one) == mine and one.moment.timestamp() >= start]
    if counter.measure is Measure.COUNT:
        return len(hit)
    if counter.measure is Measure.SUM:
        return Money(sum(one.base_amount.minor for one in hit if one.base_amount), "CNY")
    side = "payee" if counter.measure is Measure.DISTINCT_PAYEES else "payer"
    return min(DIFFERENT_MAX, len({identity(getattr(one, side)) for one in hit} - {None}))


def _start(window: str, now: datetime) -> int:
    grain = _GRAIN[window]
    return int((now - WINDOWS[window]).timestamp() // grain * grain)


def _subject(subject: Subject, facts: Facts) -> object:
    payer, payee = identity(facts.payer), identity(facts.payee)
    return {
        Subject.PAYER: payer,
        Subject.PAYEE: payee,
        Subject.PAIR: (payer, payee) if payer and payee else None,
        Subject.CUSTOMER: facts.customer,
        Subject.DEVICE: facts.device,
    }[subject]


def long_ago(chance: random.Random, now: datetime) -> datetime:
    """Return some moment of the last hundred days, as often within a minute as between a month and two."""
    seconds = 10 ** chance.uniform(0, 6.94)
    return now - timedelta(seconds=seconds)


def differences(told: Facts, right: Mapping[Counter, object]) -> dict[str, tuple[object, object]]:
    """Return the counters that are wrong, with what they tell and what they should."""
    return {
        str(counter): (told.counter(counter), one) for counter, one in right.items() if told.counter(counter) != one
    }
