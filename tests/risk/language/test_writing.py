"""How a rule is written: its one canonical text, and what is told of a text that is no rule."""

from __future__ import annotations

import pickle

import pytest
from django.utils import translation

from risk.language.errors import PROBLEMS, RuleError
from risk.language.parser import DEPTH_MAX, LENGTH_MAX, NODES_MAX, format_rule, parse
from tests.risk.language.bank import rule


@pytest.mark.parametrize(
    ("source", "canonical"),
    [
        (
            'amount>money( "50000 CNY" )\n  and payee.first_seen_days<7 and count(payer,"1h")>3',
            'amount > money("50000 CNY") and payee.first_seen_days < 7 and count(payer, "1h") > 3',
        ),
        ("(a)", "a"),
        ("a or b and c", "a or (b and c)"),
        ("a and (b and c) and not (d or e)", "a and (b and c) and not (d or e)"),
        ("not (a == b)", "not a == b"),
        ("(not a) == b", "(not a) == b"),
        ("x - (y - z) - 1 < -(2 + 3) * 4", "x - (y - z) - 1 < -(2 + 3) * 4"),
        ("(x - y) - z == 0.50", "x - y - z == 0.50"),
        ("x between 1+2 and (3)", "x between 1 + 2 and 3"),
        ("x not in ['a', \"b'c\", 'd\"e', 'f\\\\']", 'x not in ["a", "b\'c", "d\\"e", "f\\\\"]'),
        ("x in list('regions.high_risk')", 'x in list("regions.high_risk")'),
        ("true == (a and b)", "true == (a and b)"),
        ("\u00a0a\u3000and\tb\r\n", "a and b"),
    ],
)
def test_a_rule_has_one_canonical_text(source: str, canonical: str) -> None:
    assert format_rule(source) == canonical
    assert format_rule(canonical) == canonical
    assert parse(canonical) == parse(source)


def problems(source: str) -> list[tuple[str, str]]:
    """Return the code of each problem with the text it points at."""
    with pytest.raises(RuleError) as refusal:
        parse(source)
    told = refusal.value.problems
    assert all(0 <= problem.position <= problem.position + problem.length <= len(source) for problem in told)
    assert all(problem.message for problem in told)
    return [(problem.code, source[problem.position : problem.position + problem.length]) for problem in told]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("", [("rule_empty", "")]),
        (" \n ", [("rule_empty", "")]),
        ("amount >", [("rule_incomplete", "")]),
        ("not", [("rule_incomplete", "")]),
        ("a and", [("rule_incomplete", "")]),
        ("a b", [("rule_unexpected_token", "b")]),
        ("a) and b", [("rule_unexpected_token", ")")]),
        ("(a and b", [("rule_unclosed_bracket", "(")]),
        ("count(payer", [("rule_unclosed_bracket", "(")]),
        ('x in ["a"', [("rule_unclosed_bracket", "[")]),
        ("x in y", [("rule_unexpected_token", "y")]),
        ("x in", [("rule_incomplete", "")]),
        ("x between 1 or 2", [("rule_unexpected_token", "or")]),
        ("1 < x < 3", [("rule_chained_comparison", "<")]),
        ('x == "abc and y', [("rule_unclosed_text", '"abc and y')]),
        ('x == "a\nb"', [("rule_unclosed_text", '"a'), ("rule_unexpected_token", "b"), ("rule_unclosed_text", '"')]),
        ('x == "a\\nb"', [("rule_bad_escape", "\\n")]),
        ("x == " + "9" * 31, [("rule_bad_number", "9" * 31)]),
        ("x @ 3", [("rule_unexpected_character", "@")]),
        ("x > .5", [("rule_unexpected_character", ".")]),
        ("x == \x00", [("rule_unexpected_character", "\x00")]),
        ('x == "\ud800"', [("rule_unexpected_character", "\ud800")]),
        ('x == "CN\u202e" and y @', [("rule_unexpected_character", "\u202e"), ("rule_unexpected_character", "@")]),
        ('x in ["C\u200bN", "a\tb"]', [("rule_unexpected_character", "\u200b"), ("rule_unexpected_character", "\t")]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(source: str, told: list[tuple[str, str]]) -> None:
    assert problems(source) == told


def test_every_clause_is_read_although_others_cannot_be() -> None:
    source = "amount > 50,000 and (a b) and hour >= and x = 3 or c <> 4"
    assert problems(source) == [
        ("rule_unexpected_token", ","),
        ("rule_unexpected_token", "b"),
        ("rule_unexpected_token", "and"),
        ("rule_unexpected_character", "="),
        ("rule_unexpected_character", "<>"),
    ]
    assert problems('count(payer "1h") > 3 and (a or b c) and count(payer, "1h" > 3') == [
        ("rule_unexpected_token", '"1h"'),
        ("rule_unexpected_token", "c"),
        ("rule_unexpected_token", ">"),
    ]


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("x = 3", "Write == instead."),
        ("x <> 3", "Write != instead."),
        ("x ≥ 3", "Write >= instead."),
        ("a && b", "Write and instead."),
        ("!a", "Write not instead."),
        ('count（payer，"1h"） > 3', "Write ( instead."),
        ("x == “CN”", 'Write straight quotation marks: "…"'),
        ("x > 50,000", "Write numbers without separators: 50000."),
        ("a AND b", "Write and in small letters."),
        ("x > 10m", 'Durations and amounts are texts: "10m", "50000 CNY".'),
        ("x > .5", "Write a digit before the point: 0.5."),
        ("1 < x < 3", "Join them with and, or write: between … and …"),
    ],
)
def test_a_hint_says_what_was_probably_meant(source: str, hint: str) -> None:
    with pytest.raises(RuleError) as refusal:
        parse(source)
    assert refusal.value.problems[0].hint == hint


