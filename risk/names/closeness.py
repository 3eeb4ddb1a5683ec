"""How close two words are: 1 for the same word, 0 for two that no slip of the pen makes into each other.

A weighted edit distance over the sounds (`risk.names.sounds`): a vowel for a vowel costs less than a consonant for
another, confusable consonants less than others, a swap of neighbours less than two changes (Damerau 1964: four fifths
of misspellings are one slip). What a word may cost grows with its length.
"""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz.distance import OSA

from risk.names.sounds import consonants_of, sound_of
from risk.names.tables.east_asian import SPELLING_GROUPS, wade_giles
from risk.names.tables.nicknames import FULL_FORMS
from risk.names.tables.particles import SHARED_ENDINGS
from risk.names.tokens import Origin, Role, Token

SAME = 1.0
SAME_SOUND = 0.97
SPELLING = 0.95
NICKNAME = 0.9
CONSONANTS = 0.82
INITIAL = 0.8

_VOWELS = frozenset("aeiou")
_CLOSE_PAIRS = (
    ("ae", 0.25), ("ei", 0.25), ("ou", 0.2), ("ao", 0.35), ("iu", 0.4),
    ("bp", 0.5), ("dt", 0.5), ("gk", 0.5), ("sz", 0.3), ("sS", 0.4), ("CS", 0.5), ("CJ", 0.4), ("Jz", 0.5),
    ("kh", 0.4), ("gh", 0.4), ("fv", 0.4), ("bv", 0.5), ("mn", 0.6), ("lr", 0.7), ("Ji", 0.3), ("Jg", 0.5),
    ("uv", 0.3), ("Ck", 0.6), ("Cz", 0.6), ("sC", 0.6),
)  # fmt: skip
_COST = {pair: cost for both, cost in _CLOSE_PAIRS for pair in (both, both[::-1])}
_OTHER_VOWEL, _VOWEL_GAP, _SOFT_GAP, _SWAP = 0.45, 0.5, 0.4, 0.8
_SOFT = frozenset("hv")  # written by some, left out by others
_NAME = Role.NAME
# Too short, or too exact, for slips.
_AS_WRITTEN = frozenset({Role.NUMBER, Role.PARTICLE, Role.LEGAL_FORM, Role.SERVANT, Role.KUNYA})
# The most that a word of n sounds may cost and still be taken for a misspelling.
_BUDGET = (0.0, 0.3, 0.45, 0.6, 1.0, 1.0, 1.4, 1.4, 2.0, 2.0, 2.0)
_LONGEST_BUDGET = 2.5
_ENDING_SOUNDS = tuple(sorted({sound_of(ending) for ending in SHARED_ENDINGS}, key=len, reverse=True))
_LONG_WITHOUT_VOWELS = 5
_NO_GROUP: frozenset[int] = frozenset()


def closeness(left: Token, right: Token) -> float:
    """Return how close two tokens are, from 0 to 1."""
    if left.text == right.text:
        return SAME
    if left.role is not _NAME or right.role is not _NAME:
        return _of_roles(left, right)
    return _of_names(left, right)


def _of_roles(left: Token, right: Token) -> float:
    if left.role in _AS_WRITTEN or right.role in _AS_WRITTEN:
        return SAME_SOUND if left.role is right.role and left.sound == right.sound else 0.0
    if left.role is Role.INITIAL or right.role is Role.INITIAL:
        return INITIAL if left.text[0] == right.text[0] or left.sound[:1] == right.sound[:1] else 0.0
    return _of_names(left, right)


def _of_names(left: Token, right: Token) -> float:
    if left.origin is not right.origin:
        return _across_scripts(left, right)
    if left.origin is Origin.ABJAD:
        return SAME_SOUND if left.sound == right.sound else _vowelless(left.sound, right.sound)
    return _words(left.text, left.sound, right.text, right.sound)


def _vowelless(left: str, right: str) -> float:
    """Return the closeness of two words without vowels: a slip in one is a greater part of it than of a word with
    vowels.
    """
    return slips(left, right) if max(len(left), len(right)) >= _LONG_WITHOUT_VOWELS else 0.0


def _across_scripts(left: Token, right: Token) -> float:
    """Compare consonants where one side has no vowels; readings of Han characters meet only their romanisations."""
    if Origin.HAN in (left.origin, right.origin):
        han, other = (left.text, right.text) if left.origin is Origin.HAN else (right.text, left.text)
        return SPELLING if are_spellings(han, other) or wade_giles(han) == other else 0.0
    consonants = consonants_of(left.sound)
    return CONSONANTS if len(consonants) > 1 and consonants == consonants_of(right.sound) else 0.0


def are_spellings(left: str, right: str) -> bool:
    return not SPELLING_GROUPS.get(left, _NO_GROUP).isdisjoint(SPELLING_GROUPS.get(right, _NO_GROUP))


@lru_cache(maxsize=262_144)
def _words(left: str, left_sound: str, right: str, right_sound: str) -> float:
    if left_sound == right_sound:
        return SAME_SOUND
    if are_spellings(left, right):
        return SPELLING
    if right in FULL_FORMS.get(left, ()) or left in FULL_FORMS.get(right, ()):
        return NICKNAME
    return slips(left_sound, right_sound)


def budget_for(length: int) -> float:
    return _BUDGET[length] if length < len(_BUDGET) else _LONGEST_BUDGET


def slips(left: str, right: str) -> float:
    """Return how close two sounds are by edit distance; 0 beyond the budget."""
    length = max(len(left), len(right)) - _shared_ending(left, right)
    budget = budget_for(length)
    # Cheap operations come mixed with dear ones: beyond twice the budget in plain edits no word was ever within it.
    most = int(budget * 2) + 1
    if OSA.distance(left, right, score_cutoff=most) > most:
        return 0.0
    cost = weighted_distance(left, right)
    return 0.0 if cost > budget else 1 - cost / max(length, 3)


def _shared_ending(left: str, right: str) -> int:
    for ending in _ENDING_SOUNDS:
        if left.endswith(ending) and right.endswith(ending) and len(left) > len(ending) < len(right):
            return len(ending) - 1
    return 0


def _substitution(left: str, right: str) -> float:
    if left == right:
        return 0.0
    cost = _COST.get(left + right)
    if cost is not None:
        return cost
    return _OTHER_VOWEL if left in _VOWELS and right in _VOWELS else 1.0


def _gap(letter: str) -> float:
    if letter in _VOWELS:
        return _VOWEL_GAP
    return _SOFT_GAP if letter in _SOFT else 1.0


def weighted_distance(left: str, right: str) -> float:
    """Return the cheapest way from one sound to the other (optimal string alignment with costs)."""
    before: list[float] = []
    above = [0.0]
    for letter in right:
        above.append(above[-1] + _gap(letter))
    for i, one in enumerate(left):
        row = [above[0] + _gap(one)]
        for j, other in enumerate(right):
            cheapest = min(above[j] + _substitution(one, other), above[j + 1] + _gap(one), row[j] + _gap(other))
            if i and j and one == right[j - 1] and left[i - 1] == other and one != other:
                cheapest = min(cheapest, before[j - 1] + _SWAP)
            row.append(cheapest)
        before, above = above, row
    return above[-1]
