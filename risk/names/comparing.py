"""Two names side by side, without an index: for one pair, a report, a question of staff."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from risk.names.entry import Entry, Kind
from risk.names.organisations import parse_organisation, parse_vessel
from risk.names.people import parse_person
from risk.names.rarity import Rarity
from risk.names.scoring import ORGANISATIONS, PEOPLE, Comparison, Manner, compare_parsed
from risk.names.tokens import ParsedName


@dataclass(frozen=True, slots=True)
class Rarities:
    """What words are worth in the names of people and in those of all other parties; without lists, all words the
    same.
    """

    people: Rarity = field(default_factory=Rarity)
    others: Rarity = field(default_factory=Rarity)

    def of(self, kind: Kind) -> Rarity:
        return self.people if kind is Kind.PERSON else self.others


def rarities_of(entries: Iterable[Entry]) -> Rarities:
    people: list[list[ParsedName]] = []
    others: list[list[ParsedName]] = []
    for entry in entries:
        group = people if entry.kind is Kind.PERSON else others
        group.append([parse_name(name.text, entry.kind) for name in entry.names])
    return Rarities(Rarity(people), Rarity(others))


def parse_name(text: str, kind: Kind) -> ParsedName:
    if kind is Kind.PERSON:
        return parse_person(text)
    return parse_organisation(text) if kind is Kind.ENTITY else parse_vessel(text)


def manner_of(kind: Kind) -> Manner:
    return PEOPLE if kind is Kind.PERSON else ORGANISATIONS


def compare_names(left: str, right: str, kind: Kind | None, rarities: Rarities) -> Comparison:
    """Compare two names of parties of one kind; of an unknown kind: as people's and as companies' names, the better
    counts.
    """
    if kind is None:
        both = (compare_names(left, right, each, rarities) for each in (Kind.PERSON, Kind.ENTITY))
        return max(both, key=lambda found: found.score)
    rarity = rarities.of(kind)
    ours, theirs = (rarity.weighted(parse_name(text, kind)) for text in (left, right))
    return compare_parsed(ours, theirs, manner_of(kind))
