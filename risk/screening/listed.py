"""The lists in this process's memory: built once for each version of them, then only read."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bankops.core.db import prepared
from risk.lists.packing import entry_of
from risk.models import ListEntry, ListKind
from risk.models.watch_list import ListEntryQuerySet
from risk.names.entry import Entry
from risk.names.screener import Screener
from risk.selectors.lists import ENTRIES_VERSION

SCREENED = (ListKind.SANCTIONS, ListKind.PEP)


@dataclass(frozen=True, slots=True)
class Listed:
    """Where an entry that was met is kept: its row, its list, who it is, and what matters of it."""

    row: UUID
    watch_list: UUID
    key: str
    matter: str


@dataclass(frozen=True, slots=True)
class Lists:
    """Everything that customers are screened against, or what an edition changed of it.

    Attributes:
        version: of the lists when it was read, or before.
        screener: its entries are called by the keys of their rows.

    """

    version: int
    screener: Screener
    rows: dict[str, Listed]


class _Kept:
    lists: Lists | None = None


def version_now() -> int:
    """Return the version of the published lists; one read of a single row."""
    version: int = prepared(ENTRIES_VERSION, {})[0][0]
    return version


def all_lists() -> Lists:
    """Return the lists as they are in force. Building takes seconds for twenty thousand entries, once a version."""
    version = version_now()
    kept = _Kept.lists
    if kept is None or kept.version != version:
        entries, rows = _read(ListEntry.objects.in_force())
        kept = _Kept.lists = Lists(version, Screener(entries), rows)
    return kept


def forget() -> None:
    """Have the lists built anew when they are next asked for."""
    _Kept.lists = None


def entries_of(watch_list: UUID, number: int) -> Lists:
    """Return what an edition added or changed, as it is in force, with words worth what they are on all lists.

    An entry that a later edition changed once more stands in a row of that one: whatever came since is taken with it.
    """
    whole = all_lists()
    entries, rows = _read(ListEntry.objects.in_force().filter(watch_list=watch_list, since__gte=number))
    return Lists(whole.version, Screener(entries, rarities=whole.screener.rarities), rows)


def _read(chosen: ListEntryQuerySet) -> tuple[list[Entry], dict[str, Listed]]:
    entries: list[Entry] = []
    rows: dict[str, Listed] = {}
    screened = chosen.filter(watch_list__kind__in=SCREENED).select_related("watch_list")
    for row in screened.order_by("pk").iterator(chunk_size=2_000):
        key = str(row.pk)
        rows[key] = Listed(row.pk, row.watch_list_id, row.key, row.matter)
        entries.append(entry_of(row, key=key, list_name=row.watch_list.label))
    return entries, rows
