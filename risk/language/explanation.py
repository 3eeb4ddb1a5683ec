"""Why a rule hit, or did not: every condition with what it looked at and what it came to.

It evaluates with the very functions that the rule is made of, so that it cannot tell another story than the verdict. It
looks at all conditions, also at those that the evaluation did not need.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from risk.language.compiler import build
from risk.language.exact import converted
from risk.language.meaning import Comparison, Joined, Meaning, Negation
from risk.language.run import FAULTS, Run, fault_of
from risk.language.schema import Facts, Type
from risk.language.wording import answer, sentence, shown, unit_of


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one condition came to, in the reader's language.

    Attributes:
        text: the condition with the values that were compared.
        came_to: None when it cannot be told, or when there was a fault.
        conditions: what it is made of; empty for a single comparison.
        fault: why it could not be evaluated; empty when it could.

    """

    text: str
    came_to: bool | None
    conditions: tuple[Explanation, ...] = ()
    fault: str = ""

    def __str__(self) -> str:
        return f"{self.text}: {self.fault or answer(self.came_to)}"

    def lines(self, depth: int = 0) -> Iterator[str]:
        """Yield this and all it is made of, a line each, what is within something two blanks further in."""
        yield f"{'  ' * depth}{self}"
        for condition in self.conditions:
            yield from condition.lines(depth + 1)

    def reasons(self) -> Iterator[Explanation]:
        """Yield the single comparisons that made it come to this. While all of them stay as they are, so does the answer."""
        if not self.conditions:
            yield self
        for condition in self.conditions:
            if len(self.conditions) == 1 or (condition.came_to is self.came_to and not condition.fault):
                yield from condition.reasons()


def explain(meaning: Meaning, facts: Facts) -> Explanation:
    """Return what a condition came to over `facts`, and why. Nothing in it is raised."""
    return _Explainer(facts).explained(meaning)


class _Explainer:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def explained(self, meaning: Meaning) -> Explanation:
        came_to, fault = self._found(meaning)
        match meaning:
            case Joined(word, conditions):
                text = _("all of these") if word == "and" else _("any of these")
                return Explanation(text, came_to, tuple(map(self.explained, conditions)), fault)
            case Negation(condition):
                return Explanation(_("the opposite of this"), came_to, (self.explained(condition),), fault)
            case _:
                return Explanation(sentence(meaning, self._value_of) + self._in_one(meaning), came_to, fault=fault)

    def _found(self, meaning: Meaning) -> tuple[Any, str]:
        """Return what a part came to, or why it did not."""
        try:
            return build(meaning)(Run(self._facts)), ""
        except FAULTS as reason:
            return None, str(fault_of(reason))

    def _value_of(self, meaning: Meaning) -> str:
        value, _fault = self._found(meaning)
        return shown(value, unit_of(meaning))

    def _in_one(self, meaning: Meaning) -> str:
        """Return what the first of two amounts is in the other's currency, where it was converted."""
        if not isinstance(meaning, Comparison) or meaning.left.type is not Type.MONEY:
            return ""
        left, right = (self._found(part)[0] for part in meaning.parts)
        if left is None or right is None or left.currency == right.currency:
            return ""
        try:
            return _(" (it is worth %(amount)s)") % {"amount": shown(converted(left, right.currency, self._facts.rate))}
        except FAULTS:
            return ""
