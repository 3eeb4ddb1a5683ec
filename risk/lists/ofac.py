"""OFAC's Specially Designated Nationals list in its CSV form.

Four files: `sdn` (the parties), `alt` (aliases), `add` (addresses), `sdn_comments` (the rest of remarks longer than a
field). Columns: “SDN Data Specification”, OFAC. An empty field is written `-0-`. Weak aliases are not in `alt`: they
stand in the remarks, in quotes (OFAC FAQ 122).
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from risk.lists.birth_dates import parse_birth_date
from risk.lists.errors import ListEmpty, ListUnreadable
from risk.lists.reading import read_text
from risk.names.countries import country_code, country_of_place
from risk.names.entry import BirthDate, Entry, Kind, Name, Strength

LIST_NAME = "OFAC SDN"
_NOTHING = "-0-"
_KINDS = {"individual": Kind.PERSON, "vessel": Kind.VESSEL, "aircraft": Kind.AIRCRAFT, "": Kind.ENTITY}
_SDN_COLUMNS, _ALT_COLUMNS, _ADD_COLUMNS, _COMMENT_COLUMNS = 12, 5, 6, 2

# “a.k.a. 'PACHO'”; the quote within “'ABU-'UMAR'” belongs to the name.
_WEAK_ALIAS = re.compile(r"""a\.k\.a\.,?\s+['"](.+?)['"](?=\s*(?:;|\.|\(|$))""")
_BIRTH_DATE = re.compile(r"(?:^|;\s*)(?:alt\. )?DOB ([^;]+?)(?=;|\.?\s*$)")
_COUNTRY = re.compile(r"(?:^|;\s*)(?:alt\. )?(nationality|citizen|POB) ([^;]+?)(?=;|\.?\s*$)")


@dataclass(slots=True)
class _Beside:
    """What the other three files have for a party."""

    aliases: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    countries: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    remarks: dict[str, str] = field(default_factory=dict)


def read_ofac(
    *, sdn: Path, alt: Path | None = None, add: Path | None = None, comments: Path | None = None
) -> list[Entry]:
    """Return the parties in the list's order. Lines torn off at the end of a file are left out.

    :raises ListUnreadable: a file cannot be read, or most of its lines are not what OFAC publishes.
    :raises ListEmpty: no party in `sdn`.
    """
    beside = _Beside()
    for number, _n, _type, name, *_rest in _rows(alt, _ALT_COLUMNS):
        beside.aliases[number].append(name)
    for number, _n, _address, _city, country, *_rest in _rows(add, _ADD_COLUMNS):
        if code := country_code(country):
            beside.countries[number].add(code)
    beside.remarks = {number: rest for number, rest, *_more in _rows(comments, _COMMENT_COLUMNS)}
    entries = [_entry(row, beside) for row in _rows(sdn, _SDN_COLUMNS) if row[1]]
    if not entries:
        raise ListEmpty(name=sdn.name)
    return entries


def _rows(path: Path | None, columns: int) -> Iterator[list[str]]:
    if path is None:
        return
    torn = whole = 0
    try:
        for row in csv.reader(io.StringIO(read_text(path, or_windows=True), newline="")):
            if len(row) < columns or not row[0].strip().isdigit():
                torn += bool(row)
                continue
            whole += 1
            yield ["" if value.strip() == _NOTHING else value.strip() for value in row]
    except csv.Error as error:
        raise ListUnreadable(name=path.name, problem=str(error)) from error
    if torn > max(1, whole // 100):
        counted = {"torn": torn, "lines": torn + whole}
        raise ListUnreadable(name=path.name, problem=_("%(torn)s of %(lines)s lines have not OFAC's columns") % counted)


def _entry(row: list[str], beside: _Beside) -> Entry:
    number, name, kind, programme = row[:4]
    remarks = row[11] + beside.remarks.get(number, "")
    strong = [Name(text) for text in (name, *beside.aliases.get(number, ())) if text]
    weak = [Name(text, Strength.WEAK) for text in _WEAK_ALIAS.findall(remarks)]
    return Entry(
        key=f"ofac:{number}",
        list_name=LIST_NAME,
        reference=number,
        kind=_KINDS.get(kind.casefold(), Kind.ENTITY),
        names=tuple(dict.fromkeys(strong + weak)),
        birth_dates=_birth_dates(remarks),
        countries=frozenset(beside.countries.get(number, set()) | set(_countries(remarks))),
        programmes=tuple(part.strip(" []") for part in programme.split("] [") if part.strip(" []")),
    )


def _birth_dates(remarks: str) -> tuple[BirthDate, ...]:
    return tuple(found for text in _BIRTH_DATE.findall(remarks) if (found := parse_birth_date(text)))


def _countries(remarks: str) -> Iterator[str]:
    for what, text in _COUNTRY.findall(remarks):
        code = country_of_place(text) if what == "POB" else country_code(text)
        if code:
            yield code
