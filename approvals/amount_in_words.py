"""Amounts in words, so that a slipped decimal point is seen before it is approved.

Chinese: the People's Bank of China's "Basic rules for correctly filling in bills and settlement vouchers"
(正确填写票据和结算凭证的基本规定, annex 1 of 支付结算办法, 1997), rules 1–4. Where rule 4 leaves a choice, the form
it names first is written. English: as on a cheque, the minor units as a fraction.
"""

from __future__ import annotations

from babel.numbers import get_currency_name

from bankops.core.money import Money, exponent

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_TEN_THOUSAND, _HUNDRED_MILLION = 10**4, 10**8

_BELOW_TWENTY = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ("", "", *["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
_THOUSANDS = ("", " thousand", " million", " billion", " trillion", " quadrillion", " quintillion")


def in_english(money: Money) -> str:
    """Return for instance `Sixty thousand and 50/100 Chinese yuan`, or without a fraction where there are no minor units."""
    scale = 10 ** exponent(money.currency)
    whole, fraction = divmod(abs(money.minor), scale)
    words = ("minus " if money.minor < 0 else "") + _cardinal(whole)
    currency = get_currency_name(money.currency, count=whole, locale="en")
    parts = f" and {fraction:0{exponent(money.currency)}}/{scale}" if scale > 1 else ""
    return f"{words[0].upper()}{words[1:]}{parts} {currency}"


def in_chinese(money: Money) -> str:
    """Return a CNY amount in bank capitals, for instance `人民币壹仟肆佰零玖元伍角`; empty for other currencies."""
    if money.currency != "CNY":
        return ""
    yuan, cents = divmod(abs(money.minor), 100)
    whole = f"{_integer(yuan)}元" if yuan or not cents else ""
    return f"人民币{'负' if money.minor < 0 else ''}{whole}{_parts_of_a_yuan(yuan, cents)}"


def _parts_of_a_yuan(yuan: int, cents: int) -> str:
    """Return 角 and 分; 整 where the amount ends with 元 (rule 2: not after 分, and it may be left out after 角)."""
    if not cents:
        return "整"
    jiao, fen = divmod(cents, 10)
    # Rule 4: a zero at 角 before 分 is spoken; so is one at 元 before 角.
    zero = "零" if yuan and (not jiao or yuan % 10 == 0) else ""
    return f"{zero}{_DIGITS[jiao] + '角' if jiao else ''}{_DIGITS[fen] + '分' if fen else ''}"


def _integer(number: int) -> str:
    if not number:
        return _DIGITS[0]
    for size, name in ((_HUNDRED_MILLION, "亿"), (_TEN_THOUSAND, "万")):
        if number >= size:
            head, tail = divmod(number, size)
            return f"{_integer(head)}{name}{_tail(tail, size)}"
    return _below_ten_thousand(number)


def _tail(tail: int, size: int) -> str:
    """Return what follows 亿 or 万: a zero is spoken where the places right after it are empty (rule 4)."""
    if not tail:
        return ""
    return f"{_DIGITS[0] if tail < size // 10 else ''}{_integer(tail)}"


def _below_ten_thousand(number: int) -> str:
    words, skipped = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            words += (_DIGITS[0] if skipped and words else "") + _DIGITS[digit] + _PLACES[place]
            skipped = False
        else:
            skipped = True
    return words


def _cardinal(number: int) -> str:
    """Return for instance `one thousand, two hundred and fifty`, or `two thousand and one`."""
    groups = [(number // 1000**place % 1000, name) for place, name in enumerate(_THOUSANDS)]
    spoken = [f"{_below_thousand(group)}{name}" for group, name in reversed(groups) if group]
    if not spoken:
        return _BELOW_TWENTY[0]
    last, _name = groups[0]
    joint = " and " if 0 < last < 100 and len(spoken) > 1 else ", "
    return joint.join(filter(None, (", ".join(spoken[:-1]), spoken[-1])))


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    spoken = [f"{_BELOW_TWENTY[hundreds]} hundred"] if hundreds else []
    if rest:
        tens, ones = divmod(rest, 10)
        compound = f"{_TENS[tens]}-{_BELOW_TWENTY[ones]}".removesuffix("-zero")
        spoken.append(_BELOW_TWENTY[rest] if rest < 20 else compound)
    return " and ".join(spoken)
