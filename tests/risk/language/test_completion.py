"""What may come next while a rule is being written."""

from __future__ import annotations

import pytest

from risk.language.completion import Suggestion, complete
from tests.risk.language.bank import SCHEMA

NUMBERS = ["hour", "payer.dormant_days", "payee.first_seen_days"]
TEXTS = ["kind", "remittance", "payer.country", "payee.name", "device.last_country"]
ORDERED = ["<", "<=", ">", ">=", "between", "==", "!="]


def suggested(source: str) -> list[str]:
    """Return what is suggested where `|` stands in a text, else at its end."""
    before, _cursor, after = source.partition("|")
    return [suggestion.text for suggestion in complete(before + after, len(before), SCHEMA)]


def test_at_the_beginning_anything_may_stand() -> None:
    found = suggested("")
    assert {*SCHEMA.facts, "not", "count(", "known(", "money("} <= set(found)
    assert not {"list(", "and", "true"} & set(found)
    assert suggested("hour > 3 and ") == found
    assert suggested("(") == found


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("am", ["amount", "payee.name"]),
        ("AM", ["amount", "payee.name"]),
        ("first", ["payee.first_seen_days"]),
        ("payee.", ["payee.first_seen_days", "payee.name"]),
        ("hour > 3 and payer.|", ["payer.country", "payer.dormant_days", "payer.opened", "payer.is_staff"]),
        ("amount ", ORDERED),
        ("hour ", [*ORDERED, "in", "not in"]),
        ("hour * 2 ", [*ORDERED, "in", "not in"]),
        ('count(payer, "1h") ', [*ORDERED, "in", "not in"]),
        ("payee.name ", ["==", "!=", "in", "not in"]),
        ("cash ", ["and", "or", "==", "!="]),
        ("nothing_known ", ["and", "or", *ORDERED, "in", "not in"]),
        ("amount >", ["amount", "fee", "money(", "sum("]),
        ("amount > m", ["money(", "amount", "sum("]),
        ("moment - payer.opened ", ORDERED),
        ("session > ", ["session", "duration("]),
        ("hour == ", [*NUMBERS, "count(", "distinct_payees(", "distinct_payers("]),
        ("hour between 1 ", ["and"]),
        ("hour between 1 and ", [*NUMBERS, "count(", "distinct_payees(", "distinct_payers("]),
        ("hour between 1 and 5 ", ["and", "or"]),
        ("(hour > 3) ", ["and", "or", "==", "!="]),
        ('kind == "transfer" o', ["or"]),
        ("kind == ", ['"transfer"', '"deposit"', '"withdrawal"', '"refund"', *TEXTS]),
        ('kind == "re', ['"refund"']),
        ("kind in [", ['"transfer"', '"deposit"', '"withdrawal"', '"refund"']),
        ('kind in ["transfer", "w', ['"withdrawal"']),
        ("payer.country in ", ["[", 'list("regions.high_risk")', 'list("payees.white")']),
        ("payer.country not ", ["in"]),
        ('payer.country in list("reg', ['"regions.high_risk"']),
        ("cash == ", ["cash", "payer.is_staff", "known(", "multiple_of(", "contains(", "starts_with(", "true", "false"]),
        ("count(", ["payer", "payee", "customer", "device", "pair"]),
        ("distinct_payees(", ["payer", "customer", "device"]),
        ("count(payer, ", ['"1m"', '"10m"', '"1h"', '"24h"', '"7d"', '"30d"', '"90d"']),
        ('count(payer, "2', ['"24h"']),
        ("multiple_of(", ["amount", "hour", "fee", *NUMBERS[1:]]),
        ("contains(re", ["remittance"]),
        ("contains(remittance, ", []),
        ("no_such_function(", []),
        ('amount > money("', []),
    ],
)  # fmt: skip
def test_what_fits_is_suggested(source: str, texts: list[str]) -> None:
    assert sorted(suggested(source)) == sorted(texts)


def test_what_begins_like_what_is_written_comes_first() -> None:
    assert suggested("co")[:2] == ["count(", "contains("]
    assert suggested("amount > m")[0] == "money("


def test_a_suggestion_replaces_the_word_that_was_begun() -> None:
    source = 'hour > 3 and payee.fi and count(payer, "1'
    assert [found.replaces_from for found in complete(source, source.index(" and count"), SCHEMA)] == [13]
    assert {found.replaces_from for found in complete(source, len(source), SCHEMA)} == {source.rindex('"')}
    assert {found.replaces_from for found in complete("hour ", 5, SCHEMA)} == {5}


def test_a_suggestion_says_what_it_is() -> None:
    (days,) = complete("payee.first", 11, SCHEMA)
    assert days == Suggestion(
        "payee.first_seen_days",
        "fact",
        "Days since the first payment (a number of days) It may be missing.",
        0,
    )
    (count,) = complete("count", 4, SCHEMA)[:1]
    assert (count.text, count.kind) == ("count(", "function")
    assert 'count(payer, "1h")' in count.description
    assert "is not counted in" in count.description


def test_every_suggestion_in_a_rule_leads_on() -> None:
    """Written from suggestions alone, word by word, a rule compiles."""
    source = ""
    for wanted in [
        "payee.first_seen_days",
        "<",
        "hour",
        "and",
        "cash",
        "==",
        "true",
        "or",
        "kind",
        "in",
        "[",
        '"refund"',
    ]:
        assert wanted in suggested(source)
        source += f"{wanted} "
    assert suggested(f"{source}] ") == ["and", "or"]
