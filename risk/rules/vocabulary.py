"""What a rule may speak of when it is written: the facts, and the bank's lists by name."""

from __future__ import annotations

from risk.fact_schema import SCHEMA
from risk.language.schema import Schema
from risk.selectors.lists import names_for_rules


def vocabulary() -> Schema:
    """Return what rules are checked against: a list that the bank has not is refused. One statement."""
    return SCHEMA.with_lists(names_for_rules())
