"""From words that met to a score between 0 and 1.

Words left over on one side only were left out, as middle and fathers' names often are: that costs little, the rarer
the word the more. Words left over on both sides contradict each other, as “Ahmed” and “Yahya” do in two otherwise
equal names: that speaks for two parties.
"""

from __future__ import annotations

from dataclasses import dataclass

from risk.names.alignment import Alignment, Meeting, align
from risk.names.tokens import ParsedName, Role, Token

# From here on a name is a hit by itself. docs/screening.md has the curve that it was chosen on.
NAME_ALONE = 0.8
# From here on it is one where a date of birth or a country speaks for it; and none, however alike the names, below.
THRESHOLD = 0.7
# A name met by one word alone is no more than this, unless that word is the whole of both names.
ONE_WORD = 0.55


@dataclass(frozen=True, slots=True)
class Manner:
    """How names of a kind are judged: `omission` is what a left-out word costs per weight, `contradiction` what
    opposed words do.
    """

    omission: float
    contradiction: float
    one_word_is_enough: bool


PEOPLE = Manner(omission=0.25, contradiction=0.45, one_word_is_enough=False)
ORGANISATIONS = Manner(omission=0.8, contradiction=0.5, one_word_is_enough=True)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`score` of two names and what it is made of: `omitted` and `contradicted` are the factors (1: nothing) of
    both.
    """

    left: ParsedName
    right: ParsedName
    score: float
    alignment: Alignment
    omitted: float = 1.0
    contradicted: float = 1.0
    one_word: bool = False


def compare_parsed(left: ParsedName, right: ParsedName, manner: Manner) -> Comparison:
    """Compare two names whose tokens have their weights."""
    alignment = align(left.tokens, right.tokens)
    met = sum(meeting.weight for meeting in alignment.meetings)
    if not any(_identifies(meeting) for meeting in alignment.meetings):
        return Comparison(left, right, 0.0, alignment)
    closeness = sum(meeting.weight * meeting.closeness for meeting in alignment.meetings) / met
    contradicted, opposed = _contradiction(alignment, manner)
    omitted = omission_factor(met, _weight(alignment.left_over) + _weight(alignment.right_over) - opposed, manner)
    score = closeness * omitted * contradicted
    one_word = not manner.one_word_is_enough and _is_one_word(alignment)
    return Comparison(
        left, right, min(score, ONE_WORD) if one_word else score, alignment, omitted, contradicted, one_word
    )


def omission_factor(met: float, omitted: float, manner: Manner) -> float:
    return met / (met + manner.omission * max(omitted, 0.0)) if met else 0.0


def _weight(tokens: tuple[Token, ...]) -> float:
    return sum(token.weight for token in tokens)


def _identifies(meeting: Meeting) -> bool:
    return any(token.role.identifies for token in meeting.left) and any(
        token.role.identifies for token in meeting.right
    )


def _is_one_word(alignment: Alignment) -> bool:
    """True when a single identifying word met and others did not."""
    words = sum(
        max(sum(token.role.identifies for token in side) for side in (meeting.left, meeting.right))
        for meeting in alignment.meetings
    )
    left_out = any(token.role.identifies for token in (*alignment.left_over, *alignment.right_over))
    return words < 2 and left_out


def _contradiction(alignment: Alignment, manner: Manner) -> tuple[float, float]:
    """Return the factor, and the weight that is thereby accounted for on both sides."""
    factor, opposed = 1.0, 0.0
    for one, other in zip(_opposable(alignment.left_over), _opposable(alignment.right_over), strict=False):
        factor *= 1 - manner.contradiction * _gravity(one, other)
        opposed += one.weight + other.weight
    return factor, opposed


# How much a word of a role says against another party's name when it stands against one of the same or a weightier
# role.
_GRAVITY = {
    Role.NAME: 1.0,
    Role.PATRONYMIC: 1.0,
    Role.PLACE: 1.0,
    Role.SERVANT: 0.8,
    Role.GENERIC: 0.7,
    Role.HONORIFIC: 0.6,
    Role.INITIAL: 0.6,
    Role.NUMBER: 0.2,
    Role.LEGAL_FORM: 0.1,
}


def _opposable(tokens: tuple[Token, ...]) -> list[Token]:
    """Return the words that can contradict, the weightiest first."""
    return sorted(
        (token for token in tokens if token.role in _GRAVITY), key=lambda token: (-_GRAVITY[token.role], -token.weight)
    )


def _gravity(one: Token, other: Token) -> float:
    return min(_GRAVITY[one.role], _GRAVITY[other.role])
