"""What a rule may speak of when it is written: the facts, and the bank's lists by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.functional import Promise

from risk.fact_schema import SCHEMA
from risk.language.schema import Schema

ListNames = Callable[[], Mapping[str, "str | Promise"]]
_names: ListNames | None = None


def install_lists(names: ListNames | None) -> ListNames | None:
    """Say who knows the bank's lists, with what each holds; return who did before, so that a test can put it back."""
    global _names
    before, _names = _names, names
    return before


def vocabulary() -> Schema:
    """Return what rules are checked against. While nobody knows the lists, any well-formed name of one is taken."""
    return SCHEMA if _names is None else SCHEMA.with_lists(_names())
