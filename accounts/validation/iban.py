"""The international bank account number: ISO 13616, structure by country from the registry that `schwifty` carries."""

from __future__ import annotations

import re
import string

from django.utils.translation import gettext_lazy as _
from schwifty import registry
from schwifty.exceptions import InvalidCountryCode

from accounts.validation import mod97
from accounts.validation.characters import check_alphabet, check_length, compact
from accounts.validation.errors import WrongCheckDigits, WrongCountry

_WHAT = _("IBAN")
# The registry's kinds of character, and how it writes a run of them: `4!a`.
_KINDS = {
    "n": (string.digits, _("a digit")),
    "a": (string.ascii_uppercase, _("a letter")),
    "c": (string.ascii_uppercase + string.digits, _("a letter or digit")),
}
# The registry's "other territories": their banks have BICs of their own and number accounts as another country does.
_NUMBERED_AS = {
    **dict.fromkeys(("GG", "IM", "JE"), "GB"),
    **dict.fromkeys(("BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"), "FR"),
    "AX": "FI",
}
_RUN = re.compile(r"(\d+)!?([nac])")


def clean(text: str) -> str:
    """Return the IBAN in its electronic form, without spaces.

    :raises WrongLength, WrongCharacter, WrongCountry, WrongCheckDigits: naming the position.
    """
    iban = compact(text)
    _check_run(iban, "c", 0, len(iban))
    try:
        specification = registry.get_iban_spec(iban[:2])
    except InvalidCountryCode:
        raise WrongCountry(what=_WHAT, position="1–2", found=iban[:2]) from None
    check_length(iban, specification.iban_length, _WHAT)
    _check_run(iban, "n", 2, 4)
    _check_structure(iban, specification.bban_spec)
    expected = mod97.check_digits(iban[4:] + iban[:2])
    if iban[2:4] != expected:
        raise WrongCheckDigits(what=_WHAT, position="3–4", expected=expected, found=iban[2:4])
    return iban


def used_in(country: str) -> bool:
    """Return whether all banks of a country, by its alpha-2 code, number accounts by IBAN: it is in the registry of ISO 13616."""
    try:
        return not registry.get_iban_spec(country).aspirational
    except InvalidCountryCode:
        return False


def known_in(country: str) -> bool:
    """Return whether banks of a country may: some do that the registry of ISO 13616 does not list."""
    try:
        return bool(registry.get_iban_spec(country))
    except InvalidCountryCode:
        return False


def used_by_both(one: str, other: str) -> bool:
    """Return whether two countries, by their alpha-2 codes, share IBANs: they are one, or one is the other's territory."""
    return _NUMBERED_AS.get(one, one) == _NUMBERED_AS.get(other, other)


def looks_like_one(text: str) -> bool:
    """Return whether `text` begins as an IBAN does: two letters of a country that has them, and a digit."""
    start = compact(text)[:3]
    return start[2:].isdecimal() and known_in(start[:2])


def display(iban: str) -> str:
    """Return a stored IBAN as people write it: in groups of four."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def _check_structure(iban: str, specification: str) -> None:
    """Check the national part against its specification, for instance `4!a6!n8!n`."""
    start = 4
    for length, kind in _RUN.findall(specification):
        _check_run(iban, kind, start, start + int(length))
        start += int(length)


def _check_run(iban: str, kind: str, start: int, end: int) -> None:
    alphabet, allowed = _KINDS[kind]
    check_alphabet(iban, alphabet, _WHAT, allowed, start=start, end=end)
