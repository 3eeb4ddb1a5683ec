"""A case's alerts, accounts and customers drawn as a graph: three columns, and lines between what belongs together.

Drawn by the server as SVG, each node a link that the keyboard reaches; the table beside it says the same in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from accounts.models import Account, Customer
from risk.models import Alert, AlertAccount, AlertCustomer, Case
from risk.reporting.facts import accounts_of, customers_of

WIDTH: Final = 720
NODE_WIDTH: Final = 200
NODE_HEIGHT: Final = 30
_ROW: Final = 44
_COLUMNS: Final = (0, 260, 520)
SHOWN: Final = 40
"""So many nodes of a column are drawn at most; the table has all of them."""


@dataclass(slots=True)
class Node:
    """One box: `kind` is alert, account or customer."""

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


Names = Callable[[Any], tuple[str, str, str]]
"""From a record to its label, its note and its address; the address is empty where this person may not follow it."""


def graph_of(case: Case, alerts: list[Alert], names: Names) -> Graph:
    """Return the graph of a case, in a constant number of queries."""
    accounts, customers = accounts_of(case), customers_of(case)
    pairs = _pairs(case, accounts)
    graph, placed = Graph(), {}
    columns: tuple[tuple[str, list[Any]], ...] = (("alert", alerts), ("account", accounts), ("customer", customers))
    for x, (kind, records) in zip(_COLUMNS, columns, strict=True):
        for place, record in enumerate(records):
            label, note, url = names(record)
            node = Node(kind, label, note, url, x, place * _ROW)
            placed[record.pk] = node
            if place < SHOWN:
                graph.nodes.append(node)
    graph.left_out = sum(max(0, len(records) - SHOWN) for _kind, records in columns)
    graph.height = max((node.y for node in graph.nodes), default=0) + NODE_HEIGHT
    drawn = {id(node) for node in graph.nodes}
    for one, other in pairs:
        if one in placed and other in placed and {id(placed[one]), id(placed[other])} <= drawn:
            graph.lines.append(_line(placed[one], placed[other]))
    graph.rows = [(node, _joined(key, pairs, placed)) for key, node in placed.items()]
    return graph


def _pairs(case: Case, accounts: list[Account]) -> list[tuple[UUID, UUID]]:
    """Return what belongs together: alert and account, account and customer, alert and customer where no account says it."""
    told = list(AlertAccount.objects.filter(alert__case=case).order_by("id").values_list("alert", "account"))
    owner = {account.pk: account.customer_id for account in accounts if account.customer_id}
    said = {(alert, owner.get(account)) for alert, account in told}
    meant = AlertCustomer.objects.filter(alert__case=case).order_by("id").values_list("alert", "customer")
    return [*told, *owner.items(), *(pair for pair in meant if pair not in said)]


def _line(one: Node, other: Node) -> Line:
    middle = NODE_HEIGHT // 2
    return Line(one.x + NODE_WIDTH, one.y + middle, other.x, other.y + middle)


def _joined(key: UUID, pairs: Iterable[tuple[UUID, UUID]], placed: dict[UUID, Node]) -> list[str]:
    others = [other if one == key else one for one, other in pairs if key in (one, other)]
    return [placed[other].label for other in dict.fromkeys(others) if other in placed]


def is_account(record: Any) -> bool:
    """Tell whether a node's record is an account."""
    return isinstance(record, Account)


def is_customer(record: Any) -> bool:
    """Tell whether a node's record is a customer."""
    return isinstance(record, Customer)
