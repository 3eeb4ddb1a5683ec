"""What two versions of a list differ in, and which version is not taken on unseen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from risk.lists.difference import compare_versions, refuse_if_shrunken
from risk.lists.errors import ListEmpty, ListShrunken
from risk.names.entry import BirthDate, Entry, Kind, Name


def entry(number: int) -> Entry:
    return Entry(
        key=f"ofac:{number}",
        list_name="OFAC SDN",
        reference=str(number),
        kind=Kind.PERSON,
        names=(Name(f"PARTY, Number {number}"),),
        programmes=("SDGT",),
    )


OLD = [entry(number) for number in range(100)]


def test_added_removed_and_changed() -> None:
    born = replace(OLD[1], birth_dates=(BirthDate.of_day(date(1960, 1, 2)),))
    moved = replace(OLD[2], programmes=("IRAN",))

    found = compare_versions(OLD, [born, moved, *OLD[3:], entry(100)])

    assert found.added == (entry(100),)
    assert found.removed == (OLD[0],)
    assert [change.about for change in found.changed] == [("birth_dates",), ("programmes",)]


def test_only_what_can_meet_others_than_before_is_screened_again() -> None:
    renamed = replace(OLD[1], names=(*OLD[1].names, Name("ANOTHER")))
    moved = replace(OLD[2], programmes=("IRAN",))

    found = compare_versions(OLD, [OLD[0], renamed, moved, *OLD[3:], entry(100)])

    assert found.to_screen == [entry(100), renamed]


def test_the_same_version_has_no_difference() -> None:
    found = compare_versions(OLD, list(reversed(OLD)))

    assert (found.added, found.removed, found.changed) == ((), (), ())


@pytest.mark.parametrize("left", [90, 99, 100])
def test_a_list_may_lose_a_tenth(left: int) -> None:
    refuse_if_shrunken(name="OFAC", before=100, lost=len(compare_versions(OLD, OLD[:left]).removed), after=left)


def test_a_list_that_lost_more_is_refused_whatever_came_new() -> None:
    new = [*OLD[:89], *(entry(number) for number in range(200, 300))]

    with pytest.raises(ListShrunken) as refused:
        refuse_if_shrunken(name="OFAC", before=100, lost=len(compare_versions(OLD, new).removed), after=len(new))

    assert refused.value.context == {"name": "OFAC", "lost": 11, "before": 100, "allowed": 10}
    assert "10 %" in str(refused.value)


def test_an_empty_list_is_refused_also_when_there_was_none_before() -> None:
    with pytest.raises(ListEmpty):
        refuse_if_shrunken(name="OFAC", before=0, lost=0, after=0)
