from __future__ import annotations

from datetime import date

import pytest

from risk.lists.birth_dates import parse_birth_date
from risk.names.entry import BirthDate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("17 Feb 1974", BirthDate.of_day(date(1974, 2, 17))),
        ("Feb 1976", BirthDate(date(1976, 2, 1), date(1976, 2, 29))),
        ("1974", BirthDate.of_years(1974)),
        ("circa 1965", BirthDate.of_years(1965, circa=True)),
        ("circa 1979-1982", BirthDate.of_years(1979, 1982, circa=True)),
        ("1966 to 1968", BirthDate.of_years(1966, 1968)),
        ("01 Jan 1968 to 31 Dec 1970", BirthDate.of_years(1968, 1970)),
        ("17 Feb 1974.", BirthDate.of_day(date(1974, 2, 17))),
        ("31 Feb 1974", None),
        ("1970 to 1960", None),
        ("17 Xyz 1974", None),
        ("unknown", None),
        ("", None),
    ],
)
def test_dates_as_ofac_writes_them(text: str, expected: BirthDate | None) -> None:
    assert parse_birth_date(text) == expected
