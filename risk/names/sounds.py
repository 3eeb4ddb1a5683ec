"""How a word sounds, whoever wrote it down: one spelling for the many romanisations of one sound.

Source of the classes: the romanisation tables of ALA-LC and BGN/PCGN for Arabic, Persian and Cyrillic, DIN 31635 and
ISO 9 beside them (what one writes kh, another h; ou, u, oo and w; y, i, ij and j; q and k), and the consonant classes
of Soundex (Russell, 1918).
"""

from __future__ import annotations

import re
from functools import lru_cache

# Applied in this order. S stands for sh, C for ch, J for j and zh.
_RULES = tuple(
    (re.compile(pattern), becomes)
    for pattern, becomes in (
        (r"(?<=[jv])s$", ""),  # the Latvian nominative: Lavrovs, Sergejs
        (r"tsch|tch|tsh|cz", "C"),
        (r"schtsch|shch|sch|sh", "S"),
        (r"dzh|dsch|dj|zh", "J"),
        (r"ch", "C"),
        (r"kh|q|ck", "k"),
        (r"ph", "f"),
        (r"th", "t"),
        (r"dh", "d"),
        (r"gh", "g"),
        (r"rh(?=[aeiouy])", "r"),
        (r"bh(?=[aeiouy])", "b"),
        (r"ts|tz", "z"),
        (r"x(?=[aeiou])", "S"),
        (r"x", "ks"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"w", "v"),
        (r"oo|ou", "u"),
        (r"ee|ie\b|iy|ij|yj|ey\b|ei\b|ii|yy|ej\b|oi\b|oy\b", "i"),
        (r"j", "J"),
        (r"y(?=[aeou])", "i"),
        (r"y", "i"),
        (r"(?<=[aeiou])h\b", ""),
        (r"(.)\1+", r"\1"),
    )
)
_VOWELS = re.compile(r"[aeiou]")
_BONES = str.maketrans({"z": "s", "S": "s", "C": "J", "v": "u", "d": "t", "b": "p", "g": "k", "m": "n"})


@lru_cache(maxsize=131_072)
def sound_of(word: str) -> str:
    """Return the word's sound; capital letters in it are sounds of their own."""
    for pattern, becomes in _RULES:
        word = pattern.sub(becomes, word)
    return word


@lru_cache(maxsize=131_072)
def bones_of(sound: str) -> str:
    """Return the consonants of a sound, confusable ones as one; a vowel at the beginning stays as `a`.

    Half-vowels (v, h, i for y) within are left out, as they are where Arabic and Hebrew letters stand for them.
    """
    if not sound:
        return ""
    head, rest = sound[0], sound[1:]
    first = "a" if _VOWELS.match(head) else head.translate(_BONES)
    bones = _VOWELS.sub("", rest).replace("h", "").translate(_BONES).replace("u", "")
    return re.sub(r"(.)\1+", r"\1", first + bones)


@lru_cache(maxsize=131_072)
def consonants_of(sound: str) -> str:
    """Return the consonants of a sound as Arabic and Hebrew letters have them: half-vowels only at the end.

    z and d are one: three Arabic letters are d or dh to Arabs and z to Persians. m and n stay apart.
    """
    inner = re.sub(r"[aeou]|i(?!$)|v", "", sound).replace("z", "d")
    return inner.removesuffix("h") if len(inner) > 1 else inner
