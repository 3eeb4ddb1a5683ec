"""A made-up bank with made-up fraud, for tests of the machinery. Nothing measured on it says anything about a real bank.

People pay people they know, by day, from their own device. In some episodes somebody else is at the keyboard; in others an
account passes on what it has just received. Both also look usual at times, and usual people also do unusual things.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from bankops.core.money import Money
from risk.facts import Facts, History, MovementKind, Party, bank_time
from risk.language.schema import Counter, Measure, Subject

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_COUNTERS = {
    window: (Counter(Measure.COUNT, Subject.PAYER, window), Counter(Measure.SUM, Subject.PAYER, window))
    for window in ("1h", "24h", "90d")
}


@dataclass(frozen=True, slots=True)
class Happened:
    """A movement, and what it was; `alerted` when the bank's few rules noticed."""

    facts: Facts
    fraud: bool
    rules: int

    @property
    def alerted(self) -> bool:
        return self.rules > 0


def movements(count: int, *, share: float = 0.02, seed: int = 7, days: int = 180) -> Iterator[Happened]:
    """Yield so many movements in the order of time, the same ones for one seed."""
    random = Random(seed)
    step = timedelta(days=days) / count
    for number in range(count):
        fraud = random.random() < share
        yield _one(random, number, BEGIN + number * step, fraud=fraud)


def _one(random: Random, number: int, moment: datetime, *, fraud: bool) -> Happened:
    takeover = fraud and random.random() < 0.6
    mule = fraud and not takeover
    night = random.random() < (0.5 if takeover else 0.06)
    hour, weekday = bank_time(moment)
    hour = random.randrange(6) if night else random.randrange(6, 24)
    usual = round(random.lognormvariate(6.5, 0.8), 2)
    amount = _cny(usual * random.lognormvariate(1.6 if takeover else 0.0, 0.7))
    payee_new = random.random() < (0.9 if fraud else 0.2)
    device_known = random.random() < 0.7
    device_new = random.random() < (0.75 if takeover else 0.04)
    received = _cny(amount.minor / 100 * random.uniform(1, 1.2)) if mule or random.random() < 0.1 else _cny(0)
    known = random.randrange(1, 90)
    facts = Facts(
        movement=f"tr_{number:06}",
        kind=MovementKind.TRANSFER,
        channel="partner",
        amount=amount,
        base_amount=amount,
        moment=moment,
        hour=hour,
        weekday=weekday,
        payer=Party(account="acc_1", ours=True, customer="cus_1", opened_days=random.randrange(5, 2_000)),
        payee=Party(account="acc_2", ours=random.random() < 0.5),
        device="device" if device_known else None,
        remittance_length=random.choice((0, 12, 20)),
        history=History(
            payee_first_seen_days=0 if payee_new else random.randrange(1, 400),
            device_first_seen_days=(0 if device_new else random.randrange(1, 400)) if device_known else None,
            received_24h=received,
        ),
        counters={
            _COUNTERS["1h"][0]: random.randrange(4) + (3 if mule else 0),
            _COUNTERS["24h"][1]: _cny(0),
            _COUNTERS["90d"][0]: known,
            _COUNTERS["90d"][1]: _cny(usual * known),
        },
    )
    return Happened(facts, fraud, _rules(facts))


def _rules(facts: Facts) -> int:
    """Return what two simple rules of that bank add."""
    night = 200 if facts.hour < 6 and facts.payee_is_new else 0
    return night + (300 if facts.amount.minor > 500_000 else 0)


def _cny(units: float) -> Money:
    return Money(max(1, round(units * 100)), "CNY") if units else Money(0, "CNY")