def test_signs_of_other_languages_are_told_once_and_read_on() -> None:
    """The meant sign takes the place of the written one, so that nothing else is told of such a clause."""
    assert problems("x = 3 && y ≠ “CN”") == [
        ("rule_unexpected_character", "="),
        ("rule_unexpected_character", "&&"),
        ("rule_unexpected_character", "≠"),
        ("rule_unexpected_character", "“CN”"),
    ]


def test_a_rule_is_bounded() -> None:
    longest = "a" * LENGTH_MAX
    assert format_rule(longest) == longest
    assert problems(longest + "a") == [("rule_too_long", longest + "a")]
    parse("not " * (DEPTH_MAX - 1) + "a")
    assert [code for code, _text in problems("not " * DEPTH_MAX + "a")] == ["rule_too_deep"]
    parse("(" * DEPTH_MAX + "a" + ")" * DEPTH_MAX)
    assert [code for code, _text in problems("(" * (DEPTH_MAX + 1) + "a" + ")" * (DEPTH_MAX + 1))] == ["rule_too_deep"]
    assert [code for code, _text in problems("+".join(["a"] * 60))] == ["rule_too_deep"]
    parse(" or ".join(["a"] * (NODES_MAX - 1)))
    assert [code for code, _text in problems(" or ".join(["a"] * NODES_MAX))] == ["rule_too_many_parts"]


def test_the_error_says_where_as_people_count() -> None:
    with pytest.raises(RuleError) as refusal:
        parse("a and\n  b = c")
    assert str(refusal.value) == "Line 2, column 5: “=” has no meaning here. Write == instead."
    assert str(pickle.loads(pickle.dumps(refusal.value))) == str(refusal.value)
    told = refusal.value.as_dict()
    assert told["code"] == "rule_invalid"
    assert told["context"]["problems"] == [
        {
            "code": "rule_unexpected_character",
            "position": 10,
            "length": 1,
            "message": "“=” has no meaning here.",
            "hint": "Write == instead.",
        }
    ]


def test_no_more_than_twenty_problems_are_told() -> None:
    with pytest.raises(RuleError) as refusal:
        parse(" and ".join(["@"] * 50))
    assert len(refusal.value.problems) == 20


def test_every_problem_has_a_text_in_every_language() -> None:
    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert all(code.startswith("rule_") and str(message) for code, message in PROBLEMS.items())


def test_a_compiled_rule_keeps_its_canonical_text() -> None:
    assert rule("hour>=22   or hour<6").text == "hour >= 22 or hour < 6"
