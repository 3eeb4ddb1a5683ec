"""The rules that every bank starts with, each with what it follows from. docs/rules.md shows them; `ship_rules` installs them.

Their thresholds are in the bank's base currency (`CCY` stands for it) and meant for one worth about a renminbi: a bank with
another one looks at them first. Those that a Chinese regulation sets are in renminbi, and for banks that keep their books so.

The words are msgids: they are kept as they stand here and translated when they are shown.
"""

from __future__ import annotations

from typing import Final

from risk.rules.shipped.behaviour import BEHAVIOUR
from risk.rules.shipped.large_value import large_value
from risk.rules.shipped.network import NETWORK
from risk.rules.shipped.pass_through import PASS_THROUGH
from risk.rules.shipped.places_and_lists import GEOGRAPHY, LISTED, REFUNDS
from risk.rules.shipped.record import NOTE, Shipped
from risk.rules.shipped.structuring import STRUCTURING
from risk.rules.shipped.takeover import TAKEOVER

RULES: Final = (
    *large_value(),
    *STRUCTURING,
    *PASS_THROUGH,
    *NETWORK,
    *TAKEOVER,
    *BEHAVIOUR,
    *REFUNDS,
    *GEOGRAPHY,
    *LISTED,
)


def shipped(base_currency: str) -> list[Shipped]:
    """Return the rules for a bank that keeps its books in `base_currency`."""
    return [rule for rule in RULES if rule.only_in in ("", base_currency)]


__all__ = ["NOTE", "RULES", "Shipped", "shipped"]
