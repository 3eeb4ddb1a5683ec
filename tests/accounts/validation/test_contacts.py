"""Phones, e-mail addresses, countries, and documents of which only the shape is known."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from accounts.validation import country, documents, email, errors, phone
from bankops.core.errors import BankOpsError


@pytest.mark.parametrize(
    ("typed", "home", "stored"),
    [
        ("138 0013 8000", "CN", "+8613800138000"),
        ("+86 138-0013-8000", "GB", "+8613800138000"),
        ("(010) 6659 6688", "CN", "+861066596688"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("+1 650 253 0000", "CN", "+16502530000"),
    ],
)
def test_phones_are_stored_in_one_form(typed: str, home: str, stored: str) -> None:
    assert phone.clean(typed, country=home) == stored


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("call me", "cannot be read"),
        ("", "cannot be read"),
        ("138 0013", "hands out no number"),
        ("1", "cannot be read|too few digits"),
        ("+86 138 0013 8000 00000", "too many digits"),
        ("+999 12345678", "cannot be read|no country"),
        ("+1 000 000 0000", "hands out no number"),
    ],
)
def test_what_is_no_phone_number_is_told_why(typed: str, problem: str) -> None:
    with pytest.raises(errors.InvalidPhone, match=problem):
        phone.clean(typed, country="CN")


def test_addresses_keep_the_case_before_the_at() -> None:
    assert email.clean(" Li.Hua@Example.COM ") == "Li.Hua@example.com"


@pytest.mark.parametrize("typed", ["", "li.hua", "li@", "@example.com", "li hua@example.com"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(errors.InvalidEmail):
        email.clean(typed)


def test_countries_are_those_of_the_standard() -> None:
    assert (country.clean(" cn "), len(country.codes())) == ("CN", 249)


@pytest.mark.parametrize("typed", ["", "XX", "EU", "CHN", "C", "ZZ"])
def test_what_is_no_country_is_refused(typed: str) -> None:
    with pytest.raises(errors.UnknownCountry):
        country.clean(typed)


chinese_passport = partial(documents.clean_passport, issuer="CN")
other_passport = partial(documents.clean_passport, issuer="GB")


@pytest.mark.parametrize(
    ("clean", "typed", "stored"),
    [
        (chinese_passport, "e12345678", "E12345678"),
        (chinese_passport, "EA1234567", "EA1234567"),
        (other_passport, "925665416", "925665416"),
        (documents.clean_foreign_id, "ab 123-456", "AB123456"),
        (documents.clean_company_number, "HRB 12345/B", "HRB12345/B"),
    ],
)
def test_documents_of_a_fitting_shape_are_taken(clean: Callable[[str], str], typed: str, stored: str) -> None:
    assert clean(typed) == stored


@pytest.mark.parametrize(
    ("clean", "typed", "error", "position"),
    [
        (chinese_passport, "E1234567", errors.WrongLength, None),
        (chinese_passport, "112345678", errors.WrongCharacter, 1),
        (chinese_passport, "E1234567A", errors.WrongCharacter, 9),
        (other_passport, "1234", errors.WrongLength, None),
        (other_passport, "1234567890", errors.WrongLength, None),
        (other_passport, "12345_78", errors.WrongCharacter, 6),
        (documents.clean_foreign_id, "123", errors.WrongLength, None),
        (documents.clean_company_number, "1*3", errors.WrongCharacter, 2),
    ],
)
def test_documents_of_another_shape_are_refused(
    clean: Callable[[str], str], typed: str, error: type[BankOpsError], position: object
) -> None:
    with pytest.raises(error) as caught:
        clean(typed)
    assert caught.value.context.get("position") == position
    assert "%(" not in str(caught.value)
