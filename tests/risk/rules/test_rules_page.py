"""The page about rules shows the shipped ones as they are."""

from __future__ import annotations

import pytest

from risk.outcomes import Outcome
from risk.rules.shipped import RULES, Shipped
from tests.architecture.source import ROOT

WORDS = {
    Outcome.APPROVE: "recorded",
    Outcome.REVIEW: "looked at",
    Outcome.BLOCK_AND_REVIEW: "held",
    Outcome.DECLINE: "refused",
}
ROWS = [line for line in (ROOT / "docs" / "rules.md").read_text().splitlines() if line.startswith("| `")]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_it_is_shown(rule: Shipped) -> None:
    assert f"| `{rule.key}` | {rule.explains} | {WORDS[rule.outcome]}, {rule.weight} | {rule.source} |" in ROWS


def test_nothing_else_is_shown() -> None:
    shown = [line for line in ROWS if line.split("`")[1] not in Outcome.values]
    assert len(shown) == len(RULES)
