"""Which of many names could meet a given one, without comparing it to all.

Every word of the listed names stands under its sound's consonants (`bones`) and under what remains of its sound when
one letter is left out (Garbe's symmetric delete, 2012): so a word with one slip finds its own. Neighbouring words
stand under their joined consonants too, for what is written together or apart. A name is a candidate when the words
that meet could carry it over the least score.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from rapidfuzz.distance import OSA

from risk.names.closeness import closeness
from risk.names.rarity import Rarity
from risk.names.scoring import ONE_WORD, Manner, omission_factor
from risk.names.sounds import bones_of, consonants_of, sound_of
from risk.names.tables.east_asian import spellings_of, wade_giles
from risk.names.tokens import Origin, ParsedName, Role, Token

_LONGEST_SPAN = 3
_SHORTEST_BONES = 3
_SHORTEST_TO_CUT = 4
_MOST_KEPT = 50_000
_MOST_SLIPS = 2


@dataclass(frozen=True, slots=True)
class IndexedName:
    """`owner` is whatever the index's user wants back; `words` counts the different ones that identify, `weight` is
    theirs.
    """

    owner: int
    position: int
    parsed: ParsedName
    words: int
    weight: float
    has_initials: bool


@dataclass(slots=True)
class _Word:
    token: Token
    names: array[int]


@dataclass(frozen=True, slots=True)
class _Span:
    """Neighbours written as one: their joined consonants, themselves, and how many identify."""

    bones: str
    parts: tuple[str, ...]
    words: int

    @property
    def text(self) -> str:
        return "".join(self.parts)


def _indexed(parsed: ParsedName, *, owner: int = -1, position: int = -1) -> IndexedName:
    identifying = [token for token in parsed.tokens if token.role.identifies]
    return IndexedName(
        owner=owner,
        position=position,
        parsed=parsed,
        words=len({token.sound for token in identifying}),
        weight=sum(token.weight for token in identifying),
        has_initials=any(token.role is Role.INITIAL for token in parsed.tokens),
    )


class NameIndex:
    """Built once, read by any number of threads; the only thing that changes is a bounded cache."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self._names: list[IndexedName] = []
        self._words: list[_Word] = []
        self._word_numbers: dict[tuple[str, Origin], int] = {}
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self._by_span: dict[str, list[tuple[int, _Span]]] = defaultdict(list)
        self._kept: dict[tuple[str, Origin], array[int]] = {}

    def __len__(self) -> int:
        return len(self._names)

    def add(self, *, owner: int, position: int, parsed: ParsedName) -> None:
        """Take in one name of an owner, its `position`-th; weights are the tokens' own."""
        number = len(self._names)
        self._names.append(_indexed(parsed, owner=owner, position=position))
        for token in parsed.tokens:
            if token.role.identifies:
                self._words[self._word_number(token)].names.append(number)
        for span in _spans(parsed.tokens):
            self._by_span[span.bones].append((number, span))
        self._kept.clear()

    def _word_number(self, token: Token) -> int:
        key = (token.text, token.origin)
        number = self._word_numbers.get(key)
        if number is None:
            number = self._word_numbers[key] = len(self._words)
            self._words.append(_Word(token, array("I")))
            for each in _keys(token):
                self._by_key[each].append(number)
        return number

    def candidates(self, parsed: ParsedName, rarity: Rarity, least: float) -> Iterator[tuple[ParsedName, IndexedName]]:
        """Yield the names that may score `least` or more, each with `parsed` as `rarity` weighs it.

        Weighing waits until a word has met one: of a million customers against a changed list few have any.
        """
        joined: set[int] = set()
        met = self._met(parsed.tokens, joined)
        if not met:
            return
        ours = _indexed(rarity.weighted(parsed))
        for number, words in met.items():
            name = self._names[number]
            if self._at_best(words, ours, name) < least:
                continue
            if number in joined or self._at_best(_words_met(ours.parsed, name.parsed), ours, name) >= least:
                yield ours.parsed, name

    def _met(self, tokens: tuple[Token, ...], joined: set[int]) -> dict[int, int]:
        """Return how many words of each name are met, at most; note names met by words written together in `joined`."""
        met: dict[int, int] = {}
        for token in {token.sound: token for token in tokens if token.role.identifies}.values():
            for number in self._names_with(token):
                met[number] = met.get(number, 0) + 1
            self._meet_spans(_Span(token.bones, (token.text,), 1), met, joined)
        for span in _spans(tokens):
            self._meet_spans(span, met, joined)
            for word_number in self._by_key.get(span.bones, ()):
                word = self._words[word_number]
                if _is_near(span.text, word.token.text):
                    joined.update(word.names)
                    for number in word.names:
                        met[number] = met.get(number, 0) + span.words
        return met

    def _meet_spans(self, ours: _Span, met: dict[int, int], joined: set[int]) -> None:
        """Count what is met in names that have `ours` parted otherwise."""
        for number, theirs in self._by_span.get(ours.bones, ()):
            if theirs.parts != ours.parts and _is_near(ours.text, theirs.text):
                joined.add(number)
                met[number] = met.get(number, 0) + max(ours.words, theirs.words)

    def _names_with(self, token: Token) -> array[int]:
        """Return the names, each once, in which some word is close to the token."""
        key = (token.text, token.origin)
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            words = [self._words[number].names for number in self._close_words(token)]
            kept = self._kept[key] = words[0] if len(words) == 1 else array("I", set(chain.from_iterable(words)))
        return kept

    def _close_words(self, token: Token) -> Iterator[int]:
        seen: set[int] = set()
        for key in _keys(token):
            for number in self._by_key.get(key, ()):
                if number not in seen:
                    seen.add(number)
                    if closeness(token, self._words[number].token):
                        yield number

    def _at_best(self, words: int, ours: IndexedName, theirs: IndexedName) -> float:
        """Return the most that the two names can score: words unmet on both sides contradict, one word alone is
        little.
        """
        if words < ours.words and words < theirs.words:
            return 1 - self._manner.contradiction
        if words == 1 and not self._manner.one_word_is_enough and max(ours.words, theirs.words) > 1:
            return 1.0 if ours.has_initials or theirs.has_initials else ONE_WORD
        return omission_factor(min(ours.weight, theirs.weight), abs(ours.weight - theirs.weight), self._manner)


