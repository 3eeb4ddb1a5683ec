"""Entries as the database keeps them: their columns, their fingerprints, and a whole edition as one piece."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable
from datetime import date
from typing import Any

from risk.names.entry import BirthDate, Entry, Kind, Name, Strength


def columns_of(entry: Entry) -> dict[str, Any]:
    """Return an entry as the columns of `ListEntry`, but its list and editions."""
    return {
        "key": entry.key,
        "kind": entry.kind.value,
        "reference": entry.reference,
        "names": [[name.text, name.strength.value] for name in entry.names],
        "birth_dates": [[born.first.isoformat(), born.last.isoformat(), born.circa] for born in entry.birth_dates],
        "countries": sorted(entry.countries),
        "programmes": list(entry.programmes),
    }


def entry_of(row: Any, *, key: str, list_name: str) -> Entry:
    """Return an entry from something that has the columns.

    :param key: what the entry is to be called, where its own key tells too little.
    """
    return Entry(
        key=key,
        list_name=list_name,
        reference=row.reference,
        kind=Kind(row.kind),
        names=tuple(Name(text, Strength(strength)) for text, strength in row.names),
        birth_dates=tuple(_born(*each) for each in row.birth_dates),
        countries=frozenset(row.countries),
        programmes=tuple(row.programmes),
    )


def content_of(entry: Entry) -> str:
    """Return the fingerprint of all that an entry says."""
    return _digest(columns_of(entry))


def matter_of(entry: Entry) -> str:
    """Return the fingerprint of whatever decides whom an entry meets: kind, names, dates of birth, countries, in any order."""
    said = columns_of(entry)
    return _digest([said["kind"], sorted(said["names"]), sorted(said["birth_dates"]), said["countries"]])


def pack(entries: Iterable[Entry]) -> bytes:
    """Return entries as compressed JSON, for `unpack`."""
    text = json.dumps([columns_of(entry) for entry in entries], ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode())


def unpack(packed: bytes, *, list_name: str) -> list[Entry]:
    """Return the entries that were packed, in their order."""
    return [
        entry_of(_Columns(said), key=said["key"], list_name=list_name) for said in json.loads(zlib.decompress(packed))
    ]


class _Columns:
    def __init__(self, said: dict[str, Any]) -> None:
        self.__dict__.update(said)


def _born(first: str, last: str, circa: bool) -> BirthDate:
    return BirthDate(date.fromisoformat(first), date.fromisoformat(last), circa)


def _digest(said: Any) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
