"""What a model looks at: numbers read from the frozen facts of one movement, and from nothing else.

The list is never changed under its `VERSION`: a model names the version that it was trained on, and is of no use with another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core.money import Money, exponent
from risk.facts import Facts, MovementKind
from risk.language.schema import Counter, Measure, Subject

VERSION: Final = 1
NIGHT_ENDS: Final = 6
JOURNEY_MINUTES: Final = 6 * 60
"""Within this time nobody orders from two countries, but for neighbours."""
ROUND_ZEROS: Final = 3
LONG_RATIO: Final = 1_000.0
"""A ratio counts up to this, and down to one over it: how far beyond does not matter."""


class Shape(StrEnum):
    """How a feature's number comes from what people know, and how it is told to them.

    FLAG: 1 for yes, 0 for no. COUNT: ln(1 + n). AMOUNT: log10(1 + amount), in units of the base currency.
    RATIO: the natural logarithm of how many times. SHARE: 0 to 1.
    """

    FLAG = "flag"
    COUNT = "count"
    AMOUNT = "amount"
    RATIO = "ratio"
    SHARE = "share"


Reader = Callable[[Facts], float | None]


@dataclass(frozen=True, slots=True)
class Feature:
    """One number about a movement.

    Attributes:
        name: stable; `model_` and this is the code of a reason.
        label: what people read.
        read: returns the number, None when it is not known. Not known is learnt by itself: it never becomes a zero.

    """

    name: str
    label: str | Promise
    shape: Shape
    read: Reader


def values(facts: Facts) -> list[float | None]:
    """Return the numbers of a movement, in the order of `FEATURES`."""
    return [read(facts) for read in _READ]


_COUNT_1H = Counter(Measure.COUNT, Subject.PAYER, "1h")
_COUNT_24H = Counter(Measure.COUNT, Subject.PAYER, "24h")
_COUNT_90D = Counter(Measure.COUNT, Subject.PAYER, "90d")
_SUM_24H = Counter(Measure.SUM, Subject.PAYER, "24h")
_SUM_90D = Counter(Measure.SUM, Subject.PAYER, "90d")
_PAYEES_24H = Counter(Measure.DISTINCT_PAYEES, Subject.PAYER, "24h")
_PAYERS_24H = Counter(Measure.DISTINCT_PAYERS, Subject.PAYEE, "24h")
_PAID_24H = Counter(Measure.SUM, Subject.PAYEE, "24h")
_PAIR_24H = Counter(Measure.COUNT, Subject.PAIR, "24h")
_DEVICE_10M = Counter(Measure.COUNT, Subject.DEVICE, "10m")
_DEVICE_PAYERS_24H = Counter(Measure.DISTINCT_PAYERS, Subject.DEVICE, "24h")

COUNTERS: Final = frozenset(
    {
        _COUNT_1H,
        _COUNT_24H,
        _COUNT_90D,
        _SUM_24H,
        _SUM_90D,
        _PAYEES_24H,
        _PAYERS_24H,
        _PAID_24H,
        _PAIR_24H,
        _DEVICE_10M,
        _DEVICE_PAYERS_24H,
    }
)
"""What the features count. The shipped rules count each of these as well, so that a model asks for nothing more."""


def _counted(counter: Counter) -> Reader:
    def read(facts: Facts) -> float | None:
        count = facts.counters.get(counter)
        return math.log1p(count) if isinstance(count, int) else None

    return read


def _summed(counter: Counter) -> Reader:
    def read(facts: Facts) -> float | None:
        total = facts.counters.get(counter)
        return math.log10(1 + _units(total)) if isinstance(total, Money) else None

    return read


def _units(money: Money) -> float:
    return float(money.minor / 10 ** exponent(money.currency))


def _amount(facts: Facts) -> float | None:
    return None if facts.base_amount is None else math.log10(1 + _units(facts.base_amount))


def _over_usual(facts: Facts) -> float | None:
    """Return by how much it is above the average of what the account paid in 90 days."""
    total, count = facts.counters.get(_SUM_90D), facts.counters.get(_COUNT_90D)
    if facts.base_amount is None or not isinstance(total, Money) or not isinstance(count, int):
        return None
    return _times(facts.base_amount.minor * count, total.minor)


def _day_over_usual(facts: Facts) -> float | None:
    """Return how today's sum, with this movement, compares with the average day of 90."""
    total, today = facts.counters.get(_SUM_90D), facts.counters.get(_SUM_24H)
    if facts.base_amount is None or not isinstance(total, Money) or not isinstance(today, Money):
        return None
    return _times((today.minor + facts.base_amount.minor) * 90, total.minor)


