"""A rule as it is written: the tree that the parser makes, and its canonical text.

Two trees are equal when they say the same in the same way; where they stood in a text does not matter. `written` and
`parser.parse` are each other's inverse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from risk.language.errors import NOWHERE, Span

Sign = Literal["==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/"]
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a rule."""

    at: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Missing(Node):
    """What could not be read; its problem is told already."""


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number that is written out; never negative."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Text(Node):
    value: str


@dataclass(frozen=True, slots=True)
class Truth(Node):
    value: bool


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function with its arguments; `named` is where its name stands."""

    name: str
    arguments: tuple[Node, ...]
    named: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Values(Node):
    """A list that is written out: `["CN", "HK"]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negative(Node):
    part: Node


@dataclass(frozen=True, slots=True)
class Not(Node):
    part: Node


@dataclass(frozen=True, slots=True)
class Junction(Node):
    """Two or more conditions with the same word between them."""

    word: Literal["and", "or"]
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """A comparison or a calculation."""

    sign: Sign
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """Whether a value is at least `low` and at most `high`."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Membership(Node):
    value: Node
    values: Node
    negated: bool


def children(node: Node) -> tuple[Node, ...]:
    """Return what a node is made of, in the order of the text."""
    match node:
        case Call(_, parts) | Values(parts) | Junction(_, parts):
            return parts
        case Negative(part) | Not(part):
            return (part,)
        case Binary(_, left, right) | Membership(left, right, _):
            return (left, right)
        case Between(value, low, high):
            return (value, low, high)
        case _:
            return ()


def nodes(tree: Node) -> Iterator[tuple[Node, int]]:
    """Yield every node of a tree with its depth, the root's being 1; it does not recurse."""
    waiting = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting += [(child, depth + 1) for child in children(node)]


_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _UNARY, _PRIMARY = range(8)
_TIGHTNESS = dict.fromkeys(COMPARISONS, _COMPARISON) | dict.fromkeys("+-", _SUM) | dict.fromkeys("*/", _PRODUCT)


def _tightness(node: Node) -> int:
    """Return how closely a node holds together; what holds less closely than its place asks for gets brackets."""
    match node:
        case Junction(word, _):
            return _OR if word == "or" else _AND
        case Binary(sign, _, _):
            return _TIGHTNESS[sign]
        case Not():
            return _NOT
        case Between() | Membership():
            return _COMPARISON
        case Negative():
            return _UNARY
        case _:
            return _PRIMARY


def written(node: Node) -> str:
    """Return a tree's canonical text.

    :raises ValueError: when something in it could not be read.
    """
    match node:
        case Number(value):
            return f"{value:f}"
        case Text(value):
            return quoted(value)
        case Truth(value):
            return "true" if value else "false"
        case Name(name):
            return name
        case Call() | Values():
            return _written_list(node)
        case _:
            return _written_operation(node)


def _written_list(node: Call | Values) -> str:
    parts = ", ".join(_inside(part, _SUM) for part in children(node))
    return f"{node.name}({parts})" if isinstance(node, Call) else f"[{parts}]"


def _written_operation(node: Node) -> str:
    match node:
        case Junction(word, parts):
            return f" {word} ".join(
                _inside(part, _NOT) for part in parts
            )  # `and` within `or` gets brackets, for people
        case Not(part):
            return f"not {_inside(part, _NOT)}"
        case Negative(part):
            return f"-{_inside(part, _UNARY)}"
        case Binary(sign, left, right):
            own = _TIGHTNESS[sign]
            return f"{_inside(left, own + (own == _COMPARISON))} {sign} {_inside(right, own + 1)}"
        case Between() | Membership():
            return _written_test(node)
        case _:
            raise ValueError("what could not be read cannot be written")


def _written_test(node: Between | Membership) -> str:
    value = _inside(node.value, _SUM)
    if isinstance(node, Between):
        return f"{value} between {_inside(node.low, _SUM)} and {_inside(node.high, _SUM)}"
    return f"{value} {'not in' if node.negated else 'in'} {written(node.values)}"


def _inside(node: Node, tightness: int) -> str:
    text = written(node)
    return text if _tightness(node) >= tightness else f"({text})"


def quoted(text: str) -> str:
    """Return a text as a rule writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
