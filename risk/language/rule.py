"""A rule, ready to be evaluated: `compile_rule` is the way in.

It compiles once, when a version of the rule becomes active; the result holds no state and may be shared by threads.
"""

from __future__ import annotations

from typing import NamedTuple

from risk.language.checker import understand
from risk.language.compiler import build
from risk.language.errors import RuleError, RuleFault
from risk.language.explanation import Explanation, explain
from risk.language.meaning import Meaning, Needs, needs_of
from risk.language.parser import read
from risk.language.run import FAULTS, Run, fault_of
from risk.language.schema import Facts, Schema
from risk.language.syntax import written
from risk.language.wording import sentence


class Verdict(NamedTuple):
    """What a rule says of a movement.

    Attributes:
        hit: None when it cannot be told, because a fact that may be missing is. Then the rule has not hit.
        steps: how much was looked at; never more than the rule has parts.

    """

    hit: bool | None
    steps: int


class Compiled:
    """A rule that was checked.

    Attributes:
        text: its canonical text.
        needs: what to read before it is evaluated.

    """

    __slots__ = ("_evaluate", "_meaning", "needs", "text")

    def __init__(self, text: str, meaning: Meaning) -> None:
        self.text = text
        self.needs: Needs = needs_of(meaning)
        self._meaning = meaning
        self._evaluate = build(meaning)

    def evaluate(self, facts: Facts) -> Verdict:
        """Say whether the rule hits.

        :raises RuleFault: when that cannot be told although the facts are complete: a rate is missing, a list or counter
            was not read, a fact is not what the schema says. The movement then counts as not assessed.
        """
        run = Run(facts)
        try:
            return Verdict(self._evaluate(run), run.steps)
        except RuleFault:
            raise
        except FAULTS as reason:
            raise fault_of(reason) from reason

    def explain(self, facts: Facts) -> Explanation:
        """Say what each condition looked at and came to, in the reader's language. Faults are told, not raised."""
        return explain(self._meaning, facts)

    def describe(self) -> str:
        """Say the rule in a sentence, in the reader's language."""
        return sentence(self._meaning)


def compile_rule(source: str, schema: Schema) -> Compiled:
    """Check and compile a rule.

    :raises RuleError: with everything that is wrong with it, each with its place in `source`.
    """
    tree, problems = read(source)
    meaning, misunderstood = understand(tree, schema)
    problems += misunderstood
    if meaning is None or problems:
        raise RuleError.of(source, problems)
    return Compiled(written(tree), meaning)


def describe_rule(source: str, schema: Schema) -> str:
    """Say a rule in a sentence, in the reader's language.

    :raises RuleError: as `compile_rule` does.
    """
    return compile_rule(source, schema).describe()
