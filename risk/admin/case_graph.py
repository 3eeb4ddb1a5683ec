"""A case's alerts, transactions, accounts and customers drawn as a graph: a column each, and lines between what belongs together.

Drawn by the server as SVG, each node a link that the keyboard reaches; the table beside it says the same in words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from accounts.models import Account, Customer
from risk.models import Alert, AlertAccount, AlertCustomer, Case
from risk.selectors.case_movements import CaseMovement

WIDTH: Final = 960
NODE_WIDTH: Final = 200
NODE_HEIGHT: Final = 30
_ROW: Final = 44
_COLUMNS: Final = (0, 253, 507, 760)
SHOWN: Final = 40
"""So many nodes of a column are drawn at most; the table has all of them."""


@dataclass(slots=True)
class Node:
    """One box: `kind` is alert, transaction, account or customer."""

    kind: str
    label: str
    note: str
    url: str
    x: int = 0
    y: int = 0

    @property
    def text_x(self) -> int:
        return self.x + 8

    @property
    def text_y(self) -> int:
        return self.y + 19


@dataclass(frozen=True, slots=True)
class Line:
    """A line from the right edge of one box to the left edge of another."""

    x1: int
    y1: int
    x2: int
    y2: int


@dataclass(slots=True)
class Graph:
    """What the template draws, and the same as rows for the table: what, and what it belongs to."""

    nodes: list[Node] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    rows: list[tuple[Node, list[str]]] = field(default_factory=list)
    height: int = 0
    left_out: int = 0
    width: int = WIDTH
    node_width: int = NODE_WIDTH
    node_height: int = NODE_HEIGHT


Key = UUID | str
"""Of a record: of a transaction, which is none of ours, its public id."""

Names = Callable[[Any], tuple[str, str, str]]
"""From a record to its label, its note and its address; the address is empty where this person may not follow it."""


@dataclass(frozen=True, slots=True)
class Records:
    """What a case is about, in the order in which it is drawn.

    Attributes:
        ownerless: the accounts of which nobody may read whose they are.

    """

    alerts: Sequence[Alert]
    movements: Sequence[CaseMovement]
    accounts: Sequence[Account]
    customers: Sequence[Customer]
    ownerless: frozenset[UUID] = frozenset()

    def columns(self) -> list[tuple[int, str, list[tuple[Key, Any]]]]:
        """Return the columns: where each begins, of what kind its records are, and those with their keys."""
        keyed: list[tuple[str, list[tuple[Key, Any]]]] = [
            ("alert", [(one.pk, one) for one in self.alerts]),
            ("transaction", [(one.public_id, one) for one in self.movements]),
            ("account", [(one.pk, one) for one in self.accounts]),
            ("customer", [(one.pk, one) for one in self.customers]),
        ]
        return [(x, kind, rows) for x, (kind, rows) in zip(_COLUMNS, keyed, strict=True)]


def graph_of(case: Case, records: Records, names: Names) -> Graph:
    """Return the graph of a case, in a constant number of queries."""
    pairs = _pairs(case, records)
    graph, placed = Graph(), {}
    for x, kind, rows in records.columns():
        for place, (key, record) in enumerate(rows):
            label, note, url = names(record)
            placed[key] = node = Node(kind, label, note, url, x, place * _ROW)
            if place < SHOWN:
                graph.nodes.append(node)
        graph.left_out += max(0, len(rows) - SHOWN)
    graph.height = max((node.y for node in graph.nodes), default=0) + NODE_HEIGHT
    drawn = {id(node) for node in graph.nodes}
    for one, other in pairs:
        if one in placed and other in placed and {id(placed[one]), id(placed[other])} <= drawn:
            graph.lines.append(_line(placed[one], placed[other]))
    joined = _joined(pairs)
    graph.rows = [
        (node, [placed[other].label for other in joined[key] if other in placed]) for key, node in placed.items()
    ]
    return graph


def _pairs(case: Case, records: Records) -> list[tuple[Key, Key]]:
    """Return what belongs together: alert and transaction, transaction and account, account and customer; and an alert with an
    account or a customer where nothing between them says it.
    """
    by_token = {account.public_id: account.pk for account in records.accounts}
    moved = [(alert, one.public_id) for one in records.movements for alert in sorted(one.alerts)]
    sides, through = [], set()
    for one in records.movements:
        accounts = [by_token[side] for side in dict.fromkeys(one.accounts) if side in by_token]
        sides += [(one.public_id, account) for account in accounts]
        through |= {(alert, account) for alert in one.alerts for account in accounts}
    told = list(AlertAccount.objects.filter(alert__case=case).order_by("id").values_list("alert", "account"))
    owner = {one.pk: one.customer_id for one in records.accounts if one.customer_id and one.pk not in records.ownerless}
    said = {(alert, owner.get(account)) for alert, account in told}
    meant = AlertCustomer.objects.filter(alert__case=case).order_by("id").values_list("alert", "customer")
    direct = [pair for pair in told if pair not in through]
    return [*moved, *sides, *direct, *owner.items(), *(pair for pair in meant if pair not in said)]


def _joined(pairs: Iterable[tuple[Key, Key]]) -> defaultdict[Key, dict[Key, None]]:
    """Return what each belongs to, each once, in the order of the pairs."""
    joined: defaultdict[Key, dict[Key, None]] = defaultdict(dict)
    for one, other in pairs:
        joined[one][other] = joined[other][one] = None
    return joined


def _line(one: Node, other: Node) -> Line:
    middle = NODE_HEIGHT // 2
    return Line(one.x + NODE_WIDTH, one.y + middle, other.x, other.y + middle)
