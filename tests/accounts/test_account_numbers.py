"""Account numbers: two check digits that find the mistakes people make."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import numbers
from accounts.errors import InvalidAccountNumber
from tests.properties import examples

serials = st.integers(0, 10**10 - 1)


def test_a_worked_example() -> None:
    """1000000001 00 mod 97 = 81, 98 − 81 = 17: the IBAN's method (ISO 13616, ISO 7064 MOD 97-10)."""
    remainder = 1000000001 * 100 % 97
    assert numbers.with_check_digits(1000000001) == f"1000000001{98 - remainder:02d}"
    assert int(numbers.with_check_digits(1000000001)) % 97 == 1


@given(serials)
@examples(200)
def test_every_wrong_digit_and_every_swap_of_neighbours_is_found(serial: int) -> None:
    number = numbers.with_check_digits(serial)
    assert len(number) == 12
    assert numbers.is_valid(number)
    for at, digit in enumerate(number):
        for other in set("0123456789") - {digit}:
            assert not numbers.is_valid(number[:at] + other + number[at + 1 :])
    for at in range(11):
        if number[at] != number[at + 1]:
            assert not numbers.is_valid(number[:at] + number[at + 1] + number[at] + number[at + 2 :])


def test_a_number_is_read_as_people_type_it_and_shown_in_groups() -> None:
    number = numbers.with_check_digits(1000000001)
    assert numbers.display(number) == f"{number[:4]} {number[4:8]} {number[8:]}"
    assert numbers.clean(f" {numbers.display(number)} ") == number
    assert numbers.display("1010-CNY") == "1010-CNY"


@pytest.mark.parametrize("text", ["", "123", "1" * 13, "100000000118", "１" * 12, "1010-CNY", "٠" * 12])
def test_what_is_not_an_account_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidAccountNumber, match="check digits"):
        numbers.clean(text)


@pytest.mark.django_db
def test_new_numbers_are_valid_and_never_the_same() -> None:
    given = numbers.next_account_numbers(50) + numbers.next_account_numbers()
    assert len(set(given)) == 51
    assert all(map(numbers.is_valid, given))
    first, second = numbers.next_customer_numbers(2)
    assert int(second.removeprefix("C-")) == int(first.removeprefix("C-")) + 1
