"""Any script to plain Latin letters, as people's names are read in it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii
from pypinyin import lazy_pinyin

from risk.names.tables.east_asian import COMPOUND_SURNAMES, KOREAN_COMPOUND_SURNAMES, SURNAME_READINGS
from risk.names.tokens import Origin

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_HANGUL = re.compile(r"[\uac00-\ud7a3]+")
_ABJAD = re.compile(r"[\u0590-\u05ff\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")
# The Arabic article is written onto the word that it belongs to.
_ARABIC_ARTICLE = re.compile(r"\bال(?=\w{2})")
_ABD = re.compile(r"\bعبد\s*(?:ال)?(?=\w{2})")
_DIACRITIC = re.compile(r"[\u064b-\u065f\u0670\u0640\u0591-\u05c7]")
# Joined to the letter before it, a zero-width non-joiner divides no words in Persian; directional marks mean nothing
# here.
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")


_FINALS = {"g": "k", "d": "t", "b": "p"}


def origin_of(text: str) -> Origin:
    """Return the script of the text; of mixed ones the one that is hardest to read."""
    if text.isascii():
        return Origin.LATIN
    if _ABJAD.search(text) is not None:
        return Origin.ABJAD
    return Origin.HAN if _HAN.search(text) is not None else Origin.LATIN


def to_latin(text: str, *, of_person: bool = True) -> str:
    """Return the text in ASCII letters; words stay apart, a person's Han or Hangul name becomes surname and given name."""
    if text.isascii():
        return text
    return _to_latin(text, of_person=of_person)


@lru_cache(maxsize=65_536)
def _to_latin(text: str, *, of_person: bool) -> str:
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    plain = _HAN.sub(lambda found: f" {_read_han(found[0], of_person=of_person)} ", plain)
    plain = _HANGUL.sub(lambda found: f" {_read_hangul(found[0], of_person=of_person)} ", plain)
    if _ABJAD.search(plain):
        plain = _ARABIC_ARTICLE.sub("", _ABD.sub("عبد ", _DIACRITIC.sub("", plain)))
    return anyascii(plain)


def _read_han(run: str, *, of_person: bool) -> str:
    """Read of a person two to four characters as a surname and a given name; one, or more than four, by their usual readings."""
    if not of_person:
        return "".join(lazy_pinyin(run))
    if len(run) == 1:
        return SURNAME_READINGS.get(run, "".join(lazy_pinyin(run)))
    surname_length = 2 if run[:2] in COMPOUND_SURNAMES else 1
    if len(run) > 4 or len(run) <= surname_length:
        return "".join(lazy_pinyin(run))
    surname, given = run[:surname_length], run[surname_length:]
    return f"{SURNAME_READINGS.get(surname) or ''.join(lazy_pinyin(surname))} {''.join(lazy_pinyin(given))}"


def _read_hangul(run: str, *, of_person: bool) -> str:
    """Three syllables and more are a person's surname and given name; two may be either, and stay together."""
    syllables = [_final(anyascii(syllable).lower()) for syllable in run]
    if len(run) <= 2 or not of_person:
        return "".join(syllables)
    surname_length = 2 if run[:2] in KOREAN_COMPOUND_SURNAMES else 1
    return f"{''.join(syllables[:surname_length])} {''.join(syllables[surname_length:])}"


def _final(syllable: str) -> str:
    """Write a last consonant as it sounds (Revised Romanization, 2000): Bag is Bak."""
    return syllable[:-1] + _FINALS.get(syllable[-1], syllable[-1]) if syllable[-2:] != "ng" else syllable
