"""Files of names to measure screening on: labelled pairs, listed people as they get misspelt, people on no list."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from risk.names.countries import country_code
from risk.names.entry import BirthDate, Kind, Subject
from risk.names.errors import ReportInputUnreadable

PAIRS = "labelled_pairs.csv"
LISTED = "un_listed_people_with_typos.csv"
LISTED_CLEAN = "un_listed_people_clean.csv"
NOT_LISTED = "not_listed_people.csv"
_PAIR_COLUMNS = ("schema", "name1", "name2", "is_match", "category")
_PERSON_COLUMNS = ("full_name", "date_of_birth", "nationality")
_KINDS = {
    "Person": Kind.PERSON,
    "Company": Kind.ENTITY,
    "Organization": Kind.ENTITY,
    "PublicBody": Kind.ENTITY,
    "Vessel": Kind.VESSEL,
    "Airplane": Kind.AIRCRAFT,
}
_TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_YEAR = re.compile(r"(\d{4})(?:\D|$)")


@dataclass(frozen=True, slots=True)
class Pair:
    """`kind` is None for a schema that says neither person nor company. `half`: 0 or 1, by a hash of the names."""

    schema: str
    kind: Kind | None
    left: str
    right: str
    is_match: bool
    category: str

    @property
    def half(self) -> int:
        return hashlib.sha256(f"{self.left}|{self.right}".encode()).digest()[-1] % 2


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """`clean` is the name as the list has it, None when nobody said."""

    subject: Subject
    clean: str | None


@dataclass(frozen=True, slots=True)
class Samples:
    """What was in the folder; an empty list where a file was not."""

    pairs: list[Pair]
    listed: list[ListedPerson]
    not_listed: list[Subject]


def read_samples(folder: Path) -> Samples:
    """Return the samples of a folder.

    :raises ReportInputUnreadable: none of the files is there, or one is not CSV, lacks a column or has a label that is
        neither true nor false.
    """
    samples = Samples(pairs=_pairs(folder / PAIRS), listed=_listed(folder), not_listed=_people(folder / NOT_LISTED))
    if not (samples.pairs or samples.listed or samples.not_listed):
        raise ReportInputUnreadable(
            path=folder, problem=f"none of {PAIRS}, {LISTED} and {NOT_LISTED} is in it, or all are empty"
        )
    return samples


def _rows(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise ReportInputUnreadable(path=path, problem=f"it has no column {', '.join(missing)}")
            return [{key: value or "" for key, value in row.items() if isinstance(key, str)} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ReportInputUnreadable(path=path, problem=str(error)) from error


def _pairs(path: Path) -> list[Pair]:
    pairs = []
    for line, row in enumerate(_rows(path, _PAIR_COLUMNS), start=2):
        truth = _TRUTHS.get(row["is_match"].strip().casefold())
        if truth is None:
            raise ReportInputUnreadable(
                path=path, problem=f"is_match of row {line} is “{row['is_match']}”, neither true nor false"
            )
        pairs.append(
            Pair(row["schema"], _KINDS.get(row["schema"]), row["name1"], row["name2"], truth, row["category"] or "–")
        )
    return pairs


def _listed(folder: Path) -> list[ListedPerson]:
    people = _people(folder / LISTED)
    clean = [row["full_name"] for row in _rows(folder / LISTED_CLEAN, ("full_name",))]
    names = clean if len(clean) == len(people) else [None] * len(people)
    return [ListedPerson(subject, name) for subject, name in zip(people, names, strict=True)]


def _people(path: Path) -> list[Subject]:
    return [_subject(row) for row in _rows(path, _PERSON_COLUMNS) if row["full_name"].strip()]


def _subject(row: dict[str, str]) -> Subject:
    country = country_code(row["nationality"])
    return Subject(
        name=row["full_name"],
        kind=Kind.PERSON,
        birth_date=birth_date(row["date_of_birth"]),
        countries=frozenset([country] if country else []),
    )


def birth_date(text: str) -> BirthDate | None:
    """Return the date of “1974-02-17”; the year alone of “1974” and of a day that no calendar has; None of anything
    else.
    """
    if found := _DAY.fullmatch(text.strip()):
        try:
            return BirthDate.of_day(date(*(int(part) for part in found.groups())))
        except ValueError:
            pass
    year = _YEAR.match(text.strip())
    return BirthDate.of_years(int(year[1])) if year and int(year[1]) else None
