"""Understands a tree: looks every name up in the schema and holds every operation to the types it takes.

A part that is wrong is told once; what it stands in stays silent about it and goes on with its other parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeGuard

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core.money import Money
from risk.language import syntax
from risk.language.calls import Calls
from risk.language.errors import Problem, did_you_mean
from risk.language.findings import Findings
from risk.language.meaning import (
    Calculation,
    Comparison,
    Constant,
    Joined,
    Listed,
    Meaning,
    Negation,
    OneOf,
    Opposite,
    Read,
    Within,
    needs_of,
)
from risk.language.schema import Schema, Subject, Type
from risk.language.syntax import COMPARISONS, Node

_N, _M, _T, _D = Type.NUMBER, Type.MONEY, Type.MOMENT, Type.DURATION
_CALCULATIONS: dict[tuple[str, Type, Type], Type] = {
    ("+", _N, _N): _N, ("-", _N, _N): _N, ("*", _N, _N): _N, ("/", _N, _N): _N,
    ("+", _M, _M): _M, ("-", _M, _M): _M, ("*", _M, _N): _M, ("*", _N, _M): _M, ("/", _M, _N): _M, ("/", _M, _M): _N,
    ("+", _T, _D): _T, ("-", _T, _D): _T, ("-", _T, _T): _D, ("+", _D, _D): _D, ("-", _D, _D): _D,
}  # fmt: skip
_ORDERED = (_N, _M, _T, _D)
_WRITE = {
    _M: _('Write an amount like this: money("50000 CNY")'),
    _D: _('Write a duration like this: duration("24h")'),
    _T: _('Write a moment like this: moment("2026-01-31T08:00:00+08:00")'),
}


def understand(tree: Node, schema: Schema) -> tuple[Meaning | None, list[Problem]]:
    """Return what a tree means, and what is wrong with it: exactly then it means nothing."""
    findings = Findings()
    meaning = _Checker(schema, findings).condition(tree)
    if meaning and not findings.problems and not needs_of(meaning):
        findings.tell("rule_constant", tree)
    return (None if findings.problems else meaning), findings.problems


class _Checker:
    """Each method returns what a node means, or None when something in it is wrong and told."""

    def __init__(self, schema: Schema, findings: Findings) -> None:
        self._schema = schema
        self._found = findings
        self._calls = Calls(schema, findings, self._meaning)
        self._kinds: Mapping[type[Node], Callable[[Any], Meaning | None]] = {
            syntax.Number: _constant_of(Type.NUMBER),
            syntax.Text: _constant_of(Type.TEXT),
            syntax.Truth: _constant_of(Type.TRUTH),
            syntax.Name: self._name,
            syntax.Call: self._calls.call,
            syntax.Not: self._not,
            syntax.Junction: self._junction,
            syntax.Negative: self._negative,
            syntax.Binary: self._binary,
            syntax.Between: self._between,
            syntax.Membership: self._membership,
        }

    def condition(self, node: Node) -> Meaning | None:
        """Understand what has to be true or not."""
        meaning = self._meaning(node)
        if meaning and meaning.type is not Type.TRUTH:
            return self._found.wrong("rule_not_truth", node, found=meaning.type.label)
        return meaning

    def _meaning(self, node: Node) -> Meaning | None:
        understand_it = self._kinds.get(type(node))
        return understand_it(node) if understand_it else None

    def _name(self, node: syntax.Name) -> Meaning | None:
        if node.name in self._schema:
            return Read(self._schema[node.name])
        hint: str | Promise = did_you_mean(node.name, self._schema.facts)
        if node.name in set(Subject):
            hint = _('Movements are counted like this: count(%(subject)s, "24h")') % {"subject": node.name}
        return self._found.wrong("rule_unknown_fact", node, hint, name=node.name)

    # Conditions

    def _not(self, node: syntax.Not) -> Meaning | None:
        denied = self.condition(node.part)
        return denied and Negation(denied)

    def _junction(self, node: syntax.Junction) -> Meaning | None:
        conditions = [self.condition(part) for part in node.parts]
        return Joined(node.word, tuple(conditions)) if _all_understood(conditions) else None

    def _comparison(self, node: syntax.Binary, left: Meaning, right: Meaning) -> Meaning | None:
        if not self._comparable(node, left, right, ordered=node.sign not in ("==", "!=")):
            return None
        for meaning, other, written in ((left, right, node.right), (right, left, node.left)):
            if isinstance(other, Constant) and not self._can_be(meaning, other.value, written):
                return None
        return Comparison(node.sign, left, right)

    def _between(self, node: syntax.Between) -> Meaning | None:
        parts = [self._meaning(part) for part in (node.value, node.low, node.high)]
        if not _all_understood(parts):
            return None
        value, low, high = parts
        if not all(self._comparable(node, value, bound, ordered=True) for bound in (low, high)):
            return None
        if _is_more(low, high):
            return self._found.wrong("rule_empty_range", node, _("Over midnight, for example: hour >= 22 or hour < 6"))
        return Within(value, low, high)

    def _comparable(self, node: Node, left: Meaning, right: Meaning, *, ordered: bool) -> bool:
        if left.type is not right.type:
            types = {"left": left.type.label, "right": right.type.label}
            self._found.tell("rule_not_comparable", node, _how_to_write(left, right), **types)
            return False
        if ordered and left.type not in _ORDERED:
            self._found.tell("rule_not_ordered", node, type=left.type.label)
            return False
        return True

    def _can_be(self, meaning: Meaning, value: object, node: Node) -> bool:
        """Whether a fact can be this value; tell, when it is never so."""
        if not isinstance(meaning, Read) or not meaning.fact.choices or value in meaning.fact.choices:
            return True
        hint = _one_of(str(value), meaning.fact.choices)
        self._found.tell("rule_unknown_value", node, hint, fact=meaning.fact.name, value=value)
        return False

    # Calculations

    def _binary(self, node: syntax.Binary) -> Meaning | None:
        left, right = self._meaning(node.left), self._meaning(node.right)
        if not (left and right):
            return None
        understand_it = self._comparison if node.sign in COMPARISONS else self._calculation
        return understand_it(node, left, right)

    def _calculation(self, node: syntax.Binary, left: Meaning, right: Meaning) -> Meaning | None:
        comes_to = _CALCULATIONS.get((node.sign, left.type, right.type))
        if comes_to is None:
            types = {"left": left.type.label, "right": right.type.label}
            hint = _how_to_write(left, right)
            return self._found.wrong("rule_not_calculable", node, hint, sign=node.sign, **types)
        if node.sign == "/" and not _is_divisor(right):
            return self._found.wrong("rule_bad_divisor", node.right, _("Multiply the other side instead."))
        return Calculation(node.sign, left, right, comes_to)

    def _negative(self, node: syntax.Negative) -> Meaning | None:
        part = self._meaning(node.part)
        if part and part.type not in (_N, _M, _D):
            return self._found.wrong("rule_type_mismatch", node.part, found=part.type.label, wanted=_N.label)
        return part and Opposite(part)

    # Lists

    def _membership(self, node: syntax.Membership) -> Meaning | None:
        value = self._meaning(node.value)
        if isinstance(node.values, syntax.Call):
            return self._listed(node, value, self._calls.list_name(node.values))
        items = self._items(node.values)
        return self._one_of(node, value, items) if value and items else None

    def _listed(self, node: syntax.Membership, value: Meaning | None, name: str | None) -> Meaning | None:
        if value and value.type is not Type.TEXT:
            types = {"found": value.type.label, "wanted": Type.TEXT.label}
            return self._found.wrong("rule_type_mismatch", node.value, **types)
        return Listed(value, name, node.negated) if value and name else None

    def _one_of(self, node: syntax.Membership, value: Meaning, items: list[Constant]) -> Meaning | None:
        if value.type is not items[0].type:
            types = {"left": value.type.label, "right": items[0].type.label}
            return self._found.wrong("rule_not_comparable", node, **types)
        written = syntax.children(node.values)
        possible = [self._can_be(value, item.value, part) for item, part in zip(items, written, strict=True)]
        values = tuple(item.value for item in items)
        return OneOf(value, values, node.negated) if all(possible) else None

    def _items(self, node: Node) -> list[Constant] | None:
        """Return the values of a list; None when something is wrong with it and told."""
        written = syntax.children(node)
        items = [_item(part) for part in written]
        if not written:
            self._found.tell("rule_empty_set", node)
        for part, item in zip(written, items, strict=True):
            if item is None or items[0] is None or item.type is not items[0].type:
                self._found.tell("rule_mixed_set", part)
                return None
        return [item for item in items if item]


def _all_understood(parts: list[Meaning | None]) -> TypeGuard[list[Meaning]]:
    return None not in parts


def _constant_of(type_: Type) -> Callable[[Any], Meaning]:
    return lambda node: Constant(node.value, type_)


def _item(node: Node) -> Constant | None:
    match node:
        case syntax.Text(value):
            return Constant(value, Type.TEXT)
        case syntax.Number(value):
            return Constant(value, Type.NUMBER)
        case syntax.Negative(syntax.Number(value)):
            return Constant(value.copy_negate(), Type.NUMBER)
        case _:
            return None


def _one_of(value: str, choices: tuple[str, ...]) -> str | Promise:
    return did_you_mean(value, choices) or _("It is one of: %(choices)s.") % {"choices": ", ".join(choices)}


def _how_to_write(left: Meaning, right: Meaning) -> str | Promise:
    """Return how a plain number or text is written as what the other side is."""
    for other, value in ((left, right), (right, left)):
        if isinstance(value, Constant) and value.type in (Type.NUMBER, Type.TEXT) and other.type in _WRITE:
            return _WRITE[other.type]
    return ""


def _constant(meaning: Meaning) -> Any:
    """Return a value that is written out, also with a minus before it; None for everything else."""
    match meaning:
        case Constant(value):
            return value
        case Opposite(Constant(value)):
            return value.copy_negate() if isinstance(value, Decimal) else -value  # a minus rounds to 28 digits
        case _:
            return None


def _is_divisor(meaning: Meaning) -> bool:
    """Whether something may divide: a number that is written out, or an amount; neither of them written out as zero."""
    value = _constant(meaning)
    if value is None:
        return meaning.type is Type.MONEY
    return bool(value.minor if isinstance(value, Money) else value)


def _is_more(low: Meaning, high: Meaning) -> bool:
    """Whether nothing can be between two values that are written out. Of two currencies nobody can tell."""
    first, second = _constant(low), _constant(high)
    if first is None or second is None:
        return False
    if isinstance(first, Money) and first.currency != second.currency:
        return False
    return bool(second < first)
