"""The bank code of China's payment system CNAPS: twelve digits that name one branch of one bank.

Three for the bank, four for the place, four for the branch, and a check digit by ISO 7064 MOD 11,10, which finds every
single wrong digit.
"""

from __future__ import annotations

import string

from django.utils.translation import gettext_lazy as _

from accounts.validation.characters import check_alphabet, check_length, compact
from accounts.validation.errors import WrongCheckCharacter

LENGTH = 12
_WHAT = _("CNAPS bank code")


def clean(text: str) -> str:
    """Return the code as it is stored, without spaces.

    :raises WrongLength, WrongCharacter, WrongCheckCharacter: naming the position.
    """
    code = compact(text)
    check_length(code, LENGTH, _WHAT)
    check_alphabet(code, string.digits, _WHAT, _("a digit"))
    expected = check_digit(code)
    if code[-1] != expected:
        raise WrongCheckCharacter(what=_WHAT, position=LENGTH, expected=expected, found=code[-1])
    return code


def check_digit(code: str) -> str:
    """Return the check digit for the first eleven digits of `code`."""
    product = 10
    for digit in code[: LENGTH - 1]:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)
