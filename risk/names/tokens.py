"""The words of a name and the part that each plays in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    __hash__ = str.__hash__  # Enum's own is written in Python, and screening looks up millions

    NAME = "name"
    PATRONYMIC = "patronymic"
    INITIAL = "initial"
    SERVANT = "servant"  # abd(ul) before a divine attribute
    KUNYA = "kunya"  # abu, umm
    PARTICLE = "particle"
    TITLE = "title"
    HONORIFIC = "honorific"  # said, sultan, agha: a title of some, a name of others
    NUMBER = "number"
    GENERIC = "generic"  # trading, group, bank
    PLACE = "place"  # a country in a company's name
    LEGAL_FORM = "legal_form"

    @property
    def identifies(self) -> bool:
        """True for the words by which one party is told from another."""
        return self in _IDENTIFYING


class Origin(StrEnum):
    """The script that a word was written in before it was read in Latin letters."""

    __hash__ = str.__hash__

    LATIN = "latin"  # and every other alphabet that writes vowels
    ABJAD = "abjad"  # Arabic, Hebrew: most vowels left out, so that only consonants can be compared
    HAN = "han"  # read from a table, so that nobody can have misspelt it


_IDENTIFYING = (Role.NAME, Role.PATRONYMIC)


@dataclass(frozen=True, slots=True)
class Token:
    """One word: as written (in Latin letters, lower case), as it sounds (`sound`), its consonants alone (`bones`)."""

    text: str
    role: Role
    sound: str
    bones: str
    origin: Origin = Origin.LATIN
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class ParsedName:
    """`tokens` in the order written. `weight` is the sum of the tokens' weights."""

    text: str
    tokens: tuple[Token, ...]

    @property
    def weight(self) -> float:
        return sum(token.weight for token in self.tokens)
