"""Numbers whose issuers publish no check character: only their shape can be looked at.

Passports: ICAO Doc 9303 part 4, at most nine letters and digits in the machine-readable zone; Chinese ones have a letter,
a letter or digit, and seven digits.
"""

from __future__ import annotations

import string

from django.utils.translation import gettext_lazy as _

from accounts.validation.characters import check_alphabet, check_length, compact
from accounts.validation.errors import WrongLength

_LETTERS_AND_DIGITS = string.ascii_uppercase + string.digits
_PASSPORT = _("Passport number")
_COMPANY = _("Company registration number")
_FOREIGN_ID = _("Identity number")


def clean_passport(text: str, *, issuer: str) -> str:
    """Return a passport number as it is stored.

    :raises WrongLength, WrongCharacter: naming the position.
    """
    number = compact(text)
    if issuer == "CN":
        check_length(number, 9, _PASSPORT)
        check_alphabet(number, string.ascii_uppercase, _PASSPORT, _("a letter"), end=1)
        check_alphabet(number, string.digits, _PASSPORT, _("a digit"), start=2)
    return _shaped(number, _PASSPORT, shortest=5, longest=9)


def clean_foreign_id(text: str) -> str:
    """Return another country's identity number as it is stored.

    :raises WrongLength, WrongCharacter: naming the position.
    """
    return _shaped(compact(text), _FOREIGN_ID, shortest=4, longest=24)


def clean_company_number(text: str) -> str:
    """Return the number of a company register as it is stored.

    :raises WrongLength, WrongCharacter: naming the position.
    """
    return _shaped(compact(text), _COMPANY, shortest=3, longest=30, more="./")


def _shaped(number: str, what: object, *, shortest: int, longest: int, more: str = "") -> str:
    if not shortest <= len(number) <= longest:
        raise WrongLength(what=what, expected=f"{shortest}–{longest}", count=len(number))
    check_alphabet(number, _LETTERS_AND_DIGITS + more, str(what), _("a letter or digit"))
    return number
