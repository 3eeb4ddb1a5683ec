"""The name of a company, an organisation, a ship or an aircraft in words: what names it, what it does, its legal
form, its numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from risk.names.countries import country_code
from risk.names.sounds import bones_of, sound_of
from risk.names.tables.legal_forms import (
    ATTACHED_FORMS,
    GENERIC,
    LEGAL_FORMS,
    LITTLE_WORDS,
    LONGEST,
    SAME_PHRASE,
    SAME_WORD,
    SHIP_PREFIXES,
)
from risk.names.tables.numbers import NUMBERS, ORDINAL_SUFFIXES, ROMAN, TENS
from risk.names.tokens import Origin, ParsedName, Role, Token
from risk.names.transliterate import origin_of, to_latin

_JOINED = re.compile(r"['`´‘’ʼʻ\"“”]")
_POSSESSIVE = re.compile(r"(?<=[a-z]{2})['’`]s\b")
_PARTED = re.compile(r"[^a-z0-9]+")
_ACRONYM_IN_BRACKETS = re.compile(r"\(\s*[A-Z0-9.\-]{2,12}\s*\)")
_FORMS_ATTACHED = re.compile("|".join(ATTACHED_FORMS))
# A form written onto the name: SiemensAG. Only those that Latin words do not end in.
_FORM_AT_END = re.compile(r"(?<=[a-z]{2})(AG|GmbH|LLC|PLC|JSC|OOO|OAO)\b")
_GENERIC = GENERIC | {SAME_WORD.get(word, word) for word in GENERIC}
_ORDINAL = re.compile(rf"^(\d+)(?:{'|'.join(ORDINAL_SUFFIXES)})$")


def parse_organisation(text: str) -> ParsedName:
    """Return the tokens of a company's name, weights still equal. Legal forms of one class become one token."""
    return _parsed(text, _spelled_alike(_words(text)), with_forms=True)


def _parsed(text: str, words: list[str], *, with_forms: bool) -> ParsedName:
    tokens = tuple(_tokens(words, origin_of(text), with_forms=with_forms))
    if not any(token.role.identifies for token in tokens):
        tokens = tuple(_as_name(token) for token in tokens)
    return ParsedName(text, tokens)


def parse_vessel(text: str) -> ParsedName:
    """Return the tokens of a ship's name, without the MV or MT before it, or an aircraft's registration."""
    words = _spelled_alike(_words(text))
    if len(words) > 1 and words[0] in SHIP_PREFIXES:
        words = words[1:]
    return _parsed(text, words, with_forms=False)


def _words(text: str) -> list[str]:
    plain = _ACRONYM_IN_BRACKETS.sub(" ", text) if len(text) > 16 else text
    plain = _FORM_AT_END.sub(r" \1", plain)
    if not plain.isascii():
        plain = to_latin(_FORMS_ATTACHED.sub(lambda found: f" {ATTACHED_FORMS[found[0]]} ", plain), of_person=False)
    plain = _JOINED.sub("", _POSSESSIVE.sub("", plain.lower()))
    return _PARTED.sub(" ", plain).split()


def _spelled_alike(words: list[str]) -> list[str]:
    """Join spelled-out letters (l l c, a b c) and write words of one meaning one way."""
    out: list[str] = []
    letters: list[str] = []
    for word in words:
        if len(word) == 1 and not word.isdigit():
            letters.append(word)
            continue
        out += [*_of_letters(letters), SAME_WORD.get(word, word)]
        letters = []
    return out + _of_letters(letters)


def _of_letters(letters: list[str]) -> list[str]:
    return list(SAME_PHRASE.get(tuple(letters), ("".join(letters),))) if letters else []


def _tokens(words: list[str], origin: Origin, *, with_forms: bool) -> Iterator[Token]:
    position = 0
    while position < len(words):
        form, length = _legal_form(words, position) if with_forms else ("", 0)
        if form and not (position == 0 and length == len(words)):
            yield _token(form, Role.LEGAL_FORM)
            position += length
            continue
        if (number := _number(words, position)) is not None:
            yield _token(str(number[0]), Role.NUMBER)
            position += number[1]
            continue
        yield _word(words[position], origin)
        position += 1


def _legal_form(words: list[str], position: int) -> tuple[str, int]:
    for length in range(min(LONGEST, len(words) - position), 0, -1):
        form = LEGAL_FORMS.get(tuple(words[position : position + length]))
        if form:
            return form, length
    return "", 0


def _number(words: list[str], position: int) -> tuple[int, int] | None:
    """Return a number and how many words it takes: forty four, XII, 1st, 44."""
    word = words[position]
    if word.isdigit():
        return int(word[:18]), 1
    if (ordinal := _ORDINAL.match(word)) is not None:
        return int(ordinal[1][:18]), 1
    after = NUMBERS.get(words[position + 1], 0) if position + 1 < len(words) else 0
    if word in TENS and 0 < after < 10:
        return TENS[word] + after, 2
    if word in NUMBERS:
        return NUMBERS[word], 1
    return (ROMAN[word], 1) if position and word in ROMAN else None


@lru_cache(maxsize=65_536)
def _word(word: str, origin: Origin) -> Token:
    if word in LITTLE_WORDS:
        return _token(word, Role.PARTICLE)
    if word in _GENERIC:
        return _token(word, Role.GENERIC)
    if len(word) > 3 and country_code(word):
        return _token(word, Role.PLACE)
    return _token(word, Role.NAME, origin=origin)


def _as_name(token: Token) -> Token:
    return token if token.role in (Role.PARTICLE, Role.LEGAL_FORM) else _token(token.text, Role.NAME)


def _token(word: str, role: Role, *, origin: Origin = Origin.LATIN) -> Token:
    sound = sound_of(word)
    return Token(text=word, role=role, sound=sound, bones=bones_of(sound), origin=origin)
