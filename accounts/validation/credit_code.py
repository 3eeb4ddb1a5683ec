"""The unified social credit code of organisations in China: GB 32100-2015.

One character for the registering authority, one for the kind of organisation, six digits of the region, nine characters of
the organisation code (GB 11714), one check character. The alphabet has 31 characters, without I, O, S, V and Z; the check
character is MOD 31 with weights 3^i, which finds every single wrong character and every swap of two neighbours.
"""

from __future__ import annotations

import string

from django.utils.translation import gettext_lazy as _

from accounts.validation.characters import check_alphabet, check_length, compact
from accounts.validation.errors import WrongCheckCharacter

_WHAT = _("Unified social credit code")
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, index, 31) for index in range(17))
_AUTHORITIES = "123456789AGNY"


def clean(text: str) -> str:
    """Return the code as it is stored, without spaces and hyphens.

    :raises WrongLength, WrongCharacter, WrongCheckCharacter: naming the position.
    """
    code = compact(text)
    check_length(code, 18, _WHAT)
    check_alphabet(code, _AUTHORITIES, _WHAT, _("the sign of a registering authority, 1 to 9, A, G, N or Y,"), end=1)
    check_alphabet(code, string.digits, _WHAT, _("a digit"), start=2, end=8)
    check_alphabet(code, _ALPHABET, _WHAT, _("a digit or a letter other than I, O, S, V, Z"))
    expected = check_character(code)
    if code[17] != expected:
        raise WrongCheckCharacter(what=_WHAT, position=18, expected=expected, found=code[17])
    return code


def check_character(code: str) -> str:
    """Return the check character for the first 17 characters of `code`."""
    total = sum(weight * _ALPHABET.index(character) for weight, character in zip(_WEIGHTS, code, strict=False))
    return _ALPHABET[-total % 31]
