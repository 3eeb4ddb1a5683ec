"""What the help and the page of the language say is so."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from bankops.core.money import Money
from risk.fact_schema import SCHEMA
from risk.facts import Facts, History, MovementKind, Party
from risk.language.errors import PROBLEMS
from risk.language.functions import FUNCTIONS, Function, help_of
from risk.language.rule import compile_rule
from risk.language.schema import WINDOWS, Counter, Measure, Subject

PAGE = (Path(settings.BASE_DIR) / "docs/rule-language.md").read_text()
RULES = re.findall(r"```rule\n(.*?)\n```", PAGE, re.DOTALL)
_COMPLETED = {
    "money": "amount > {}",
    "duration": "moment - moment < {}",
    "moment": "moment < {}",
    "list": "payee.country in {}",
    "count": "{} > 3",
    "sum": "{} > amount",
    "distinct_payees": "{} > 3",
    "distinct_payers": "{} > 3",
}
"""How the example of a function that is no condition becomes one."""


def test_there_are_rules_on_the_page() -> None:
    assert len(RULES) >= 4


def test_the_example_over_the_facts_of_a_movement() -> None:
    """The page shows what is explained here."""
    given = Facts(
        movement="tr_1",
        kind=MovementKind.TRANSFER,
        channel="staff",
        amount=Money(80_000_00, "CNY"),
        base_amount=Money(80_000_00, "CNY"),
        moment=datetime(2026, 11, 20, 15, 30, tzinfo=UTC),
        hour=23,
        weekday=5,
        payer=Party(account="acc_1", ours=True),
        payee=Party(account="acc_2", ours=True),
        history=History(payee_first_seen_days=3),
        counters={Counter(Measure.COUNT, Subject.PAYER, "1h"): 4},
    )
    compiled = compile_rule(RULES[0], SCHEMA)
    assert compiled.evaluate(given).hit is True
    assert "\n".join(compiled.explain(given).lines()) in PAGE


@pytest.mark.parametrize("source", RULES)
def test_a_rule_on_the_page_is_one(source: str) -> None:
    assert compile_rule(source, SCHEMA).text == source


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda function: function.name)
def test_the_help_of_a_function_shows_what_is_right(function: Function) -> None:
    name, signature = function.name, function.signature
    assert compile_rule(_COMPLETED.get(name, "{}").format(signature), SCHEMA).needs
    assert f"{name}(" in PAGE
    assert help_of(name)


def test_the_page_names_every_problem_every_window_and_every_subject() -> None:
    assert [code for code in PROBLEMS if f"`{code}`" not in PAGE] == []
    assert [window for window in WINDOWS if f'`"{window}"`' not in PAGE] == []
    assert [subject for subject in Subject if f"`{subject}`" not in PAGE] == []
