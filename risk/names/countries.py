"""The country that lists and customers' papers mean, as an ISO 3166-1 alpha-2 code."""

from __future__ import annotations

import re
from functools import lru_cache

import pycountry

# Names that ISO 3166-1 does not have, as OFAC's and the UN's lists and common papers write them.
_OTHER_NAMES = {
    "bolivia": "BO",
    "bosnia": "BA",
    "brunei": "BN",
    "burma": "MM",
    "cape verde": "CV",
    "congo": "CG",
    "cote d ivoire": "CI",
    "crimea": "UA",
    "czech republic": "CZ",
    "dem rep of the congo": "CD",
    "democratic peoples republic of korea": "KP",
    "democratic republic of the congo": "CD",
    "dprk": "KP",
    "drc": "CD",
    "east timor": "TL",
    "england": "GB",
    "gaza": "PS",
    "great britain": "GB",
    "iran": "IR",
    "ivory coast": "CI",
    "korea north": "KP",
    "korea south": "KR",
    "kosovo": "XK",
    "laos": "LA",
    "macau": "MO",
    "macedonia": "MK",
    "micronesia": "FM",
    "moldova": "MD",
    "netherlands antilles": "CW",
    "north korea": "KP",
    "palestine": "PS",
    "palestinian": "PS",
    "palestinian territories": "PS",
    "region gaza": "PS",
    "republic of korea": "KR",
    "russia": "RU",
    "south korea": "KR",
    "state of palestine": "PS",
    "swaziland": "SZ",
    "syria": "SY",
    "taiwan": "TW",
    "tanzania": "TZ",
    "the gambia": "GM",
    "turkey": "TR",
    "uk": "GB",
    "uae": "AE",
    "united kingdom": "GB",
    "united states": "US",
    "usa": "US",
    "venezuela": "VE",
    "vietnam": "VN",
    "west bank": "PS",
}
_NOT_A_LETTER = re.compile(r"[^a-z]+")


def _plain(text: str) -> str:
    return _NOT_A_LETTER.sub(" ", text.casefold().replace("'", "").replace("’", "")).strip()


@lru_cache(maxsize=4_096)
def country_code(text: str) -> str | None:
    """Return the code of a country named in English or by its code; None when no country is recognised."""
    plain = _plain(text)
    if not plain:
        return None
    if plain in _OTHER_NAMES:
        return _OTHER_NAMES[plain]
    try:
        found = pycountry.countries.lookup(text.strip())
    except LookupError:
        return None
    return str(found.alpha_2)


def country_of_place(text: str) -> str | None:
    """Return the country at the end of a place: “Leningrad, Russia”, “Seoul, Korea, North”."""
    parts = [part.strip() for part in text.split(",")]
    return country_code(", ".join(parts[-2:])) or country_code(parts[-1])
