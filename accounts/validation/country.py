"""Countries by ISO 3166-1, from `pycountry`."""

from __future__ import annotations

import pycountry

from accounts.validation.characters import compact
from accounts.validation.errors import UnknownCountry


def clean(text: str) -> str:
    """Return the alpha-2 code of a country in upper case.

    :raises UnknownCountry: when ISO 3166-1 does not know it.
    """
    code = compact(text)
    if len(code) != 2 or pycountry.countries.get(alpha_2=code) is None:
        raise UnknownCountry(country=text)
    return code


def codes() -> frozenset[str]:
    """Return every alpha-2 code."""
    return frozenset(country.alpha_2 for country in pycountry.countries)
