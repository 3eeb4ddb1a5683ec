"""What holds for every rule, every text and all facts."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from risk.language.checker import understand
from risk.language.completion import complete
from risk.language.errors import RuleError, RuleFault
from risk.language.parser import DEPTH_MAX, LENGTH_MAX, NODES_MAX, format_rule, parse
from risk.language.rule import Compiled, compile_rule
from risk.language.syntax import Node, nodes, written
from tests.properties import examples
from tests.risk.language.bank import SCHEMA, GivenFacts, facts
from tests.risk.language.naive import Fault, Naive
from tests.risk.language.random_rules import any_trees, conditions, money_comparisons, random_facts

PIECES = [
    *(
        "amount",
        "payee.first_seen_days",
        "kind",
        "hour",
        "cash",
        "x.y",
        "payer",
        "known",
        "count",
        "sum",
        "list",
        "money",
    ),
    *("and", "or", "not", "in", "between", "true", "AND", "==", "<", ">=", *'()[],.=<>+-*/“？é"\\\n \x00'),
    *("0", "1", "7.5", "9" * 31, '"1h"', '"50000 CNY"', "'CN'"),
    *(begin * 45 for begin in ("(", "-", "not ", "[", "count(")),
]
several_pieces = st.lists(st.sampled_from(PIECES), max_size=25)
broken_rules = st.tuples(conditions.map(written), st.integers(0, 80), st.text(max_size=3)).map(
    lambda drawn: drawn[0][: drawn[1]] + drawn[2] + drawn[0][drawn[1] :]
)
texts = st.one_of(st.text(max_size=60), several_pieces.map(" ".join), several_pieces.map("".join), broken_rules)


def small_enough(tree: Node) -> bool:
    sizes = [depth for _node, depth in nodes(tree)]
    return len(sizes) <= NODES_MAX and max(sizes) <= DEPTH_MAX and len(written(tree)) <= LENGTH_MAX


@given(any_trees)
@examples(150)
def test_what_was_written_is_what_was_meant(tree: Node) -> None:
    assume(small_enough(tree))
    text = written(tree)
    assert parse(text) == tree
    assert format_rule(text) == text


@given(texts, st.integers(-1, 90))
@examples(250)
def test_no_text_does_anything_but_compile_or_be_refused_with_its_places(text: str, position: int) -> None:
    for suggestion in complete(text, position, SCHEMA):
        assert 0 <= suggestion.replaces_from <= max(position, 0)
        assert suggestion.text
    try:
        compiled = compile_rule(text, SCHEMA)
    except RuleError as reason:
        refusal = reason
    else:
        compiles_again(compiled)
        return
    assert str(refusal)
    assert refusal.problems
    for problem in refusal.problems:
        assert 0 <= problem.position <= problem.position + problem.length <= len(text)
        assert "%(" not in problem.message + problem.hint


def compiles_again(compiled: Compiled) -> None:
    assert compile_rule(compiled.text, SCHEMA).text == compiled.text
    assert compiled.describe()
    assert list(compiled.explain(facts()).lines())


@given(conditions, random_facts)
@examples(200)
def test_a_compiled_rule_comes_to_what_the_tree_says(tree: Node, given_facts: GivenFacts) -> None:
    agree(tree, given_facts)


@given(money_comparisons, random_facts)
@examples(150)
def test_amounts_are_compared_by_what_they_are_worth(tree: Node, given_facts: GivenFacts) -> None:
    agree(tree, given_facts)


def agree(tree: Node, given_facts: GivenFacts) -> None:
    """Prove that rule, explanation and naive evaluator say the same, three values and faults included."""
    assume(small_enough(tree))
    meaning, problems = understand(tree, SCHEMA)
    assume({problem.code for problem in problems} <= {"rule_empty_range", "rule_bad_divisor", "rule_constant"})
    assume(meaning)
    compiled = compile_rule(written(tree), SCHEMA)
    explained = compiled.explain(given_facts)
    try:
        expected = Naive(given_facts).of(tree)
    except Fault:
        with pytest.raises(RuleFault):
            compiled.evaluate(given_facts)
        assert explained.fault
        return
    verdict = compiled.evaluate(given_facts)
    assert verdict.hit is expected
    assert (explained.came_to, explained.fault) == (expected, "")
    assert [reason for reason in explained.reasons() if reason.conditions] == []
    assert list(explained.reasons())
    assert 0 <= verdict.steps <= sum(1 for _ in nodes(tree))
