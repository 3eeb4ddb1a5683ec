"""Phone numbers in the form of ITU-T E.164 (`+8613800138000`), by the numbering plans that `phonenumbers` carries."""

from __future__ import annotations

import phonenumbers
from django.utils.translation import gettext_lazy as _
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from accounts.validation.errors import InvalidPhone

_PROBLEMS = {
    ValidationResult.TOO_SHORT: _("it has too few digits"),
    ValidationResult.TOO_LONG: _("it has too many digits"),
    ValidationResult.INVALID_LENGTH: _("no number of that country has as many digits"),
    ValidationResult.INVALID_COUNTRY_CODE: _("no country has this code"),
}
_UNREADABLE = _("it cannot be read as digits with a country")
_NOT_GIVEN_OUT = _("that country hands out no number like this")


def clean(text: str, *, country: str) -> str:
    """Return the number in E.164.

    :param country: alpha-2 code of the country whose numbers are written without country code.
    :raises InvalidPhone: saying what is wrong with it.
    """
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException:
        raise InvalidPhone(problem=_UNREADABLE) from None
    if not phonenumbers.is_valid_number(number):
        reason = phonenumbers.is_possible_number_with_reason(number)
        raise InvalidPhone(problem=_PROBLEMS.get(reason, _NOT_GIVEN_OUT))
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
