"""Which transfers belong to which alert, so that a shape that grows stays one alert."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b

from risk.patterns.records import Family
from risk.patterns.shapes.finding import Finding
from risk.patterns.usual import Usual
from risk.patterns.window import Window

MOST_OF_ONE = 500
"""An alert does not grow beyond so many transfers; nobody would read on."""

_PASSING_ON = frozenset({Family.CYCLE, Family.CHAIN, Family.SCATTER_GATHER, Family.BIPARTITE, Family.STACK})


@dataclass(slots=True)
class Entry:
    """One alert, or a shape that is too common to be one yet.

    Attributes:
        shown: the largest finding that people were told of.
        key: of the transfers it had when it became an alert; empty before.
        transfers: numbers of all it is made of. Those that left the window go when it is next looked at.
        base: of the window, when that was done last.
        grades: the largest grade reached in each family.

    """

    shown: Finding
    key: str = ""
    transfers: set[int] = field(default_factory=set)
    base: int = 0
    grades: dict[Family, int] = field(default_factory=dict)


class Register:
    def __init__(self, window: Window, usual: Usual) -> None:
        self._window = window
        self._usual = usual
        self._entry_of: dict[int, Entry] = {}

    def __len__(self) -> int:
        return len(self._entry_of)

    def enter(self, finding: Finding) -> Entry | None:
        """Take a finding in. Returns the alert that it makes or makes grow; None when it is no news, or too common.

        A finding that holds half of an earlier alert or more makes that alert grow; one that lies within it for the
        larger part is no news.
        """
        entry = self._entry_for(finding)
        self._count(entry, finding)
        fresh = [number for number in finding.transfers if number not in entry.transfers]
        if entry.key:
            return self._grown(entry, finding, fresh)
        if not self._usual.is_remarkable(finding.family, finding.grade):
            self._assign(entry, fresh)
            return None
        entry.key = self._key(finding)
        entry.shown = finding
        entry.transfers.clear()
        self._assign(entry, list(finding.transfers))
        self._usual.count_alert()
        return entry

    def is_suspect(self, number: int) -> bool:
        """Whether an alert about money that is passed on holds this transfer."""
        entry = self._entry_of.get(number)
        return entry is not None and bool(entry.key) and entry.shown.family in _PASSING_ON

    def forget_before(self, base: int) -> None:
        for number in [number for number in self._entry_of if number < base]:
            del self._entry_of[number]

    def _key(self, finding: Finding) -> str:
        """Of all its transfers: two alerts may well begin with the same one."""
        ids = (self._window.id_of(number).bytes for number in sorted(finding.transfers))
        return blake2b(b"".join(ids), digest_size=16).hexdigest()

    def _grown(self, entry: Entry, finding: Finding, fresh: list[int]) -> Entry | None:
        if not fresh or len(entry.transfers) >= MOST_OF_ONE or not self._makes_grow(entry, finding):
            return None
        if len(finding.transfers) >= len(entry.shown.transfers):
            entry.shown = finding
        self._assign(entry, fresh)
        return entry

    def _count(self, entry: Entry, finding: Finding) -> None:
        """Towards what is usual. What an alert of another family holds already would be no alert of its own."""
        if entry.key and finding.family is not entry.shown.family:
            return
        before = entry.grades.get(finding.family, 0)
        if finding.grade > before:
            self._usual.count(finding.family, finding.grade, before)
            entry.grades[finding.family] = finding.grade

    def _entry_for(self, finding: Finding) -> Entry:
        """The entry that the finding shares the most with, if it belongs to it; else a new one."""
        shared: Counter[int] = Counter()
        entries: dict[int, Entry] = {}
        for number in finding.transfers:
            entry = self._entry_of.get(number)
            if entry is not None:
                shared[id(entry)] += 1
                entries[id(entry)] = entry
        for one, count in shared.most_common():
            if 2 * count > len(finding.transfers) or self._makes_grow(entries[one], finding):
                return entries[one]
        return Entry(finding)

    def _makes_grow(self, entry: Entry, finding: Finding) -> bool:
        base = self._window.base
        if entry.base != base:
            entry.transfers = {number for number in entry.transfers if number >= base}
            entry.base = base
        return 2 * len(entry.transfers.intersection(finding.transfers)) >= len(entry.transfers)

    def _assign(self, entry: Entry, fresh: list[int]) -> None:
        """A transfer that is in two alerts leads to the first; one in a shape that is no alert, to the latest."""
        for number in fresh[: max(0, MOST_OF_ONE - len(entry.transfers))]:
            entry.transfers.add(number)
            if not ((taken := self._entry_of.get(number)) and taken.key):
                self._entry_of[number] = entry
