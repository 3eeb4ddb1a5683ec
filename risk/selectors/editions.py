"""What an edition of a list changed, entry by entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from risk.lists.packing import unpack
from risk.models import EditionState, ListEdition, ListEntry

ADDED: Final = "added"
CHANGED: Final = "changed"
REMOVED: Final = "removed"

_FIELDS: Final[dict[str, str | Promise]] = {
    "kind": _("kind"),
    "names": _("names"),
    "birth_dates": _("dates of birth"),
    "countries": _("countries"),
    "programmes": _("programmes"),
    "reference": _("reference"),
}


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An entry that an edition added, changed or removed, and of a changed one what: field, before, after."""

    key: str
    name: str
    about: str
    fields: list[tuple[str | Promise, str, str]] = field(default_factory=list)


class _Shown(Sequence[EntryChange]):
    """Rows of entries as changes, made when a page of them is read."""

    def __init__(self, rows: QuerySet[ListEntry], edition: ListEdition, kind: str) -> None:
        self._rows, self._edition, self._kind = rows, edition, kind

    def __len__(self) -> int:
        return self._rows.count()

    def __getitem__(self, place: Any) -> Any:
        rows = list(self._rows[place])
        before = _before(rows, self._edition) if self._kind == CHANGED else {}
        return [_change(row, before.get(row.key)) for row in rows]


def changes_in(edition: ListEdition, kind: str) -> Sequence[EntryChange]:
    """Return what an edition added, changed or removed, in the order of the keys; read page by page.

    Of one that was refused only what would go can be told: nothing of it is in the tables.
    """
    entries = ListEntry.objects.filter(watch_list=edition.watch_list_id)
    if edition.state == EditionState.REFUSED:
        return _that_would_go(edition) if kind == REMOVED else []
    begun = entries.filter(since=edition.number)
    ended = entries.filter(until=edition.number)
    rows = {
        ADDED: begun.exclude(key__in=ended.values("key")),
        CHANGED: begun.filter(key__in=ended.values("key")),
        REMOVED: ended.exclude(key__in=begun.values("key")),
    }[kind]
    return _Shown(rows.order_by("key"), edition, kind)


def _that_would_go(edition: ListEdition) -> list[EntryChange]:
    kept = {one.key for one in unpack(bytes(edition.refused_content.content), list_name="")}
    rows = ListEntry.objects.in_force().filter(watch_list=edition.watch_list_id).order_by("key")
    return [_change(row, None) for row in rows.defer("birth_dates") if row.key not in kept]


def _before(rows: list[ListEntry], edition: ListEdition) -> dict[str, ListEntry]:
    ended = ListEntry.objects.filter(watch_list=edition.watch_list_id, until=edition.number)
    return {row.key: row for row in ended.filter(key__in=[row.key for row in rows])}


def _change(row: ListEntry, before: ListEntry | None) -> EntryChange:
    differs = [] if before is None else [name for name in _FIELDS if getattr(row, name) != getattr(before, name)]
    fields = [(_FIELDS[name], in_words(before, name), in_words(row, name)) for name in differs]
    return EntryChange(row.key, row.primary, ", ".join((*row.countries, *row.programmes)), fields)


def in_words(row: ListEntry | None, name: str) -> str:
    """Return a field of an entry as people read it."""
    value: Any = getattr(row, name) if row is not None else ""
    if name == "names":
        return "; ".join(text if strength == "strong" else f"“{text}”" for text, strength in value)
    if name == "birth_dates":
        return "; ".join(_born(*each) for each in value)
    return value if isinstance(value, str) else ", ".join(value)


def _born(first: str, last: str, circa: bool) -> str:
    text = first if first == last else first[:4] if first[:4] == last[:4] else f"{first[:4]}–{last[:4]}"
    return f"c. {text}" if circa else text