def _times(this: int, usual: int) -> float | None:
    if this <= 0 or usual <= 0:
        return None
    return math.log(min(LONG_RATIO, max(1 / LONG_RATIO, this / usual)))


def _passed_on(facts: Facts) -> float | None:
    """Return how much of what came in within 24 hours has left again with this movement."""
    received, sent = facts.history.received_24h, facts.counters.get(_SUM_24H)
    if received is None or facts.base_amount is None:
        return None
    gone = facts.base_amount.minor + (sent.minor if isinstance(sent, Money) else 0)
    return min(1.0, gone / received.minor) if received.minor > 0 else 0.0


def _of_available(facts: Facts) -> float | None:
    """Return how much of what could be spent it takes."""
    available = facts.payer.available
    if available is None or available.currency != facts.amount.currency:
        return None
    return min(1.0, facts.amount.minor / available.minor) if available.minor > 0 else 1.0


def _received(facts: Facts) -> float | None:
    received = facts.history.received_24h
    return None if received is None else math.log10(1 + _units(received))


def _cash(facts: Facts) -> float | None:
    cash = facts.history.cash_24h
    return None if cash is None else math.log10(1 + _units(cash))


def _flag(known: bool | None) -> float | None:
    return None if known is None else float(known)


def _log(count: int | None) -> float | None:
    return None if count is None else math.log1p(max(0, count))


def _moved_country(facts: Facts) -> float | None:
    before = facts.history.previous_country
    return None if before is None or facts.country is None else float(before != facts.country)


def _too_fast(facts: Facts) -> float | None:
    minutes, moved = facts.history.previous_minutes, _moved_country(facts)
    return None if minutes is None or moved is None else float(moved == 1.0 and minutes < JOURNEY_MINUTES)


def _ordered_abroad(facts: Facts) -> float | None:
    home = facts.payer.country
    return None if home is None or facts.country is None else float(home != facts.country)


def _paid_abroad(facts: Facts) -> float | None:
    home, there = facts.payer.country, facts.payee.country
    return None if home is None or there is None else float(home != there)


def _country_new(facts: Facts) -> float | None:
    days = facts.history.country_first_seen_days
    return None if days is None else float(days == 0)


def _payee_new_here(facts: Facts) -> float | None:
    days = facts.history.payee_known_days
    return None if days is None else float(days == 0)


def _rated(facts: Facts) -> float | None:
    rating = facts.payer.rating
    return None if rating is None else float(rating == "HIGH")


def _organisation(facts: Facts) -> float | None:
    kind = facts.payer.kind
    return None if kind is None else float(kind == "ORGANISATION")


def _movement() -> Iterator[Feature]:
    yield Feature("amount", _("amount"), Shape.AMOUNT, _amount)
    yield Feature("over_usual", _("amount against the account's usual"), Shape.RATIO, _over_usual)
    yield Feature("day_over_usual", _("paid today against the account's usual day"), Shape.RATIO, _day_over_usual)
    yield Feature("of_available", _("share of what could be spent"), Shape.SHARE, _of_available)
    yield Feature("round", _("round amount"), Shape.FLAG, lambda facts: float(facts.trailing_zeros >= ROUND_ZEROS))
    yield Feature("night", _("at night"), Shape.FLAG, lambda facts: float(facts.hour < NIGHT_ENDS))
    yield Feature("weekend", _("at the weekend"), Shape.FLAG, lambda facts: float(facts.weekday > 5))
    yield Feature("deposit", _("is a deposit"), Shape.FLAG, lambda facts: float(facts.kind is MovementKind.DEPOSIT))
    yield Feature(
        "withdrawal", _("is a withdrawal"), Shape.FLAG, lambda facts: float(facts.kind is MovementKind.WITHDRAWAL)
    )
    yield Feature("refund", _("is a refund"), Shape.FLAG, lambda facts: float(facts.kind is MovementKind.REFUND))
    yield Feature(
        "own_accounts", _("between the customer's own accounts"), Shape.FLAG, lambda facts: float(facts.same_customer)
    )
    yield Feature("silent", _("no text for the payee"), Shape.FLAG, lambda facts: float(facts.remittance_length == 0))


