"""What a rule may say: names that there are, values of types that go together. Nothing else can be saved."""

from __future__ import annotations

import pytest

from risk.language.errors import RuleError
from risk.language.rule import compile_rule
from risk.language.schema import Counter, Fact, Measure, Schema, Subject, Type
from tests.risk.language.bank import LISTS, SCHEMA, rule


def problems(source: str) -> list[tuple[str, str]]:
    """Return the code of each problem with the text it points at."""
    with pytest.raises(RuleError) as refusal:
        rule(source)
    return [
        (problem.code, source[problem.position : problem.position + problem.length])
        for problem in refusal.value.problems
    ]


def hint(source: str) -> str:
    with pytest.raises(RuleError) as refusal:
        rule(source)
    return refusal.value.problems[0].hint


@pytest.mark.parametrize(
    ("source", "code", "place"),
    [
        ("hours > 3", "rule_unknown_fact", "hours"),
        ("payee.seen == 3", "rule_unknown_fact", "payee.seen"),
        ("payer == 3", "rule_unknown_fact", "payer"),
        ("known(payee.seen)", "rule_unknown_fact", "payee.seen"),
        ('counts(payer, "1h") > 3', "rule_unknown_function", 'counts(payer, "1h")'),
        ('payer.country in set("regions.high_risk")', "rule_unknown_function", 'set("regions.high_risk")'),
        ('count(amount, "1h") > 3', "rule_unknown_subject", "amount"),
        ('count(3, "1h") > 3', "rule_unknown_subject", "3"),
        ('distinct_payees(payee, "1h") > 3', "rule_unknown_subject", "payee"),
        ('payer.country in list("regions.low_risk")', "rule_unknown_list", '"regions.low_risk"'),
        ('payer.country in list("Regions!")', "rule_bad_list_name", '"Regions!"'),
        ('list("regions.high_risk")', "rule_list_alone", 'list("regions.high_risk")'),
        ('kind == "tranfer"', "rule_unknown_value", '"tranfer"'),
        ('"tranfer" != kind', "rule_unknown_value", '"tranfer"'),
        ('kind in ["refund", "cheque"]', "rule_unknown_value", '"cheque"'),
        ("amount", "rule_not_truth", "amount"),
        ("hour and cash", "rule_not_truth", "hour"),
        ("not hour", "rule_not_truth", "hour"),
        ("hour or cash", "rule_not_truth", "hour"),
        ("amount > 50000", "rule_not_comparable", "amount > 50000"),
        ('session > "10m"', "rule_not_comparable", 'session > "10m"'),
        ("cash == 1", "rule_not_comparable", "cash == 1"),
        ('hour in ["a"]', "rule_not_comparable", 'hour in ["a"]'),
        ("hour between amount and 3", "rule_not_comparable", "hour between amount and 3"),
        ('kind < "refund"', "rule_not_ordered", 'kind < "refund"'),
        ("cash > false", "rule_not_ordered", "cash > false"),
        ("payee.name between kind and kind", "rule_not_ordered", "payee.name between kind and kind"),
        ("amount * amount > fee", "rule_not_calculable", "amount * amount"),
        ("amount + 3 > fee", "rule_not_calculable", "amount + 3"),
        ("hour / amount > 3", "rule_not_calculable", "hour / amount"),
        ("moment + moment > moment", "rule_not_calculable", "moment + moment"),
        ("hour / hour > 1", "rule_bad_divisor", "hour"),
        ("hour / 0 > 1", "rule_bad_divisor", "0"),
        ("amount / -0.0 > fee", "rule_bad_divisor", "-0.0"),
        ('amount / money("0 CNY") > 1', "rule_bad_divisor", 'money("0 CNY")'),
        ("-kind == kind", "rule_type_mismatch", "kind"),
        ('hour in list("regions.high_risk")', "rule_type_mismatch", "hour"),
        ('contains(hour, "1")', "rule_type_mismatch", "hour"),
        ("multiple_of(kind, 10)", "rule_type_mismatch", "kind"),
        ("multiple_of(amount, 0)", "rule_bad_step", "0"),
        ("multiple_of(amount, hour)", "rule_bad_step", "hour"),
        ('contains(remittance, "")', "rule_no_text", '""'),
        ('amount > money("50000")', "rule_bad_money", '"50000"'),
        ('amount > money("50,000 CNY")', "rule_bad_money", '"50,000 CNY"'),
        ('amount > money("0.001 CNY")', "rule_bad_money", '"0.001 CNY"'),
        ('amount > money("5 XXX")', "rule_bad_money", '"5 XXX"'),
        ('session > duration("1w")', "rule_bad_duration", '"1w"'),
        ('session > duration("9999999d")', "rule_bad_duration", '"9999999d"'),
        ('moment > moment("2026-01-31")', "rule_bad_moment", '"2026-01-31"'),
        ('moment > moment("2026-01-31T08:00:00")', "rule_bad_moment", '"2026-01-31T08:00:00"'),
        ('count(payer, "2h") > 3', "rule_bad_window", '"2h"'),
        ("count(payer) > 3", "rule_bad_arguments", "count(payer)"),
        ("count(payer, 1) > 3", "rule_bad_arguments", "count(payer, 1)"),
        ("known(amount, fee)", "rule_bad_arguments", "known(amount, fee)"),
        ("known(amount + fee)", "rule_bad_arguments", "known(amount + fee)"),
        ("money(kind) > amount", "rule_bad_arguments", "money(kind)"),
        ("payer.country in []", "rule_empty_set", "[]"),
        ("payer.country in [kind]", "rule_mixed_set", "kind"),
        ('payer.country in ["CN", 3]', "rule_mixed_set", "3"),
        ("hour between 22 and 6", "rule_empty_range", "hour between 22 and 6"),
        ('fee between money("2 CNY") and -money("1 CNY")', "rule_empty_range", 'fee between money("2 CNY") and -money("1 CNY")'),
        ("true", "rule_constant", "true"),
        ('1 < 2 and money("3 CNY") == money("4 CNY")', "rule_constant", '1 < 2 and money("3 CNY") == money("4 CNY")'),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_at_its_place(source: str, code: str, place: str) -> None:
    assert problems(source) == [(code, place)]


@pytest.mark.parametrize(
    ("source", "meant"),
    [
        ("first_seen_days < 7", "Did you mean payee.first_seen_days?"),
        ("payr.country == payee.name", "Did you mean payer.country?"),
        ("payer == 3", 'Movements are counted like this: count(payer, "24h")'),
        ('cnt(payer, "1h") > 3', "Did you mean count?"),
        ('count(payers, "1h") > 3', "Did you mean payer?"),
        ('payer.country in list("region.highrisk")', "Did you mean regions.high_risk?"),
        ('kind == "tranfer"', "Did you mean transfer?"),
        ('kind == "x"', "It is one of: transfer, deposit, withdrawal, refund."),
        ("amount > 50000", 'Write an amount like this: money("50000 CNY")'),
        ('session > "10m"', 'Write a duration like this: duration("24h")'),
        ('"2026-01-31" < moment', 'Write a moment like this: moment("2026-01-31T08:00:00+08:00")'),
        ("hour between 22 and 6", "Over midnight, for example: hour >= 22 or hour < 6"),
        ("hour / hour > 1", "Multiply the other side instead."),
        ("qqqqqqqq == 1", ""),
    ],
)
def test_a_hint_says_what_was_probably_meant(source: str, meant: str) -> None:
    assert hint(source) == meant


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """Also when a clause cannot even be read; nothing is told twice."""
    source = 'amount > 5 and first_seen < 3 and (hour = 3 or count(payr, "2h") > kind) and x in [3 and kind == "a"'
    assert problems(source) == [
        ("rule_not_comparable", "amount > 5"),
        ("rule_unknown_fact", "first_seen"),
        ("rule_unexpected_character", "="),
        ("rule_unknown_subject", "payr"),
        ("rule_bad_window", '"2h"'),
        ("rule_unexpected_token", "and"),
    ]


def test_a_subject_that_could_not_be_read_is_refused_like_any_other() -> None:
    assert problems('count((amount and @), "1h") > 3') == [
        ("rule_unknown_subject", "amount and @"),
        ("rule_unexpected_character", "@"),
    ]


def test_what_a_rule_needs_is_known_before_it_is_evaluated() -> None:
    needs = rule(
        'amount > sum(payer, "24h") * 3 and count(pair, "1h") == 0 and not known(payee.name)'
        ' and payer.country not in list("regions.high_risk") and (hour > 3 or hour < count(pair, "1h"))'
    ).needs
    assert needs.facts == {"amount", "payee.name", "payer.country", "hour"}
    assert needs.lists == {"regions.high_risk"}
    assert needs.counters == {
        Counter(Measure.SUM, Subject.PAYER, "24h"),
        Counter(Measure.COUNT, Subject.PAIR, "1h"),
    }
    both = needs | rule('payee.name in list("payees.white")').needs
    assert (both.lists, both.counters) == (frozenset(LISTS), needs.counters)


def test_lists_may_be_unknown_while_rules_are_written() -> None:
    schema = Schema(SCHEMA)
    source = 'payer.country in list("not.there_yet")'
    assert compile_rule(source, schema).needs.lists == {"not.there_yet"}
    assert len(schema) == len(SCHEMA.facts)
    with pytest.raises(RuleError):
        compile_rule(source, schema.with_lists(LISTS))


@pytest.mark.parametrize("name", ["Amount", "amount.", "a.in", "not", "1a", "a b", ""])
def test_a_fact_has_a_name_that_can_be_written(name: str) -> None:
    with pytest.raises(ValueError, match="is no name for a fact"):
        Fact(name, Type.NUMBER, "?")


def test_a_schema_contradicts_itself_nowhere() -> None:
    fact = Fact("hour", Type.NUMBER, "?")
    with pytest.raises(ValueError, match="named twice"):
        Schema([fact, fact])
    with pytest.raises(ValueError, match="no name for a list"):
        Schema([fact], lists={"High Risk": "?"})
    with pytest.raises(ValueError, match="only texts have choices"):
        Fact("hour", Type.NUMBER, "?", choices=("1",))
