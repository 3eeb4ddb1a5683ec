"""A rule in words: the sentence that says what it asks, and the same with what the facts were."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError
from bankops.core.money import Money
from risk.language.exact import ExactMoney
from risk.language.meaning import (
    Calculation,
    Comparison,
    Constant,
    Counted,
    Joined,
    Known,
    Listed,
    Meaning,
    MultipleOf,
    Negation,
    OneOf,
    Opposite,
    Read,
    TextTest,
    Within,
)
from risk.language.schema import WINDOWS, Fact, Measure, Subject, Type

_TEXT_SHOWN = 100  # characters of a text; a remittance may be long
_NUMBER_SHOWN = 10**40
_COMPARED: Mapping[str, Promise] = {
    "==": _("%(left)s is %(right)s"),
    "!=": _("%(left)s is not %(right)s"),
    "<": _("%(left)s is less than %(right)s"),
    "<=": _("%(left)s is at most %(right)s"),
    ">": _("%(left)s is more than %(right)s"),
    ">=": _("%(left)s is at least %(right)s"),
}
_COMPARED_IN_TIME: Mapping[str, Promise] = {
    "<": _("%(left)s is before %(right)s"),
    "<=": _("%(left)s is not after %(right)s"),
    ">": _("%(left)s is after %(right)s"),
    ">=": _("%(left)s is not before %(right)s"),
}
_ONE_OF = {False: _("%(value)s is one of %(values)s"), True: _("%(value)s is none of %(values)s")}
_LISTED = {
    False: _("%(value)s is on the list “%(list)s”"),
    True: _("%(value)s is not on the list “%(list)s”"),
}
_TEXT_TESTS = {
    "contains": _("%(value)s contains “%(wanted)s”"),
    "starts_with": _("%(value)s begins with “%(wanted)s”"),
}
_SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}
_MEASURED = {
    Measure.COUNT: _("number of movements of %(subject)s within %(window)s"),
    Measure.SUM: _("sum of the movements of %(subject)s within %(window)s"),
    Measure.DISTINCT_PAYEES: _("number of different payees of %(subject)s within %(window)s"),
    Measure.DISTINCT_PAYERS: _("number of different payers of %(subject)s within %(window)s"),
}
_SUBJECTS = {
    Subject.PAYER: _("the payer's account"),
    Subject.PAYEE: _("the payee's account"),
    Subject.CUSTOMER: _("the customer"),
    Subject.DEVICE: _("the device"),
    Subject.PAIR: _("this payer to this payee"),
}

ValueOf = Callable[[Meaning], str]
"""Returns what a part was found to be, in words; raises nothing."""


def sentence(meaning: Meaning, value_of: ValueOf | None = None) -> str:
    """Return what a condition asks; with `value_of`, also what everything in it was found to be."""
    return _Wording(value_of).condition(meaning)


class _Wording:
    def __init__(self, value_of: ValueOf | None) -> None:
        self._value_of = value_of
        self._kinds: Mapping[type[Meaning], Callable[[Any], str]] = {
            Joined: self._joined,
            Negation: self._negation,
            Comparison: self._comparison,
            Within: self._within,
            OneOf: self._one_of,
            Listed: self._listed,
            MultipleOf: self._multiple_of,
            TextTest: self._text_test,
            Known: self._known,
            Read: self._truth,
            Constant: lambda meaning: shown(meaning.value),
        }

    def condition(self, meaning: Meaning) -> str:
        return self._kinds[type(meaning)](meaning)

    def _joined(self, meaning: Joined) -> str:
        word = gettext(" and ") if meaning.word == "and" else gettext(" or ")
        return word.join(self._in_brackets(part) for part in meaning.conditions)

    def _negation(self, meaning: Negation) -> str:
        return gettext("not: %(condition)s") % {"condition": self._in_brackets(meaning.part)}

    def _in_brackets(self, meaning: Meaning) -> str:
        text = self.condition(meaning)
        return f"({text})" if isinstance(meaning, Joined | Negation) else text

    def _truth(self, meaning: Read) -> str:
        return label_of(meaning.fact)

    def _known(self, meaning: Known) -> str:
        return gettext("%(fact)s is known") % {"fact": label_of(meaning.fact)}

    def _comparison(self, meaning: Comparison) -> str:
        left, right = meaning.parts
        in_time = meaning.left.type is Type.MOMENT and meaning.sign in _COMPARED_IN_TIME
        words = (_COMPARED_IN_TIME if in_time else _COMPARED)[meaning.sign]
        return str(words) % {
            "left": self._operand(left, unit=unit_of(right)),
            "right": self._operand(right, unit=unit_of(left)),
        }

    def _within(self, meaning: Within) -> str:
        unit = unit_of(meaning.value)
        parts = {"low": self._operand(meaning.low, unit=unit), "high": self._operand(meaning.high, unit=unit)}
        return gettext("%(value)s is between %(low)s and %(high)s") % {"value": self._operand(meaning.value), **parts}

    def _one_of(self, meaning: OneOf) -> str:
        values = ", ".join(shown(value) for value in meaning.values)
        return str(_ONE_OF[meaning.negated]) % {"value": self._operand(meaning.value), "values": values}

    def _listed(self, meaning: Listed) -> str:
        return str(_LISTED[meaning.negated]) % {"value": self._operand(meaning.value), "list": meaning.list_name}

    def _multiple_of(self, meaning: MultipleOf) -> str:
        words = {"value": self._operand(meaning.value), "step": shown(meaning.step)}
        return gettext("%(value)s is a whole multiple of %(step)s") % words

    def _text_test(self, meaning: TextTest) -> str:
        words = {"value": self._operand(meaning.value), "wanted": meaning.wanted}
        return str(_TEXT_TESTS[meaning.how]) % words

    # What is compared

    def _operand(self, meaning: Meaning, unit: str = "") -> str:
        """Return how something that is compared is named, and what it was found to be."""
        if isinstance(meaning, Constant):
            return shown(meaning.value, unit)
        what = self._name(meaning)
        if self._value_of is None:
            return what
        value = self._value_of(meaning)
        reads_on = isinstance(meaning, Read) and " " not in what and value != shown(None)
        return f"{what} {value}" if reads_on else f"{what} ({value})"

    def _name(self, meaning: Meaning) -> str:
        match meaning:
            case Read(fact):
                return label_of(fact)
            case Counted(counter):
                window = shown(WINDOWS[counter.window])
                return str(_MEASURED[counter.measure]) % {"subject": _SUBJECTS[counter.subject], "window": window}
            case Opposite(part):
                return f"−{self._factor(part)}"
            case Calculation(sign, left, right):
                return f"{self._factor(left)} {_SIGNS[sign]} {self._factor(right)}"
            case _:
                return f"({self.condition(meaning)})"

    def _factor(self, meaning: Meaning) -> str:
        text = self._operand(meaning)
        return f"({text})" if isinstance(meaning, Calculation) else text


def label_of(fact: Fact) -> str:
    """Return how people call a fact."""
    return str(fact.label or fact.name)


def unit_of(meaning: Meaning) -> str:
    """Return what a fact's number counts; nothing for everything else."""
    return str(meaning.fact.unit) if isinstance(meaning, Read) else ""