def _sides() -> Iterator[Feature]:
    yield Feature("payee_new", _("first payment to this payee"), Shape.FLAG, lambda facts: _flag(facts.payee_is_new))
    yield Feature(
        "payee_known_days",
        _("days since the account first paid the payee"),
        Shape.COUNT,
        lambda facts: _log(facts.history.payee_first_seen_days),
    )
    yield Feature("payee_new_here", _("nobody here has paid the payee before"), Shape.FLAG, _payee_new_here)
    yield Feature("payee_abroad", _("payee lives in another country"), Shape.FLAG, _paid_abroad)
    yield Feature(
        "payee_opened_days",
        _("days since the payee's account was opened"),
        Shape.COUNT,
        lambda facts: _log(facts.payee.opened_days),
    )
    yield Feature(
        "opened_days",
        _("days since the account was opened"),
        Shape.COUNT,
        lambda facts: _log(facts.payer.opened_days),
    )
    yield Feature("customer_days", _("days as a customer"), Shape.COUNT, lambda facts: _log(facts.payer.customer_days))
    yield Feature("rated_high", _("customer rated high"), Shape.FLAG, _rated)
    yield Feature("organisation", _("payer is an organisation"), Shape.FLAG, _organisation)
    yield Feature(
        "dormant", _("account is dormant"), Shape.FLAG, lambda facts: float(facts.payer.dormant_days is not None)
    )
    yield Feature(
        "idle_days",
        _("days since the account last paid"),
        Shape.COUNT,
        lambda facts: _log(facts.history.payer_idle_days),
    )


def _device() -> Iterator[Feature]:
    yield Feature("device_new", _("device not used before"), Shape.FLAG, lambda facts: _flag(facts.device_is_new))
    yield Feature("device_10m", _("orders from the device in 10 minutes"), Shape.COUNT, _counted(_DEVICE_10M))
    yield Feature("device_payers", _("payers on the device in 24 hours"), Shape.COUNT, _counted(_DEVICE_PAYERS_24H))
    yield Feature("country_new", _("country not ordered from before"), Shape.FLAG, _country_new)
    yield Feature("country_moved", _("another country than last time"), Shape.FLAG, _moved_country)
    yield Feature("too_fast", _("another country sooner than one can travel"), Shape.FLAG, _too_fast)
    yield Feature("ordered_abroad", _("ordered from abroad"), Shape.FLAG, _ordered_abroad)


def _counts() -> Iterator[Feature]:
    yield Feature("count_1h", _("payments in 1 hour"), Shape.COUNT, _counted(_COUNT_1H))
    yield Feature("count_24h", _("payments in 24 hours"), Shape.COUNT, _counted(_COUNT_24H))
    yield Feature("payees_24h", _("payees in 24 hours"), Shape.COUNT, _counted(_PAYEES_24H))
    yield Feature("pair_24h", _("payments to this payee in 24 hours"), Shape.COUNT, _counted(_PAIR_24H))
    yield Feature("payers_24h", _("payers of the payee in 24 hours"), Shape.COUNT, _counted(_PAYERS_24H))
    yield Feature("paid_24h", _("paid to the payee in 24 hours"), Shape.AMOUNT, _summed(_PAID_24H))
    yield Feature("received", _("received in 24 hours"), Shape.AMOUNT, _received)
    yield Feature("passed_on", _("share of what came in that left again"), Shape.SHARE, _passed_on)
    yield Feature("cash", _("cash in 24 hours"), Shape.AMOUNT, _cash)
    yield Feature(
        "refunds", _("refunds to the payee in 30 days"), Shape.COUNT, lambda facts: _log(facts.history.refunds_30d)
    )


FEATURES: Final = (*_movement(), *_sides(), *_device(), *_counts())
BY_NAME: Final = {feature.name: feature for feature in FEATURES}
_READ: Final = tuple(feature.read for feature in FEATURES)
