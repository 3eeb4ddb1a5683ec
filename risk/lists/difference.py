"""What changed between two versions of a list, and whether the new one may be taken on unseen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from risk.lists.errors import ListEmpty, ListPoorer, ListShrunken
from risk.names.entry import Entry

# A published list loses a few entries at a time: OFAC's largest removals of a year stay within 5 % of it. A list cut
# off in transit loses far more.
MOST_LOST_PERCENT = 10
FEW = 50
WORDS: Mapping[str, str | Promise] = {
    "names": _("names"),
    "birth_dates": _("dates of birth"),
    "countries": _("countries"),
}


@dataclass(frozen=True, slots=True)
class Change:
    before: Entry
    after: Entry

    @property
    def about(self) -> tuple[str, ...]:
        """The fields that differ, by name, sorted."""
        fields = ("kind", "names", "birth_dates", "countries", "programmes", "reference")
        return tuple(sorted(name for name in fields if getattr(self.before, name) != getattr(self.after, name)))

    @property
    def moves_screening(self) -> bool:
        """True when whom the entry may meet has changed; another programme alone changes nobody's hits."""
        return bool({"kind", "names", "birth_dates", "countries"} & set(self.about))


@dataclass(frozen=True, slots=True)
class Difference:
    """In the order of the new list; `removed` in the order of the old one."""

    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    changed: tuple[Change, ...]

    @property
    def to_screen(self) -> list[Entry]:
        """The entries that customers have to be screened against again."""
        return [*self.added, *(change.after for change in self.changed if change.moves_screening)]


def compare_versions(before: Iterable[Entry], after: Iterable[Entry]) -> Difference:
    old = {entry.key: entry for entry in before}
    new = {entry.key: entry for entry in after}
    return Difference(
        added=tuple(entry for key, entry in new.items() if key not in old),
        removed=tuple(entry for key, entry in old.items() if key not in new),
        changed=tuple(Change(old[key], entry) for key, entry in new.items() if key in old and old[key] != entry),
    )


def refuse_if_shrunken(
    *, name: str, before: int, lost: int, after: int, most_lost_percent: int = MOST_LOST_PERCENT
) -> None:
    """Let a plausible version pass.

    :param before, after: how many entries the two versions have.
    :param lost: how many entries of the old one the new one has no more.
    :raises ListEmpty: nothing in the new version.
    :raises ListShrunken: more than `most_lost_percent` of the old version's entries are gone, however many are new.
    """
    if not after:
        raise ListEmpty(name=name)
    if lost * 100 > before * most_lost_percent:
        raise ListShrunken(name=name, lost=lost, before=before, allowed=most_lost_percent)


def refuse_if_poorer(
    *, name: str, details: Mapping[str, tuple[int, int]], most_lost_percent: int = MOST_LOST_PERCENT
) -> None:
    """Let a plausible version pass: a file of aliases that was cut off leaves every entry, and nobody is found by it.

    :param details: how many there were and how many are gone, by what they are. Of a few, nothing is concluded.
    :raises ListPoorer: when more than `most_lost_percent` of one kind are gone.
    """
    for what, (before, lost) in details.items():
        if before >= FEW and lost * 100 > before * most_lost_percent:
            raise ListPoorer(name=name, what=WORDS.get(what, what), lost=lost, before=before, allowed=most_lost_percent)