def _words_met(ours: ParsedName, theirs: ParsedName) -> int:
    """Return how many different words can meet, seen from the side where they are fewer.

    Mahmud and Mohammed both meet another Mohammed, but only one of them can have him.
    """
    one, other = ({token.sound: token for token in name.tokens if token.role.identifies} for name in (ours, theirs))
    met = [(left.sound, right.sound) for left in one.values() for right in other.values() if closeness(left, right)]
    return min(len({left for left, _right in met}), len({right for _left, right in met}))


def _keys(token: Token) -> Iterable[str]:
    """Return what a word stands under: its bones, (behind a dash) its sound whole and cut, (behind =) what an abjad has."""
    consonants = f"={consonants_of(token.sound)}"
    if token.origin is Origin.ABJAD:
        return {token.bones, consonants}
    if token.origin is Origin.HAN:
        return {
            token.bones,
            *(bones_of(sound_of(word)) for word in (wade_giles(token.text), *spellings_of(token.text))),
        }
    return {token.bones, consonants, *_cut(token.sound)}


def _cut(sound: str) -> Iterator[str]:
    yield f"-{sound}"
    if len(sound) >= _SHORTEST_TO_CUT:
        for position in range(len(sound)):
            yield f"-{sound[:position]}{sound[position + 1 :]}"


def _spans(tokens: tuple[Token, ...]) -> Iterator[_Span]:
    """Yield two and three neighbours written as one, where a name is among them."""
    for start in range(len(tokens) - 1):
        bones, words = tokens[start].bones, int(tokens[start].role.identifies)
        parts: tuple[str, ...] = (tokens[start].text,)
        for token in tokens[start + 1 : start + _LONGEST_SPAN]:
            tail = token.bones[1:] if token.bones[:1] in "auh" else token.bones
            bones += tail[1:] if tail[:1] == bones[-1:] else tail
            parts = (*parts, token.text)
            words += token.role.identifies
            if words and len(bones) >= _SHORTEST_BONES:
                yield _Span(bones, parts, words)


def _is_near(one: str, other: str) -> bool:
    return one == other or OSA.distance(one, other, score_cutoff=_MOST_SLIPS) <= _MOST_SLIPS
