"""Numbers written as words or Roman numerals, for names of companies, brigades and ships."""

from __future__ import annotations

_ONES = (
    "zero one two three four five six seven eight nine ten eleven "
    "twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fourty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
NUMBERS: dict[str, int] = {
    **{word: number for number, word in enumerate(_ONES.split())},
    **{word: number for number, word in enumerate(_ORDINALS.split(), start=1)},
    **TENS,
}
# Without I, V, X, L, C, D and M alone, which are initials as often; from II upwards as funds and ships are numbered.
_ROMAN = "ii iii iv vi vii viii ix xi xii xiii xiv xv xvi xvii xviii xix xx"
_ROMAN_VALUES = (2, 3, 4, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20)
ROMAN: dict[str, int] = dict(zip(_ROMAN.split(), _ROMAN_VALUES, strict=True)) | {"v": 5, "x": 10, "i": 1}
ORDINAL_SUFFIXES = ("st", "nd", "rd", "th")
