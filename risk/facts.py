"""What is known of one movement before it happens: all that rules look at, frozen, and kept with what was decided.

Whoever moves money says what it knows; `risk.velocity.reading` adds what was before. Nothing in here asks anybody: the same
facts give the same answer years later, which is what back-tests live on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any, Final

from django.utils import timezone

from bankops.core.money import Money, exponent
from risk.fact_schema import SCHEMA as SCHEMA  # noqa: PLC0414 - rules are checked against it, and it is found here
from risk.language.schema import Counter, Measure, Subject

VERSION: Final = 1


class MovementKind(StrEnum):
    """What is about to happen. A payment to or from another bank is a transfer."""

    TRANSFER = "transfer"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a movement. What is not known, or not applicable, is None.

    Attributes:
        account: our account's public id (`acc_…`); of another bank's, its number.
        ours: whether it is an account of this bank.
        customer: public id of the customer whose account it is.
        kind: `PERSON` or `ORGANISATION`.
        country: where the customer lives, or the other bank's country; ISO 3166-1.
        opened_days, customer_days: whole days since the account was opened, and since its customer is one.
        dormant_days: no longer told: nothing is paid from a dormant account, and what woke says `woken_days`.
        woken_days: whole days since the account was last woken from dormancy, or opened again.
        available: what could be spent before the movement; None where nobody asked.

    """

    account: str | None = None
    ours: bool = False
    customer: str | None = None
    name: str | None = None
    bank: str | None = None
    country: str | None = None
    kind: str | None = None
    rating: str | None = None
    opened_days: int | None = None
    customer_days: int | None = None
    dormant_days: int | None = None
    woken_days: int | None = None
    available: Money | None = None


