"""Find the order in which one account's rows of one day happened.

A bank's file gives the day of a row and the account's balance after it, but not the order within the day. Each row is
therefore an edge from one balance to another: *before* = after - amount, and *after* is printed. Rows that happened
one after another share a balance, so the order of the day is a trail that starts at the previous closing balance and
uses every edge once: an Eulerian path (Hierholzer 1873), found in time linear in the number of rows.

Two things bend that picture, and both are answered here rather than guessed away:

* A bank that prints rounded figures prints rows that miss each other by up to one step of its printing grid. A row's
  *before* may then stand for any balance on the grid within one step of it. These moves are searched from the cheapest
  upwards, a move of a row whose amount the bank itself had rounded being cheaper than the move of any other.
* A row may be missing or wrong. Then no trail exists, and the answer is the fewest trails that use every row; the first
  row of each trail that does not continue from an earlier balance is reported as a *break*.

Ties are broken by the position of the rows in the file, so the same rows always give the same order.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# A search state costs one pass over the day's rows, so its bound is in rows looked at: days of up to ten rows are
# searched exhaustively, and a day of a thousand rows cannot hold the import up.
SEARCH_BUDGET_ROWS = 60_000

COST_OF_MOVING_ROUNDED_ROW = 2
COST_OF_MOVING_EXACT_ROW = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One row as the chain sees it, in minor units: the signed amount, and the balance the bank printed after it.

    `rounded` says that the bank computed the amount with more decimals than it printed (interest, as a rule).
    """

    amount: int
    balance: int
    rounded: bool = False

    @property
    def before(self) -> int:
        """The balance the account had before this row, if every figure is exact."""
        return self.balance - self.amount


@dataclass(frozen=True, slots=True)
class Chain:
    """The rows of a day in the order they happened.

    `order` holds positions in the given sequence, each exactly once. `breaks` holds the positions of the rows that do
    not continue from the balance of the row before them (or, for the first, from the opening balance).
    """

    order: tuple[int, ...]
    breaks: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Edge:
    position: int
    tail: int
    head: int


@dataclass(frozen=True, slots=True)
class _Puzzle:
    """A day to be ordered. `tails` gives for each row the balances it may have left, the likeliest first."""

    opening: int
    steps: Sequence[Step]
    tails: list[list[int]]

    def edges(self, choice: Sequence[int]) -> list[_Edge]:
        """Return the rows as edges, row n leaving from its tail number `choice[n]`."""
        return [
            _Edge(position, self.tails[position][chosen], self.steps[position].balance)
            for position, chosen in enumerate(choice)
        ]

    def price(self, position: int) -> int:
        """Return what it costs to take another than the likeliest tail for a row."""
        return COST_OF_MOVING_ROUNDED_ROW if self.steps[position].rounded else COST_OF_MOVING_EXACT_ROW


def find_chain(opening: int, steps: Sequence[Step], *, grid: int = 0) -> Chain:
    """Order `steps` so that they chain from `opening`, with as few breaks as possible.

    `grid` is the step, in minor units, to which balances are printed, 0 where they are exact; `opening` and every
    step's balance lie on it.
    """
    puzzle = _Puzzle(opening, steps, [_possible_tails(step.before, grid) for step in steps])
    best: list[_Edge] = []
    best_breaks = len(steps) + 1
    for edges in _candidates(puzzle):
        breaks = _count_breaks(opening, edges)
        if breaks < best_breaks:
            best, best_breaks = edges, breaks
        if not breaks:
            break
    return _lay_out(opening, best)


