"""Resident identity numbers of China: GB 11643-1999."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.validation import errors, resident_id
from accounts.validation.resident_id import Sex, parse
from bankops.core.errors import BankOpsError
from tests.properties import examples

TODAY = date(2026, 3, 2)
# The worked example of the standard itself.
OF_THE_STANDARD = "11010519491231002X"

numbers = st.builds(
    lambda region, born, order: (body := f"{region}0105{born:%Y%m%d}{order:03d}") + resident_id.check_character(body),
    st.sampled_from(["11", "31", "44", "65", "81"]),
    st.dates(date(1900, 1, 1), TODAY),
    st.integers(0, 999),
)


def test_the_example_of_the_standard_is_read() -> None:
    found = parse(OF_THE_STANDARD, today=TODAY)
    assert (found.number, found.birth_date, found.sex) == (OF_THE_STANDARD, date(1949, 12, 31), Sex.FEMALE)


def test_an_odd_order_code_is_a_mans() -> None:
    assert parse("440524188001010014", today=date(1990, 1, 1)).sex == Sex.MALE


@pytest.mark.parametrize(
    "typed", ["110105 19491231 002x", "110105-19491231-002X", "１１０１０５１９４９１２３１００２Ｘ"]
)
def test_spaces_hyphens_small_and_wide_characters_do_not_matter(typed: str) -> None:
    assert parse(typed, today=TODAY).number == OF_THE_STANDARD


@pytest.mark.parametrize(
    ("typed", "error", "position"),
    [
        ("110105491231002", errors.WrongLength, None),  # the fifteen digits of before 1999
        ("1101051949123100 2", errors.WrongLength, None),
        ("11010519491231A02X", errors.WrongCharacter, 15),
        ("11010519491231002Y", errors.WrongCharacter, 18),
        ("X1010519491231002X", errors.WrongCharacter, 1),
        ("100105194912310021", errors.UnknownRegion, "1–2"),
        ("910005194912310021", errors.UnknownRegion, "2–3"),
        ("110105199002310020", errors.NoSuchDate, "7–14"),
        ("110105190002290020", errors.NoSuchDate, "7–14"),
        ("110105179912310020", errors.NoSuchDate, "7–14"),
        ("110105202603030020", errors.BornInFuture, "7–14"),
        ("110105194912310021", errors.WrongCheckCharacter, 18),
    ],
)
def test_what_is_wrong_is_told_with_its_position(typed: str, error: type[BankOpsError], position: object) -> None:
    with pytest.raises(error) as caught:
        parse(typed, today=TODAY)
    assert caught.value.context.get("position") == position
    assert "%(" not in str(caught.value)


def test_the_expected_check_character_is_told() -> None:
    with pytest.raises(errors.WrongCheckCharacter, match="character 18 should be X, not 1"):
        parse("110105194912310021", today=TODAY)


def test_a_foreigners_card_begins_with_a_nine() -> None:
    body = "93184019810304001"
    assert parse(body + resident_id.check_character(body), today=TODAY).birth_date == date(1981, 3, 4)


@examples(100)
@given(numbers, st.data())
def test_every_single_wrong_digit_is_found(number: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, 17))
    wrong = data.draw(st.sampled_from([one for one in "0123456789X" if one != number[place]]))
    assert parse(number, today=TODAY).number == number
    with pytest.raises(BankOpsError):
        parse(number[:place] + wrong + number[place + 1 :], today=TODAY)


@examples(100)
@given(numbers)
def test_every_swap_of_neighbours_is_found(number: str) -> None:
    for place in range(17):
        left, right = number[place], number[place + 1]
        if left != right:
            with pytest.raises(BankOpsError):
                parse(number[:place] + right + left + number[place + 2 :], today=TODAY)
