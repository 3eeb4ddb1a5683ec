"""What can be wrong with a rule: problems of its text, found when it is saved, and faults, found when it is evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz, process

from bankops.core.errors import BankOpsError

PROBLEMS_MAX = 20
"""So many problems of one text are told at once; who has more of them begins anew anyway."""

PROBLEMS: Mapping[str, Promise] = {
    # The letters
    "rule_too_long": _("The rule has %(count)s characters; it may have %(limit)s. Make two rules of it."),
    "rule_unexpected_character": _("“%(found)s” has no meaning here."),
    "rule_unclosed_text": _("This text has no end: close it with a quotation mark on the same line."),
    "rule_bad_escape": _("“%(found)s” has no meaning in a text. Only a quotation mark or a backslash stands after a backslash."),
    "rule_bad_number": _("This number has more than %(limit)s digits."),
    # The sentence
    "rule_empty": _("The rule says nothing. Write a condition, for example: amount > money(\"50000 CNY\")."),
    "rule_unexpected_token": _("“%(found)s” cannot stand here."),
    "rule_incomplete": _("The rule breaks off: something is missing here."),
    "rule_unclosed_bracket": _("This bracket is never closed."),
    "rule_chained_comparison": _("One comparison cannot follow another."),
    "rule_too_deep": _("More than %(limit)s levels of brackets and operations. Make two rules of it."),
    "rule_too_many_parts": _("The rule has more than %(limit)s parts. Make two rules of it."),
    # The names
    "rule_unknown_fact": _("There is no fact “%(name)s”."),
    "rule_unknown_function": _("There is no function “%(name)s”."),
    "rule_unknown_subject": _("“%(name)s” is not somebody whose movements are counted here. Choose of: %(choices)s."),
    "rule_unknown_list": _("There is no list “%(name)s”."),
    "rule_unknown_value": _("%(fact)s is never “%(value)s”, so this would never be met."),
    # The meaning
    "rule_type_mismatch": _("This is %(found)s, but %(wanted)s is needed."),
    "rule_not_comparable": _("%(left)s cannot be compared with %(right)s."),
    "rule_not_ordered": _("Of %(type)s none is more or less than another: use == or !=."),
    "rule_not_calculable": _("“%(sign)s” cannot be done with %(left)s and %(right)s."),
    "rule_bad_divisor": _("A number is divided by a number that is written out, and is not zero."),
    "rule_bad_arguments": _("%(name)s is written like this: %(signature)s."),
    "rule_bad_money": _("“%(text)s” is not an amount of money. Write it like 50000 CNY or 0.50 USD."),
    "rule_bad_duration": _("“%(text)s” is not a duration. Write a whole number with s, m, h or d: 30s, 10m, 24h, 90d."),
    "rule_bad_moment": _("“%(text)s” is not a moment. Write date, time and zone: 2026-01-31T08:00:00+08:00."),
    "rule_bad_window": _("“%(text)s” is not a window. Choose of: %(choices)s."),
    "rule_bad_list_name": _("“%(text)s” is not a list's name. Names are small letters, digits, dots and dashes."),
    "rule_list_alone": _("A list only stands after in or not in."),
    "rule_bad_step": _("A multiple is of a number that is written out, and is more than zero."),
    "rule_no_text": _("An empty text is in every text: write what to look for."),
    "rule_empty_set": _("Nothing is in an empty list: write at least one value."),
    "rule_mixed_set": _("The values of a list are all texts or all numbers, written out."),
    "rule_empty_range": _("Nothing is between these: the first is more than the second."),
    "rule_not_truth": _("This is %(found)s; a condition, which is true or not, is needed."),
    "rule_constant": _("The rule looks at nothing of the movement, so it says the same of every one."),
}  # fmt: skip
"""Every problem by its stable code; what it says comes first, what to do about it is in it or in its hint."""


class Span(NamedTuple):
    """Where something stands in a rule's text: characters, from 0."""

    position: int
    length: int

    @property
    def end(self) -> int:
        """The position after the last character."""
        return self.position + self.length

    def to(self, end: Span) -> Span:
        """Return the span from the beginning of this to the end of another."""
        return Span(self.position, end.end - self.position)


NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a rule's text, in the language of whoever asked.

    Attributes:
        code: a key of `PROBLEMS`.
        position: the first character it is about, from 0.
        length: how many characters; none where something is missing.
        hint: what was probably meant; may be empty.

    """

    code: str
    position: int
    length: int
    message: str
    hint: str = ""

    @classmethod
    def of(cls, code: str, at: Span, *, hint: str | Promise = "", **values: Any) -> Problem:
        """Return the problem `code`, whose message takes `values`."""
        return cls(code, *at, str(PROBLEMS[code]) % values, str(hint))


class RuleError(BankOpsError):
    """A rule's text is not a rule. Made by `of`; `problems` holds them all, in the order of the text."""

    code = "rule_invalid"
    message = _("Line %(line)s, column %(column)s: %(detail)s")

    @classmethod
    def of(cls, source: str, problems: Iterable[Problem]) -> RuleError:
        """Return the error that tells of `problems`, at least one, the first of them in its own words."""
        told = tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.position, problem.length)))
        line, column = line_and_column(source, told[0].position)
        detail = f"{told[0].message} {told[0].hint}".rstrip()
        return cls(line=line, column=column, detail=detail, problems=told[:PROBLEMS_MAX])

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong, up to `PROBLEMS_MAX`."""
        told: tuple[Problem, ...] = self.context["problems"]
        return told

    def as_dict(self) -> dict[str, Any]:
        """Return the family's shape, with the problems one by one."""
        context = {"problems": [asdict(problem) for problem in self.problems]}
        return {"code": self.code, "detail": str(self), "context": context}


class RuleFault(BankOpsError):
    """A rule cannot be evaluated over these facts. Whoever assesses treats the movement as not assessed: it is reviewed."""

    code = "rule_fault"
    message = _("The rule could not be evaluated: %(what)s. Have the movement looked at by a person.")


class NoRate(RuleFault):
    code = "rule_no_rate"
    message = _("Nobody can tell what %(currency)s is worth: enter a reference rate.")


class FactNotGiven(RuleFault):
    code = "rule_fact_not_given"
    message = _("%(fact)s was not given, though it always is. Have the movement looked at by a person.")


class FactOfWrongType(RuleFault):
    code = "rule_fact_of_wrong_type"
    message = _("%(fact)s should be %(type)s, and is not. Have the movement looked at by a person.")


class NotRead(RuleFault):
    code = "rule_not_read"
    message = _("%(name)s was not read before the rule was evaluated. Have the movement looked at by a person.")


class DividedByZero(RuleFault):
    code = "rule_divided_by_zero"
    message = _("The rule divides by an amount that is zero here: let it multiply instead.")


def line_and_column(source: str, position: int) -> tuple[int, int]:
    """Return where a character stands as people count: lines and columns from 1."""
    before = source[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """Return a hint with the candidate most like `name`, or nothing when none is like it."""
    found = process.extractOne(name, list(candidates), scorer=fuzz.ratio, score_cutoff=60)
    return str(_("Did you mean %(name)s?") % {"name": found[0]}) if found else ""
