"""A person's name in words: titles, particles, servants of God, initials and patronymics told from names."""

from __future__ import annotations

import re
from functools import lru_cache

from risk.names.sounds import bones_of, sound_of
from risk.names.tables.particles import (
    ARABIC_ARTICLES,
    DESCENT,
    EUROPEAN,
    GENERATIONS,
    KUNYA,
    PATRONYMIC_ENDINGS,
    SERVANT,
    TITLES,
    TITLES_AND_NAMES,
)
from risk.names.tokens import Origin, ParsedName, Role, Token
from risk.names.transliterate import origin_of, to_latin

_JOINED = re.compile(r"['`´‘’ʼʻ\"“”]")
_PARTED = re.compile(r"[^a-z0-9]+")
_IN_BRACKETS = re.compile(r"\([^)]*\)")
# Digits that stand for a letter in the middle of a word.
_LOOKALIKES = str.maketrans("013456789", "oieasgtbg")
_DIGIT = re.compile(r"\d")
# Abdulrahman, Abdurrahman, Abdelrahman written as one; Abdullah is a name by itself.
_SERVANT_PREFIX = re.compile(r"^abd(?:[aeiou]l|[aeiou]([rsdztn])(?=\1))(?!l*ah?$)(?=[a-z]{3})")
_SERVANT_LETTERS = frozenset({"abdlu", "abdel"})
_LONGEST_PARTICLE = 6
_ONE_SPELLING = {Role.SERVANT: "abd", Role.KUNYA: "abu"}
# عبد, بن, ابن, أبو, ام as `anyascii` writes them.
_VOWELLESS = {
    "bd": Role.SERVANT,
    "bn": Role.PARTICLE,
    "abn": Role.PARTICLE,
    "abw": Role.KUNYA,
    "bw": Role.KUNYA,
    "am": Role.KUNYA,
}


def parse_person(text: str) -> ParsedName:
    """Return the tokens of a person's name, weights still equal. Commas and order mean nothing."""
    words = _words(text)
    origin = origin_of(text)
    tokens: list[Token] = []
    for position, word in enumerate(words):
        ends = position in (0, len(words) - 1)
        for token in _tokens(word, ends, origin):
            if not tokens or tokens[-1].text != token.text:
                tokens.append(token)
    return ParsedName(text, tuple(_with_some_name(tokens)))


def _words(text: str) -> list[str]:
    if "(" in text:
        text = _IN_BRACKETS.sub(" ", text) or text
    return _PARTED.sub(" ", _JOINED.sub("", to_latin(text)).lower()).split()


@lru_cache(maxsize=131_072)
def _tokens(word: str, at_an_end: bool, origin: Origin) -> tuple[Token, ...]:
    if _DIGIT.search(word) and not word.isdigit():
        word = word.translate(_LOOKALIKES)
    servant = None if _role(word, at_an_end) is Role.SERVANT else _SERVANT_PREFIX.match(word)
    if servant is not None and len(word) - servant.end() >= 3:
        return (_token("abd", Role.SERVANT, origin), *_tokens(word[servant.end() :], at_an_end, origin))
    role = _role(word, at_an_end) if origin is not Origin.ABJAD else _VOWELLESS.get(word, Role.NAME)
    return (_token(_ONE_SPELLING.get(role, word), role, origin),)


def _role(word: str, at_an_end: bool) -> Role:
    if len(word) == 1 and word not in EUROPEAN:
        return Role.INITIAL
    if len(word) <= _LONGEST_PARTICLE and (small := _small_role(word, at_an_end)):
        return small
    if word in TITLES:
        return Role.HONORIFIC if word in TITLES_AND_NAMES else Role.TITLE
    if word.isdigit():
        return Role.NUMBER
    return Role.PATRONYMIC if len(word) > 6 and word.endswith(PATRONYMIC_ENDINGS) else Role.NAME


def _small_role(word: str, at_an_end: bool) -> Role | None:
    if word in SERVANT or _is_servant_misspelt(word):
        return Role.SERVANT
    if word in KUNYA:
        return Role.KUNYA
    if word in GENERATIONS:
        return Role.TITLE
    if word in ARABIC_ARTICLES or (word in DESCENT and (word != "ben" or not at_an_end)):
        return Role.PARTICLE
    return Role.PARTICLE if word in EUROPEAN else None


def _is_servant_misspelt(word: str) -> bool:
    """Return whether two letters of “abdul” or “abdel” changed places: adbul, abdlu."""
    return len(word) == 5 and word[0] in "ab" and "".join(sorted(word)) in _SERVANT_LETTERS


def _token(word: str, role: Role, origin: Origin) -> Token:
    sound = sound_of(word)
    return Token(text=word, role=role, sound=sound, bones=bones_of(sound), origin=origin)


def _with_some_name(tokens: list[Token]) -> list[Token]:
    """Return the tokens with a name among them: who is called nothing but “Sultan Agha” or “Ben Do” is called so."""
    if any(token.role.identifies for token in tokens):
        return tokens
    return [_token(token.text, Role.NAME, token.origin) if len(token.text) > 1 else token for token in tokens]
