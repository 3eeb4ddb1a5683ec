"""What birth dates and countries say."""

from __future__ import annotations

from datetime import date

import pytest

from risk.names.entry import BirthDate, Entry, Kind, Name, Subject
from risk.names.evidence import Finding, birth_date_agrees, compare_dates, evidence_for, in_words

DAY = BirthDate.of_day(date(1960, 3, 7))


@pytest.mark.parametrize(
    ("theirs", "finding"),
    [
        (DAY, Finding.SAME_DAY),
        (BirthDate.of_day(date(1960, 7, 3)), Finding.SLIP_IN_DATE),
        (BirthDate.of_day(date(1966, 3, 7)), Finding.SLIP_IN_DATE),
        (BirthDate.of_day(date(1960, 11, 20)), Finding.SAME_YEAR),
        (BirthDate.of_years(1960), Finding.SAME_YEAR),
        (BirthDate.of_years(1958, 1962), Finding.SAME_YEAR),
        (BirthDate.of_years(1961), Finding.NEAR_YEARS),
        (BirthDate.of_years(1957, circa=True), Finding.NEAR_YEARS),
        (BirthDate.of_years(1956), Finding.YEARS_APART),
        (BirthDate.of_years(1968), Finding.FAR_APART),
        (BirthDate.of_years(1990), Finding.GENERATIONS_APART),
    ],
)
def test_dates(theirs: BirthDate, finding: Finding) -> None:
    assert compare_dates(DAY, theirs) is finding
    assert compare_dates(theirs, DAY) is finding


def entry(*, birth_dates: tuple[BirthDate, ...] = (), countries: frozenset[str] = frozenset()) -> Entry:
    return Entry("un:1", "UN", "1", Kind.PERSON, (Name("X"),), birth_dates, countries)


def test_the_best_of_several_listed_dates_counts() -> None:
    listed = entry(birth_dates=(BirthDate.of_years(1930), DAY, BirthDate.of_years(1990)))

    found = evidence_for(Subject("X", Kind.PERSON, birth_date=DAY), listed)

    assert [one.finding for one in found] == [Finding.SAME_DAY]
    assert birth_date_agrees(found)


def test_a_country_in_common_and_none() -> None:
    listed = entry(countries=frozenset({"IR", "SY"}))

    same = evidence_for(Subject("X", countries=frozenset({"SY", "FR"})), listed)
    other = evidence_for(Subject("X", countries=frozenset({"FR"})), listed)

    assert [(one.finding, one.ours) for one in same] == [(Finding.SAME_COUNTRY, "SY")]
    assert [(one.finding, one.ours, one.theirs) for one in other] == [(Finding.OTHER_COUNTRY, "FR", "IR, SY")]


def test_what_one_side_does_not_know_says_nothing() -> None:
    assert evidence_for(Subject("X"), entry(birth_dates=(DAY,), countries=frozenset({"IR"}))) == ()
    assert evidence_for(Subject("X", birth_date=DAY, countries=frozenset({"IR"})), entry()) == ()


def test_dates_in_words() -> None:
    assert in_words(DAY) == "1960-03-07"
    assert in_words(BirthDate.of_years(1965, circa=True)) == "c. 1965"
    assert in_words(BirthDate.of_years(1966, 1968)) == "1966–1968"