@dataclass(frozen=True, slots=True)
class History:
    """What the counters tell beside their windows; None where it was not read, or there is nobody to tell of.

    Attributes:
        payee_first_seen_days: whole days since this account first paid this payee; 0 when it never did.
        payee_known_days: the same for whoever first paid it.
        device_first_seen_days, country_first_seen_days: of this customer.
        payer_idle_days: whole days since money last left this account; None when it never did.
        previous_country, previous_minutes: where and how many minutes ago the customer was last known to be.
        received_…: what came into the account that pays.
        cash_…: what the customer brought and took in cash.
        refunds_…: what the payee got back.

    """

    payee_first_seen_days: int | None = None
    payee_known_days: int | None = None
    device_first_seen_days: int | None = None
    country_first_seen_days: int | None = None
    payer_idle_days: int | None = None
    previous_country: str | None = None
    previous_minutes: int | None = None
    received_1h: Money | None = None
    received_24h: Money | None = None
    received_7d: Money | None = None
    received_count_24h: int | None = None
    cash_24h: Money | None = None
    cash_count_7d: int | None = None
    refunds_7d: int | None = None
    refunds_30d: int | None = None
    refunded_30d: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One movement about to happen.

    Attributes:
        movement: public id of the order or transaction.
        base_amount: in the bank's base currency; None when there is no rate.
        moment: aware; of the movement, not of the reading.
        hour, weekday: by the bank's clock; 0 to 23, and 1 (Monday) to 7. See `bank_time`.
        device: what the channel knows the device by.
        address, country: of the network it came from.
        remittance_length: characters of the text for the payee.
        counters: those that were read. The movement itself is not in them.
        lists: of each list that was looked into, those texts of the movement that it holds.
        rates: how many units of the base currency one unit is worth.

    """

    movement: str
    kind: MovementKind
    channel: str
    amount: Money
    base_amount: Money | None
    moment: datetime
    hour: int
    weekday: int
    payer: Party
    payee: Party
    device: str | None = None
    address: str | None = None
    country: str | None = None
    remittance_length: int = 0
    history: History = field(default_factory=History)
    counters: Mapping[Counter, int | Money | None] = field(default_factory=dict)
    lists: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rates: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def customer(self) -> str | None:
        """Whose movement it is: the one who pays; of a deposit, the one whose account it goes to."""
        return self.payee.customer if self.kind is MovementKind.DEPOSIT else self.payer.customer

    @property
    def same_customer(self) -> bool:
        """Whether both accounts are one customer's."""
        return self.payer.customer is not None and self.payer.customer == self.payee.customer

    @property
    def trailing_zeros(self) -> int:
        """How many zeros the amount ends with before its decimal point: 3 for 45,000.00, none for 45,000.50."""
        whole, fraction = divmod(self.amount.minor, 10 ** exponent(self.amount.currency))
        digits = str(whole) if whole and not fraction else ""
        return len(digits) - len(digits.rstrip("0"))

    @property
    def payee_is_new(self) -> bool | None:
        """Whether this account has not paid this payee before today."""
        return _is_new(self.history.payee_first_seen_days)

    @property
    def device_is_new(self) -> bool | None:
        """Whether this customer has not used this device before today."""
        return _is_new(self.history.device_first_seen_days)

    def value(self, name: str, /) -> Any:
        """Return a fact of the schema; None when it is missing."""
        return _READERS[name](self)

    def counter(self, counter: Counter, /) -> int | Money | None:
        """Return a counter; None when the movement has no such subject.

        :raises LookupError: when it was not read.
        """
        return self.counters[counter]

    def list_has(self, name: str, text: str, /) -> bool:
        """Whether a list holds this text of the movement.

        :raises LookupError: when the list was not looked into.
        """
        return text in self.lists[name]

    def rate(self, currency: str, /) -> Decimal | None:
        """Return how many units of the base currency one unit of `currency` is worth, None when unknown."""
        return self.rates.get(currency)

    def as_json(self) -> str:
        """Return all of it as text from which `from_json` makes the same facts."""
        return _ENCODER.encode(
            {
                "version": VERSION,
                "movement": self.movement,
                "kind": self.kind.value,
                "channel": self.channel,
                "amount": _from_money(self.amount),
                "base_amount": _from_money(self.base_amount),
                "moment": self.moment.isoformat(),
                "clock": [self.hour, self.weekday],
                "payer": {name: _from_value(value) for name, value in _told(self.payer).items()},
                "payee": {name: _from_value(value) for name, value in _told(self.payee).items()},
                "device": self.device,
                "address": self.address,
                "country": self.country,
                "remittance_length": self.remittance_length,
                "history": {name: _from_value(value) for name, value in _told(self.history).items()},
                "counters": {" ".join(counter): _from_value(value) for counter, value in self.counters.items()},
                "lists": {name: sorted(texts) for name, texts in self.lists.items()},
                "rates": {currency: str(rate) for currency, rate in self.rates.items()},
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Facts:
        """Read facts as they were kept.

        :raises ValueError: when a later version of the product wrote them.
        """
        kept = json.loads(text)
        if kept["version"] != VERSION:
            raise ValueError(f"facts of version {kept['version']} cannot be read")
        return cls(
            movement=kept["movement"],
            kind=MovementKind(kept["kind"]),
            channel=kept["channel"],
            amount=Money(*kept["amount"]),
            base_amount=_to_value(kept["base_amount"]),
            moment=datetime.fromisoformat(kept["moment"]),
            hour=kept["clock"][0],
            weekday=kept["clock"][1],
            payer=_party(kept["payer"]),
            payee=_party(kept["payee"]),
            device=kept["device"],
            address=kept["address"],
            country=kept["country"],
            remittance_length=kept["remittance_length"],
            history=History(**{name: _to_value(value) for name, value in kept["history"].items()}),
            counters={_counter(name): _to_value(value) for name, value in kept["counters"].items()},
            lists={name: frozenset(texts) for name, texts in kept["lists"].items()},
            rates={currency: Decimal(rate) for currency, rate in kept["rates"].items()},
        )


def bank_time(moment: datetime) -> tuple[int, int]:
    """Return the hour and the weekday of a moment by the bank's clock, as `Facts.hour` and `.weekday` want them."""
    local = timezone.localtime(moment, timezone.get_default_timezone())
    return local.hour, local.isoweekday()


def _is_new(days: int | None) -> bool | None:
    return None if days is None else days == 0


def _told(record: Party | History) -> dict[str, Any]:
    """Return what is known, by name: records are mostly empty."""
    read = _FIELDS[type(record)]
    return {name: value for name, value in zip(record.__slots__, read(record), strict=True) if value is not None}


_FIELDS: Final = {record: attrgetter(*record.__slots__) for record in (Party, History)}
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def _party(kept: dict[str, Any]) -> Party:
    if "available" in kept:
        kept["available"] = _to_value(kept["available"])
    return Party(**kept)


def _from_money(money: Money | None) -> list[int | str] | None:
    return None if money is None else [money.minor, money.currency]


def _from_value(value: object) -> object:
    return _from_money(value) if isinstance(value, Money) else value


def _to_value(value: Any) -> Any:
    return Money(*value) if type(value) is list else value


@cache
def _counter(name: str) -> Counter:
    measure, subject, window = name.split(" ")
    return Counter(Measure(measure), Subject(subject), window)


_ELSEWHERE: Final = {
    "kind": "kind.value",
    "device.id": "device",
    "device.is_new": "device_is_new",
    "network.address": "address",
    "network.country": "country",
    "payee.is_new": "payee_is_new",
    "remittance.length": "remittance_length",
    "payee.first_seen_days": "history.payee_first_seen_days",
    "payee.known_days": "history.payee_known_days",
    "payee.refunds_7d": "history.refunds_7d",
    "payee.refunds_30d": "history.refunds_30d",
    "payee.refunded_30d": "history.refunded_30d",
    "device.first_seen_days": "history.device_first_seen_days",
    "network.first_seen_days": "history.country_first_seen_days",
    "payer.idle_days": "history.payer_idle_days",
    "payer.received_1h": "history.received_1h",
    "payer.received_24h": "history.received_24h",
    "payer.received_7d": "history.received_7d",
    "payer.received_count_24h": "history.received_count_24h",
    "customer.id": "customer",
    "customer.cash_24h": "history.cash_24h",
    "customer.cash_count_7d": "history.cash_count_7d",
    "previous.country": "history.previous_country",
    "previous.minutes": "history.previous_minutes",
}
_READERS: Final = {fact.name: attrgetter(_ELSEWHERE.get(fact.name, fact.name)) for fact in SCHEMA}
