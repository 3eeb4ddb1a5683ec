"""What birth dates and countries say beside the name: they raise or lower what the name came to, and never make a hit
alone.

Effects are added to the name's score. Birth dates on lists are often years, often about, often wrong by one figure:
near is not against.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from risk.names.entry import BirthDate, Entry, Kind, Subject


class Finding(StrEnum):
    SAME_DAY = "same_day"
    SLIP_IN_DATE = "slip_in_date"
    SAME_YEAR = "same_year"
    NEAR_YEARS = "near_years"
    YEARS_APART = "years_apart"
    FAR_APART = "far_apart"
    GENERATIONS_APART = "generations_apart"
    SAME_COUNTRY = "same_country"
    OTHER_COUNTRY = "other_country"


EFFECTS = {
    Finding.SAME_DAY: 0.10,
    Finding.SLIP_IN_DATE: 0.06,
    Finding.SAME_YEAR: 0.05,
    Finding.NEAR_YEARS: 0.0,
    Finding.YEARS_APART: -0.05,
    Finding.FAR_APART: -0.12,
    Finding.GENERATIONS_APART: -0.20,
    Finding.SAME_COUNTRY: 0.03,
    Finding.OTHER_COUNTRY: -0.05,
}
MOST_RAISED = EFFECTS[Finding.SAME_DAY] + EFFECTS[Finding.SAME_COUNTRY]
# A name worth less than this is not raised by any evidence.
LEAST_NAME = 0.6
AGREEING = frozenset({Finding.SAME_DAY, Finding.SLIP_IN_DATE, Finding.SAME_YEAR})
# Years between two birth dates beyond which they are said to be apart, far apart, a generation apart. A “circa” adds
# two.
_NEAR, _APART, _FAR = 2.0, 4.0, 10.0
_CIRCA = 2.0
_DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Evidence:
    """`ours` and `theirs` as people read them."""

    finding: Finding
    ours: str
    theirs: str

    @property
    def effect(self) -> float:
        return EFFECTS[self.finding]


def evidence_for(subject: Subject, entry: Entry) -> tuple[Evidence, ...]:
    """Return what birth date and country say; nothing of what either side does not know."""
    return tuple(found for found in (_birth_date(subject, entry), _country(subject, entry)) if found is not None)


def birth_date_agrees(evidence: tuple[Evidence, ...]) -> bool:
    return any(one.finding in AGREEING for one in evidence)


def _birth_date(subject: Subject, entry: Entry) -> Evidence | None:
    if subject.birth_date is None or not entry.birth_dates or entry.kind is not Kind.PERSON:
        return None
    ours = subject.birth_date
    finding, theirs = max(
        ((compare_dates(ours, each), each) for each in entry.birth_dates), key=lambda found: EFFECTS[found[0]]
    )
    return Evidence(finding, in_words(ours), in_words(theirs))


def compare_dates(ours: BirthDate, theirs: BirthDate) -> Finding:
    if ours.is_day and theirs.is_day and not theirs.circa:
        if ours.first == theirs.first:
            return Finding.SAME_DAY
        if _is_slip(ours.first, theirs.first):
            return Finding.SLIP_IN_DATE
    years = _years_between(ours, theirs)
    if years == 0.0 or ours.first.year == theirs.first.year:
        return Finding.SAME_YEAR
    years -= _CIRCA if ours.circa or theirs.circa else 0.0
    for limit, finding in ((_NEAR, Finding.NEAR_YEARS), (_APART, Finding.YEARS_APART), (_FAR, Finding.FAR_APART)):
        if years <= limit:
            return finding
    return Finding.GENERATIONS_APART


def _years_between(one: BirthDate, other: BirthDate) -> float:
    gap = max((other.first - one.last).days, (one.first - other.last).days, 0)
    return gap / _DAYS_A_YEAR


def _is_slip(one: date, other: date) -> bool:
    """True when day and month are swapped, or one figure of the date differs."""
    if (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return True
    return sum(a != b for a, b in zip(one.isoformat(), other.isoformat(), strict=True)) == 1


def in_words(born: BirthDate) -> str:
    """Return the date as lists write it: 1974-02-17, 1974, 1966–1968, c. 1965."""
    if born.is_day:
        text = born.first.isoformat()
    elif born.first.year == born.last.year:
        text = str(born.first.year)
    else:
        text = f"{born.first.year}–{born.last.year}"
    return f"c. {text}" if born.circa else text


def _country(subject: Subject, entry: Entry) -> Evidence | None:
    if not subject.countries or not entry.countries:
        return None
    same = subject.countries & entry.countries
    finding = Finding.SAME_COUNTRY if same else Finding.OTHER_COUNTRY
    return Evidence(finding, ", ".join(sorted(same or subject.countries)), ", ".join(sorted(same or entry.countries)))
