"""One time line of patterns and background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from uuid import UUID

from django.utils.translation import gettext as _

from risk.patterns.errors import PatternFileUnreadable
from risk.patterns.records import Transfer
from risk.patterns.trial.background import Row
from risk.patterns.trial.pattern_file import NAME, Hop, Pattern
from risk.patterns.trial.placing import Places, Placing

# Units of each currency for one US dollar: one constant each, so that a chain that changes currency keeps its value. They are
# those of autumn 2020, at which IBM's simulation converts (equal values on both sides of its conversions show it).
RATES = {
    "US Dollar": Decimal(1),
    "Euro": Decimal("0.8534"),
    "Yuan": Decimal("6.6976"),
    "Yen": Decimal("105.40"),
    "Rupee": Decimal("73.444"),
    "Ruble": Decimal("77.792"),
    "UK Pound": Decimal("0.7740"),
    "Swiss Franc": Decimal("0.9150"),
    "Canadian Dollar": Decimal("1.3193"),
    "Australian Dollar": Decimal("1.4128"),
    "Mexican Peso": Decimal("21.1431"),
    "Shekel": Decimal("3.3770"),
    "Brazil Real": Decimal("5.6465"),
    "Saudi Riyal": Decimal("3.7511"),
    "Bitcoin": Decimal("0.00008418"),
}
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Labelled:
    """A pattern as it stands in the time line."""

    pattern: Pattern
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class TimeLine:
    """Transfers in order of time, and which of them make up which pattern.

    Attributes:
        scale: units of the background's currency for a US dollar of the patterns; makes the medians of both equal.

    """

    transfers: tuple[Transfer, ...]
    labelled: tuple[Labelled, ...]
    scale: Decimal


def mix(patterns: Sequence[Pattern], rows: Sequence[Row], placing: Placing) -> TimeLine:
    """Put the patterns into the last days of the background.

    :raises PatternFileUnreadable: when there is no rate for a currency.
    :raises BackgroundUnfit: when it is too small for the patterns.
    """
    between = median(row.amount for row in rows if row.between_accounts)
    scale = Decimal(between) / _HUNDRED / median(_dollars(hop) for one in patterns for hop in one.hops)
    places = Places(rows, patterns, placing)
    ids = iter(range(len(rows) + 1, 1 << 64))
    labelled = []
    for pattern in patterns:
        shift, accounts = places.shift(pattern), places.accounts(pattern)
        transfers = (
            Transfer(UUID(int=next(ids)), accounts[hop.payer], accounts[hop.payee], _minor(hop, scale), hop.at + shift)
            for hop in pattern.hops
        )
        labelled.append(Labelled(pattern, tuple(transfers)))
    background = (_background(row, UUID(int=number)) for number, row in enumerate(rows, start=1))
    together = [*background, *(one for labels in labelled for one in labels.transfers)]
    return TimeLine(tuple(sorted(together, key=lambda one: one.at)), tuple(labelled), scale)


def _dollars(hop: Hop) -> Decimal:
    rate = RATES.get(hop.currency)
    if rate is None:
        problem = _("There is no rate for the currency “%(currency)s”. Known: %(known)s.")
        values = {"currency": hop.currency, "known": ", ".join(RATES)}
        raise PatternFileUnreadable(file=NAME, place="payment_currency", problem=problem % values)
    return hop.amount / rate


def _minor(hop: Hop, scale: Decimal) -> int:
    """At least one minor unit: a transfer of nothing would be none."""
    return max(1, int(_dollars(hop) * scale * _HUNDRED))


def _background(row: Row, id: UUID) -> Transfer:
    payer, payee = (row.account, row.other) if row.paid else (row.other, row.account)
    return Transfer(id, payer, payee, row.amount, row.at)
