"""Which word of one name meets which word of another: the best pairs whatever the order, words written together or
apart included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from risk.names.closeness import SAME_SOUND, closeness, slips
from risk.names.sounds import sound_of
from risk.names.tokens import Origin, Token

_MOST_JOINED = 3
_JOINED_AT_LEAST = 0.8
_SHORTEST_JOINED = 4
_MOST_SLIPS = 2


@dataclass(frozen=True, slots=True)
class Meeting:
    """Words of the left name that met words of the right one. Several on a side were written as one on the other."""

    left: tuple[Token, ...]
    right: tuple[Token, ...]
    closeness: float

    @property
    def weight(self) -> float:
        return (sum(token.weight for token in self.left) + sum(token.weight for token in self.right)) / 2


@dataclass(frozen=True, slots=True)
class Alignment:
    meetings: tuple[Meeting, ...]
    left_over: tuple[Token, ...]
    right_over: tuple[Token, ...]


def align(left: Sequence[Token], right: Sequence[Token]) -> Alignment:
    """Pair the tokens of two names so that the sum of closeness times weight is greatest."""
    pairs = _best_pairs(_edges(left, right))
    met_left, met_right = {i for i, _j, _c in pairs}, {j for _i, j, _c in pairs}
    if len(met_left) < len(left) and len(met_right) < len(right):
        joined = _joined(left, right, met_left, met_right)
        if joined is not None:
            return joined
    return Alignment(
        meetings=tuple(Meeting((left[i],), (right[j],), close) for i, j, close in pairs),
        left_over=tuple(token for i, token in enumerate(left) if i not in met_left),
        right_over=tuple(token for j, token in enumerate(right) if j not in met_right),
    )


_Edge = tuple[int, int, float, float]


def _edges(left: Sequence[Token], right: Sequence[Token]) -> list[_Edge]:
    found = []
    for i, one in enumerate(left):
        for j, other in enumerate(right):
            close = closeness(one, other)
            if close:
                found.append((i, j, close, close * (one.weight + other.weight)))
    return found


def _best_pairs(edges: list[_Edge]) -> list[tuple[int, int, float]]:
    """Take what is unrivalled at once; try all ways (there are few) where words compete."""
    rivals = len({edge[0] for edge in edges}) < len(edges) or len({edge[1] for edge in edges}) < len(edges)
    if not rivals:
        return [edge[:3] for edge in edges]
    if len(edges) > 16:
        return _greedy(edges)
    return _search(sorted(edges, key=lambda edge: -edge[3]), frozenset(), frozenset())[1]


def _greedy(edges: list[_Edge]) -> list[tuple[int, int, float]]:
    pairs: list[tuple[int, int, float]] = []
    left: set[int] = set()
    right: set[int] = set()
    for i, j, close, _worth in sorted(edges, key=lambda edge: (-edge[3], abs(edge[0] - edge[1]))):
        if i not in left and j not in right:
            pairs.append((i, j, close))
            left.add(i)
            right.add(j)
    return pairs


def _search(
    edges: list[_Edge], left: frozenset[int], right: frozenset[int]
) -> tuple[float, list[tuple[int, int, float]]]:
    """Return the best worth and its pairs; an edge without rivals among the rest is always taken."""
    for position, (i, j, close, worth) in enumerate(edges):
        if i in left or j in right:
            continue
        rest = edges[position + 1 :]
        with_it = _search(rest, left | {i}, right | {j})
        best = (with_it[0] + worth, [(i, j, close), *with_it[1]])
        if any(edge[0] == i or edge[1] == j for edge in rest):
            without = _search(rest, left, right)
            return max(best, without, key=lambda found: found[0])
        return best
    return 0.0, []


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    text: str


def _joined(left: Sequence[Token], right: Sequence[Token], met_left: set[int], met_right: set[int]) -> Alignment | None:
    """Look for neighbours that are one word on the other side, at least one of them unmet; pair the rest anew."""
    best: tuple[float, _Span, _Span] | None = None
    theirs = _spans(right, met_right)
    for one in _spans(left, met_left):
        for other in theirs:
            if abs(len(one.text) - len(other.text)) > _MOST_SLIPS or (
                one.end - one.start == 1 == other.end - other.start
            ):
                continue
            close = _joined_closeness(one, other, left[one.start].origin is right[other.start].origin is Origin.LATIN)
            if close and (best is None or close > best[0]):
                best = (close, one, other)
    if best is None:
        return None
    close, one, other = best
    rest = align([*left[: one.start], *left[one.end :]], [*right[: other.start], *right[other.end :]])
    meeting = Meeting(tuple(left[one.start : one.end]), tuple(right[other.start : other.end]), close)
    return Alignment((meeting, *rest.meetings), rest.left_over, rest.right_over)


def _spans(tokens: Sequence[Token], met: set[int]) -> list[_Span]:
    """Return one to three neighbours written together, where at least one is unmet and all are long enough to tell."""
    found = []
    for start in range(len(tokens)):
        text, unmet = "", False
        for end in range(start, min(start + _MOST_JOINED, len(tokens))):
            text += tokens[end].text
            unmet = unmet or end not in met
            if unmet and len(text) >= _SHORTEST_JOINED:
                found.append(_Span(start, end + 1, text))
    return found


def _joined_closeness(one: _Span, other: _Span, may_be_misspelt: bool) -> float:
    """Only what people spelt, letter by letter, can be misspelt; and slips on top of words parted otherwise would
    hide a contradiction.
    """
    if one.text == other.text:
        return SAME_SOUND
    parted = one.end - one.start > 1 and other.end - other.start > 1
    if parted or not may_be_misspelt or OSA.distance(one.text, other.text, score_cutoff=_MOST_SLIPS) > _MOST_SLIPS:
        return 0.0
    close = slips(sound_of(one.text), sound_of(other.text)) - (1 - SAME_SOUND)
    return close if close >= _JOINED_AT_LEAST else 0.0
