"""What an edition changes of a list's entries, compared and written set by set. Under the list's lock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from risk.lists.packing import columns_of, content_of, matter_of
from risk.models import ListEntry, WatchList
from risk.names.entry import Entry

DETAILS = ("names", "birth_dates", "countries")
"""What screening goes by, of each entry."""
_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Moved:
    """What differs from the edition in use.

    Attributes:
        before: how many entries that one has.
        changed, removed: keys of entries.
        mattering: keys of changed entries that may meet others than before.
        details: how many names, dates of birth and countries that one has, and how many of them are gone, by what they are.

    """

    before: int
    added: Sequence[Entry]
    changed: Mapping[str, Entry]
    removed: Sequence[str]
    mattering: frozenset[str]
    details: Mapping[str, tuple[int, int]]

    @property
    def to_screen(self) -> frozenset[str]:
        """The keys of entries that customers have to be screened against."""
        return self.mattering | {entry.key for entry in self.added}


def compare(watch_list: WatchList, entries: Iterable[Entry]) -> Moved:
    """Return what would change if these were the list's entries. Each has a key of its own (`read_published`)."""
    rows = ListEntry.objects.in_force().filter(watch_list=watch_list)
    before = {row.key: row for row in rows.only("key", "content", "matter", *DETAILS)}
    after = {entry.key: entry for entry in entries}
    changed = {key: one for key, one in after.items() if key in before and before[key].content != content_of(one)}
    return Moved(
        before=len(before),
        added=[one for key, one in after.items() if key not in before],
        changed=changed,
        removed=[key for key in before if key not in after],
        mattering=frozenset(key for key, one in changed.items() if before[key].matter != matter_of(one)),
        details={name: _lost(name, before, after) for name in DETAILS},
    )


def _lost(name: str, before: Mapping[str, ListEntry], after: Mapping[str, Entry]) -> tuple[int, int]:
    """Return how many details of a kind there are, and how many the same entries, or nobody, have any more."""
    had = gone = 0
    for key, row in before.items():
        details = {json.dumps(one) for one in getattr(row, name)}
        had += len(details)
        if details:
            kept = after.get(key)
            now = {json.dumps(one) for one in columns_of(kept)[name]} if kept else set()
            gone += len(details - now)
    return had, gone


def apply(watch_list: WatchList, number: int, moved: Moved) -> None:
    """End what edition `number` has no more, or otherwise, and write what it has anew."""
    ended = [*moved.changed, *moved.removed]
    ListEntry.objects.in_force().filter(watch_list=watch_list, key__in=ended).update(until=number)
    fresh = [_row(watch_list, number, entry) for entry in (*moved.added, *moved.changed.values())]
    ListEntry.objects.bulk_create(fresh, batch_size=_ROWS_AT_ONCE)


def _row(watch_list: WatchList, number: int, entry: Entry) -> ListEntry:
    fingerprints = {"content": content_of(entry), "matter": matter_of(entry)}
    return ListEntry(watch_list=watch_list, since=number, **columns_of(entry), **fingerprints)