def _possible_tails(before: int, grid: int) -> list[int]:
    if not grid:
        return [before]
    nearest = (before + grid // 2) // grid * grid
    return [nearest, *(tail for tail in (nearest - grid, nearest + grid) if abs(tail - before) <= grid)]


def _candidates(puzzle: _Puzzle) -> Iterator[list[_Edge]]:
    """Yield the day's edges, first as they most likely are, then with tails moved, cheapest first, within the budget.

    Only moves that can help are tried (`_worth_moving`), and no row is moved twice.
    """
    start: tuple[int, ...] = (0,) * len(puzzle.steps)
    queue: list[tuple[int, tuple[int, ...]]] = [(0, start)]
    seen = {start}
    for _ in range(max(1, SEARCH_BUDGET_ROWS // len(puzzle.steps))):
        if not queue:
            return
        cost, choice = heapq.heappop(queue)
        edges = puzzle.edges(choice)
        yield edges
        for position in _worth_moving(puzzle.opening, edges):
            others = range(1, len(puzzle.tails[position])) if not choice[position] else ()
            for other in others:
                following = (*choice[:position], other, *choice[position + 1 :])
                if following not in seen:
                    seen.add(following)
                    heapq.heappush(queue, (cost + puzzle.price(position), following))


def _worth_moving(opening: int, edges: list[_Edge]) -> list[int]:
    """Return the rows of which one has to move if the day is to become a single trail.

    These are the rows leaving balances that are left more often than they are reached; or, when every balance is in
    order but the edges fall apart, the rows of the parts that the opening balance does not reach.
    """
    surplus = _surplus(opening, edges)
    positions = [edge.position for edge in edges if surplus[edge.tail] > 0]
    if positions:
        return positions
    return [edge.position for part in _parts(opening, edges)[1:] for edge in part]


def _count_breaks(opening: int, edges: list[_Edge]) -> int:
    surplus = _surplus(opening, edges)
    breaks = 0
    for number, part in enumerate(_parts(opening, edges)):
        balances = {edge.tail for edge in part} | {edge.head for edge in part}
        starts = sum(surplus[balance] for balance in balances if surplus[balance] > 0)
        breaks += starts if number == 0 else max(1, starts)
    return breaks


def _surplus(opening: int, edges: list[_Edge]) -> dict[int, int]:
    """Count, per balance, how many more rows leave it than reach it; the opening balance is reached once for free."""
    surplus: dict[int, int] = defaultdict(int)
    surplus[opening] -= 1
    for edge in edges:
        surplus[edge.tail] += 1
        surplus[edge.head] -= 1
    return surplus


def _parts(opening: int, edges: list[_Edge]) -> list[list[_Edge]]:
    """Split the edges into connected parts: first the one at the opening balance (maybe empty), then by file order."""
    root: dict[int, int] = {opening: opening}

    def find(balance: int) -> int:
        root.setdefault(balance, balance)
        while root[balance] != balance:
            root[balance] = root[root[balance]]
            balance = root[balance]
        return balance

    for edge in edges:
        root[find(edge.tail)] = find(edge.head)
    parts: dict[int, list[_Edge]] = {find(opening): []}
    for edge in edges:
        parts.setdefault(find(edge.tail), []).append(edge)
    return list(parts.values())


def _lay_out(opening: int, edges: list[_Edge]) -> Chain:
    """Turn edges into the fewest trails, the one from the opening balance first, and note where a trail breaks off."""
    order: list[int] = []
    breaks: set[int] = set()
    surplus = _surplus(opening, edges)
    for number, part in enumerate(_parts(opening, edges)):
        if not part:
            continue
        start = opening if number == 0 else _start_of(part, surplus)
        is_break = number > 0
        for edge in _walk(start, part, surplus, starts_elsewhere=number > 0):
            if edge.position < 0:
                is_break = True
                continue
            order.append(edge.position)
            if is_break:
                breaks.add(edge.position)
            is_break = False
    return Chain(tuple(order), frozenset(breaks))


def _start_of(part: list[_Edge], surplus: dict[int, int]) -> int:
    return next((edge.tail for edge in part if surplus[edge.tail] > 0), part[0].tail)


def _walk(start: int, part: list[_Edge], surplus: dict[int, int], *, starts_elsewhere: bool) -> list[_Edge]:
    """Walk every edge of a connected part once, adding edges of position -1 where a new trail has to begin."""
    balances = sorted({edge.tail for edge in part} | {edge.head for edge in part} | {start})
    begins = [balance for balance in balances for _ in range(surplus[balance])]
    ends = [balance for balance in balances for _ in range(-surplus[balance])]
    if starts_elsewhere and begins:
        begins.remove(start)
    leaving: dict[int, list[_Edge]] = defaultdict(list)
    for end, begin in zip(ends, begins, strict=False):
        leaving[end].append(_Edge(-1, end, begin))
    for edge in sorted(part, key=lambda edge: -edge.position):
        leaving[edge.tail].append(edge)
    return _hierholzer(start, leaving)


def _hierholzer(start: int, leaving: dict[int, list[_Edge]]) -> list[_Edge]:
    """Consume `leaving` (taken from the end of each list) into one trail from `start`."""
    path: list[_Edge] = []
    stack: list[tuple[int, _Edge | None]] = [(start, None)]
    while stack:
        balance, arrived_by = stack[-1]
        if leaving[balance]:
            edge = leaving[balance].pop()
            stack.append((edge.head, edge))
        else:
            stack.pop()
            if arrived_by is not None:
                path.append(arrived_by)
    return path[::-1]
