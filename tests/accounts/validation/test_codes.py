"""Credit codes, IBAN, BIC, LEI: where a wrong character is found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.validation import bic, cnaps, credit_code, errors, iban, lei
from bankops.core.errors import BankOpsError

# Published examples: the code of Tencent; the IBANs of the registry's own examples; the LEI of the standard's operator.
CREDIT_CODE = "9144030071526726XG"
IBANS = ("GB29 NWBK 6016 1331 9268 19", "DE89370400440532013000", "CZ6508000000192000145399", "NO9386011117947")
LEI = "506700GE1G29325QX363"
# Head offices: ICBC, Agricultural Bank, Bank of China, CCB, China Merchants, BoCom, CITIC, Industrial, SPDB, Postal Savings.
CNAPS = [
    *("102100099996", "103100000026", "104100000004", "105100000017", "308584000013"),
    *("301290000007", "302100011000", "309391000011", "310290000013", "403100000004"),
]


def neighbours_swapped(code: str) -> list[str]:
    return [
        code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        for place in range(len(code) - 1)
        if code[place] != code[place + 1]
    ]


def one_changed(code: str, alphabet: str, *, within_kind: bool = False) -> list[str]:
    return [
        code[:place] + other + code[place + 1 :]
        for place in range(len(code))
        for other in alphabet
        if other != code[place] and not (within_kind and other.isdigit() != code[place].isdigit())
    ]


@pytest.mark.parametrize(
    ("clean", "code", "alphabet"),
    [
        (credit_code.clean, CREDIT_CODE, "0123456789ABCDEFGHJKLMNPQRTUWXY"),
        *((iban.clean, one.replace(" ", ""), "0123456789") for one in IBANS),
    ],
)
def test_every_wrong_character_and_every_swap_is_found(clean: Callable[[str], str], code: str, alphabet: str) -> None:
    assert clean(code) == code
    for wrong in (*one_changed(code, alphabet), *neighbours_swapped(code)):
        with pytest.raises(BankOpsError):
            clean(wrong)


def test_a_wrong_digit_or_letter_in_a_lei_is_found() -> None:
    """MOD 97-10 reads a letter as two digits, so it promises nothing when a digit is taken for a letter."""
    letters_and_digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for wrong in one_changed(LEI, letters_and_digits, within_kind=True):
        with pytest.raises(BankOpsError):
            lei.clean(wrong)


@pytest.mark.parametrize(
    ("clean", "typed", "error", "position"),
    [
        (credit_code.clean, "9144030071526726X", errors.WrongLength, None),
        (credit_code.clean, "9144030071526726OG", errors.WrongCharacter, 17),
        (credit_code.clean, "B144030071526726XG", errors.WrongCharacter, 1),
        (credit_code.clean, "91A4030071526726XG", errors.WrongCharacter, 3),
        (credit_code.clean, "9144030071526726XH", errors.WrongCheckCharacter, 18),
        (iban.clean, "GB29 NWBK 6016 1331 9268 1", errors.WrongLength, None),
        (iban.clean, "CN29 NWBK 6016 1331 9268 19", errors.WrongCountry, "1–2"),
        (iban.clean, "", errors.WrongCountry, "1–2"),
        (iban.clean, "GBA9 NWBK 6016 1331 9268 19", errors.WrongCharacter, 3),
        (iban.clean, "GB29 NW1K 6016 1331 9268 19", errors.WrongCharacter, 7),
        (iban.clean, "GB29 NWBK 6016 A331 9268 19", errors.WrongCharacter, 13),
        (iban.clean, "GB28 NWBK 6016 1331 9268 19", errors.WrongCheckDigits, "3–4"),
        (bic.clean, "BKCHCNB", errors.WrongLength, None),
        (bic.clean, "BKCH1NBJ", errors.WrongCharacter, 5),
        (bic.clean, "BKCHXXBJ", errors.WrongCountry, "5–6"),
        (bic.clean, "BKCHCN*J", errors.WrongCharacter, 7),
        (cnaps.clean, "10210009999", errors.WrongLength, None),
        (cnaps.clean, "10210009999A", errors.WrongCharacter, 12),
        (cnaps.clean, "102100099995", errors.WrongCheckCharacter, 12),
        (lei.clean, LEI[:-1], errors.WrongLength, None),
        (lei.clean, LEI[:-1] + "X", errors.WrongCharacter, 20),
        (lei.clean, LEI[:-2] + "64", errors.WrongCheckDigits, "19–20"),
    ],
)
def test_what_is_wrong_is_told_with_its_position(
    clean: Callable[[str], str], typed: str, error: type[BankOpsError], position: object
) -> None:
    with pytest.raises(error) as caught:
        clean(typed)
    assert caught.value.context.get("position") == position
    assert "%(" not in str(caught.value)


@pytest.mark.parametrize("code", CNAPS)
def test_every_wrong_digit_in_a_bank_code_is_found(code: str) -> None:
    assert cnaps.clean(f"{code[:4]} {code[4:8]} {code[8:]}") == code
    for wrong in one_changed(code, "0123456789"):
        with pytest.raises(BankOpsError):
            cnaps.clean(wrong)


def test_ibans_are_used_where_the_registry_lists_them_and_grouped_by_four() -> None:
    assert [iban.used_in(country) for country in ("DE", "GB", "CN", "US", "AO")] == [True, True, False, False, False]
    assert iban.known_in("AO")
    assert iban.display("NO9386011117947") == "NO93 8601 1117 947"


@pytest.mark.parametrize("typed", ["bkch cn bj", "BKCHCNBJ", "BKCHCNBJ300", "nwbkgb2l"])
def test_bics_are_read(typed: str) -> None:
    assert bic.clean(typed) == typed.replace(" ", "").upper()


def test_the_expected_check_digits_are_told() -> None:
    with pytest.raises(errors.WrongCheckDigits, match="characters 3–4 should be 29, not 28"):
        iban.clean("GB28 NWBK 6016 1331 9268 19")
