"""What a list tells of a party, and what the bank knows of whom it screens. Plain records, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    PERSON = "person"
    ENTITY = "entity"
    VESSEL = "vessel"
    AIRCRAFT = "aircraft"


class Strength(StrEnum):
    """How far a name is the party's own. OFAC and the UN both say of some aliases that they are too broad to go by.

    Source: OFAC FAQ 122 (weak AKAs); UN Security Council, “Guidelines … for the conduct of its work”, Low quality
    a.k.a.
    """

    STRONG = "strong"
    WEAK = "weak"


@dataclass(frozen=True, slots=True)
class Name:
    text: str
    strength: Strength = Strength.STRONG


@dataclass(frozen=True, slots=True)
class BirthDate:
    """Any day from `first` to `last`, both included. A year alone is its 365 days; `circa`: the list says “about”."""

    first: date
    last: date
    circa: bool = False

    @classmethod
    def of_day(cls, day: date) -> BirthDate:
        return cls(first=day, last=day)

    @classmethod
    def of_years(cls, first: int, last: int | None = None, *, circa: bool = False) -> BirthDate:
        return cls(first=date(first, 1, 1), last=date(last or first, 12, 31), circa=circa)

    @property
    def is_day(self) -> bool:
        return self.first == self.last


@dataclass(frozen=True, slots=True)
class Entry:
    """One listed party, as one version of a list has it.

    :param key: the same in every version of the list, for example `ofac:36` or `un:CDi.001`.
    :param names: the primary name first, then aliases.
    :param countries: ISO 3166-1 alpha-2 codes of nationalities, citizenships, places of birth and addresses.
    """

    key: str
    list_name: str
    reference: str
    kind: Kind
    names: tuple[Name, ...]
    birth_dates: tuple[BirthDate, ...] = ()
    countries: frozenset[str] = frozenset()
    programmes: tuple[str, ...] = ()

    @property
    def primary(self) -> str:
        return self.names[0].text


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the bank screens.

    :param kind: None when the bank cannot know, as with a payee at another bank: every kind of entry is looked at.
    :param other_names: former names, trade names, the name in another script.
    :param countries: ISO 3166-1 alpha-2 codes of nationality, residence and place of birth.
    """

    name: str
    kind: Kind | None = None
    other_names: tuple[str, ...] = ()
    birth_date: BirthDate | None = None
    countries: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.other_names)
