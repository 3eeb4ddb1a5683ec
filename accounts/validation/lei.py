"""The legal entity identifier: ISO 17442, eighteen letters and digits, then two check digits by MOD 97-10."""

from __future__ import annotations

import string

from django.utils.translation import gettext_lazy as _

from accounts.validation import mod97
from accounts.validation.characters import check_alphabet, check_length, compact
from accounts.validation.errors import WrongCheckDigits

_WHAT = _("Legal entity identifier")


def clean(text: str) -> str:
    """Return the identifier as it is stored.

    :raises WrongLength, WrongCharacter, WrongCheckDigits: naming the position.
    """
    lei = compact(text)
    check_length(lei, 20, _WHAT)
    check_alphabet(lei, string.ascii_uppercase + string.digits, _WHAT, _("a letter or digit"), end=18)
    check_alphabet(lei, string.digits, _WHAT, _("a digit"), start=18)
    expected = mod97.check_digits(lei[:18])
    if lei[18:] != expected:
        raise WrongCheckDigits(what=_WHAT, position="19–20", expected=expected, found=lei[18:])
    return lei
