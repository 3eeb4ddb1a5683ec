"""The business identifier code: ISO 9362, eight characters for the party, three more for a branch."""

from __future__ import annotations

import string

from django.utils.translation import gettext_lazy as _
from schwifty import BIC
from schwifty.exceptions import SchwiftyException

from accounts.validation.characters import check_alphabet, compact
from accounts.validation.errors import WrongCountry, WrongLength

_WHAT = _("BIC")
_ANY = string.ascii_uppercase + string.digits


def clean(text: str) -> str:
    """Return the code as it is stored, without spaces.

    :raises WrongLength, WrongCharacter, WrongCountry: naming the position.
    """
    bic = compact(text)
    if len(bic) not in (8, 11):
        raise WrongLength(what=_WHAT, expected=_("8 or 11"), count=len(bic))
    check_alphabet(bic, _ANY, _WHAT, _("a letter or digit"))
    check_alphabet(bic, string.ascii_uppercase, _WHAT, _("a letter"), start=4, end=6)
    try:
        return str(BIC(bic))
    except SchwiftyException:
        raise WrongCountry(what=_WHAT, position="5–6", found=bic[4:6]) from None
