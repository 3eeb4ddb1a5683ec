"""Lists in this bank's own CSV form: people and organisations, and countries. docs/lists.md says what the columns hold.

UTF-8, a heading, then a line for each party. Several values in a field are parted by semicolons.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from django.utils.translation import gettext as _

from risk.lists.errors import ListEmpty, ListUnreadable
from risk.lists.reading import read_text
from risk.names.entry import BirthDate, Entry, Kind, Name, Strength

PARTY_COLUMNS = ("key", "kind", "name", "aliases", "weak_aliases", "birth_dates", "countries", "programmes")
REGION_COLUMNS = ("country", "name")
_COUNTRY_LENGTH = 2
_LONGEST_KEY = 60


def read_parties(path: Path, *, list_key: str, list_name: str) -> list[Entry]:
    """Return the parties of a `PARTIES_CSV` file in its order, each under `<list_key>:<key>`.

    :raises ListUnreadable: naming the line at fault: a column or a value is missing or no such thing, a key occurs twice.
    :raises ListEmpty: when it has no line but the heading.
    """
    found: dict[str, Entry] = {}
    for number, row in _rows(path, PARTY_COLUMNS):
        entry = _party(row, _At(path.name, number), list_key=list_key, list_name=list_name)
        if entry.key in found:
            raise _At(path.name, number).refused(_("the key %(key)r occurs twice") % {"key": row["key"]})
        found[entry.key] = entry
    return _unless_empty(found, path)


def read_regions(path: Path, *, list_key: str, list_name: str) -> list[Entry]:
    """Return the countries of a `REGIONS_CSV` file, each under `<list_key>:<code>`.

    :raises ListUnreadable, ListEmpty: as `read_parties`.
    """
    found: dict[str, Entry] = {}
    for number, row in _rows(path, REGION_COLUMNS):
        at = _At(path.name, number)
        code = _country(row["country"], at)
        names = (Name(row["name"] or code),)
        key = f"{list_key}:{code}"
        if key in found:
            raise at.refused(_("the country %(country)s occurs twice") % {"country": code})
        found[key] = Entry(key, list_name, code, Kind.ENTITY, names, countries=frozenset({code}))
    return _unless_empty(found, path)


class _At:
    """Where in a file something is."""

    def __init__(self, name: str, line: int) -> None:
        self.name, self.line = name, line

    def refused(self, problem: str) -> ListUnreadable:
        where = {"line": self.line, "problem": problem}
        return ListUnreadable(name=self.name, problem=_("line %(line)s: %(problem)s") % where)


def _unless_empty(found: Mapping[str, Entry], path: Path) -> list[Entry]:
    if not found:
        raise ListEmpty(name=path.name)
    return list(found.values())


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""))
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        said = _("its heading has no column %(column)r") % {"column": missing[0]}
        raise ListUnreadable(name=path.name, problem=said)
    try:
        for row in reader:
            yield reader.line_num, {column: (row[column] or "").strip() for column in columns}
    except csv.Error as error:
        raise ListUnreadable(name=path.name, problem=str(error)) from error


def _party(row: Mapping[str, str], at: _At, *, list_key: str, list_name: str) -> Entry:
    if not row["key"] or len(row["key"]) > _LONGEST_KEY or not row["name"]:
        raise at.refused(_("a party needs a name, and a key of its own"))
    try:
        kind = Kind(row["kind"].casefold())
    except ValueError:
        said = {"kind": row["kind"], "kinds": ", ".join(Kind)}
        raise at.refused(_("%(kind)r is none of %(kinds)s") % said) from None
    names = [Name(text) for text in (row["name"], *_several(row["aliases"]))]
    names += [Name(text, Strength.WEAK) for text in _several(row["weak_aliases"])]
    return Entry(
        key=f"{list_key}:{row['key']}",
        list_name=list_name,
        reference=row["key"],
        kind=kind,
        names=tuple(dict.fromkeys(names)),
        birth_dates=tuple(_birth_date(text, at) for text in _several(row["birth_dates"])),
        countries=frozenset(_country(text, at) for text in _several(row["countries"])),
        programmes=tuple(_several(row["programmes"])),
    )


def _several(field: str) -> list[str]:
    return [text.strip() for text in field.split(";") if text.strip()]


def _country(text: str, at: _At) -> str:
    code = text.upper()
    if len(code) != _COUNTRY_LENGTH or not code.isascii() or not code.isalpha():
        raise at.refused(_("%(text)r is no ISO 3166-1 code of two letters") % {"text": text})
    return code


def _birth_date(text: str, at: _At) -> BirthDate:
    """Read `1974-02-17`, `1974`, `1966/1968`; with `c. ` before it the date is about."""
    circa = text.startswith("c.")
    first, _slash, last = text.removeprefix("c.").strip().partition("/")
    try:
        if "-" in first and not last:
            return BirthDate(day := date.fromisoformat(first), day, circa)
        return BirthDate.of_years(int(first), int(last) if last else None, circa=circa)
    except ValueError:
        raise at.refused(_("%(text)r is no date of birth") % {"text": text}) from None