def shown(value: Any, unit: str = "") -> str:
    """Return a value of the language, or one calculated from such, as people read it."""
    match value:
        case None:
            return gettext("not known")
        case bool():
            return gettext("yes") if value else gettext("no")
        case str():
            return f"“{Truncator(value).chars(_TEXT_SHOWN)}”"
        case int() | Decimal() | Fraction():
            return f"{_number(value)} {unit}".rstrip()
        case Money() | ExactMoney():
            return _money(value)
        case _:
            return _time(value)


def answer(came_to: bool | None) -> str:
    """Return what a condition came to."""
    return gettext("cannot be told") if came_to is None else shown(came_to)


def _number(value: int | Decimal | Fraction) -> str:
    """Return a number in full, or to six places when it has more than twelve."""
    if isinstance(value, Decimal):
        return _without_zeros(f"{value:f}")
    if not -_NUMBER_SHOWN < value < _NUMBER_SHOWN:
        return gettext("more than can be shown")
    scaled = value * 10**12
    if scaled.denominator == 1:
        return _without_zeros(_with_places(int(scaled), 12))
    return f"≈ {_without_zeros(_with_places(round(value * 10**6), 6))}"


def _with_places(scaled: int, places: int) -> str:
    digits = f"{abs(scaled):0{places + 1}}"
    return f"{'-' if scaled < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _without_zeros(text: str) -> str:
    return text.rstrip("0").removesuffix(".") if "." in text else text


def _money(amount: Money | ExactMoney) -> str:
    if isinstance(amount, Money):
        return amount.format()
    try:
        text = amount.rounded().format()
    except BankOpsError:  # more than the books hold, and so more than anything it is compared with
        return gettext("more than the books can hold")
    return text if amount.minor == round(amount.minor) else f"≈ {text}"


def _time(value: datetime | timedelta) -> str:
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S %Z")
    seconds = value // timedelta(seconds=1)
    if seconds % 86_400 == 0 and seconds:
        return ngettext("%(count)s day", "%(count)s days", seconds // 86_400) % {"count": seconds // 86_400}
    if seconds % 3_600 == 0 and seconds:
        return ngettext("%(count)s hour", "%(count)s hours", seconds // 3_600) % {"count": seconds // 3_600}
    if seconds % 60 == 0:
        return ngettext("%(count)s minute", "%(count)s minutes", seconds // 60) % {"count": seconds // 60}
    return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
