"""What nobody must miss who agrees to a change: it asks for less than before."""

from __future__ import annotations

from typing import Any

import pytest

from approvals.policies import laxer
from approvals.policies.definition import Definition, parse
from tests.approvals.policies.documents import at_least, condition, document, stage

CASE = [at_least("50000.00 CNY"), condition("channel", "one_of", ["staff"])]
NARROWER = (
    "What asked for consent until now may no longer do so: amount at least CNY 50,000.00 and channel one of staff."
)


def pays(**changes: Any) -> Definition:
    return parse(document(**{"operations": ["tests.pay"], "blocks": [CASE]} | changes))


BEFORE = pays()
ALWAYS = pays(blocks=[])


def said(before: Definition | None, after: Definition | None, *others: Definition) -> list[str]:
    return laxer.warnings(before, after, others, "CNY")


def test_fewer_people_fewer_codes_fewer_operations() -> None:
    after = pays(operations=["tests.collect"], blocks=[], stages=[stage("final_reviewer", one_time_code=False)])
    assert said(BEFORE, after, parse(document(operations=["tests.collect"]))) == [
        "Fewer people have to agree than before: 1 instead of 2.",
        "Fewer stages ask for a one-time code than before.",
        "The policy no longer covers: tests.pay.",
    ]


def test_the_first_to_cover_an_operation_ends_the_strict_default_for_it() -> None:
    (warning,) = said(None, BEFORE)
    assert warning == "Until now this always needed two reviewers, because no policy covered it: tests.pay."
    assert said(None, BEFORE, ALWAYS) == []
    assert said(None, ALWAYS) == [], "always, by two people with codes: as strict as the default"
    assert said(None, pays(blocks=[], stages=[stage("finance")])) == [warning]
    assert said(BEFORE, pays(operations=["tests.pay", "tests.collect"])) == [
        warning.replace("tests.pay", "tests.collect")
    ]


def test_a_policy_for_everything_is_the_first_to_cover_what_is_registered_and_uncovered() -> None:
    every = pays(operations=["*"])
    (warning,) = said(None, every, parse(document(operations=["transactions.transfer", "transactions.withdraw"])))
    assert "transactions.reverse" in warning
    assert "(transactions.transfer)" not in warning
    assert "staff.grant_role" not in warning, "two people always agree to that, whatever policies say"


@pytest.mark.parametrize(
    "blocks",
    [
        [[at_least("60000.00 CNY"), CASE[1]]],
        [[*CASE, condition("hour", "one_of", [3])]],
        [[at_least("50000.00 USD"), CASE[1]], [condition("hour", "one_of", [3])]],
        [[condition("amount", "more_than", "50000.00 CNY")]],
    ],
    ids=["limit raised", "condition added", "case removed", "another comparison"],
)
def test_a_case_that_may_no_longer_ask_for_consent_is_named(blocks: list[Any]) -> None:
    assert said(BEFORE, pays(blocks=blocks))[0] == NARROWER


@pytest.mark.parametrize(
    "blocks",
    [
        [],
        [CASE],
        [[at_least("20000.00 CNY"), CASE[1]]],
        [[CASE[0]]],
        [[condition("hour", "one_of", [3])], CASE],
    ],
    ids=["always", "same", "limit lowered", "condition taken away", "case added"],
)
def test_what_asks_for_consent_at_least_as_often_needs_no_warning(blocks: list[Any]) -> None:
    assert said(BEFORE, pays(blocks=blocks)) == []


def test_an_upper_limit_is_laxer_when_it_sinks() -> None:
    before, lower, higher = (
        pays(blocks=[[condition("amount", "at_most", f"{figure} CNY")]]) for figure in ("500.00", "400.00", "600.00")
    )
    assert len(said(before, lower)) == 1
    assert said(before, higher) == []


def test_conditions_where_there_were_none() -> None:
    assert said(ALWAYS, BEFORE) == ["The policy applied always; now it applies under conditions only."]


def test_laxer_terms() -> None:
    strict = pays(stand_ins=False)
    after = pays(expires_after_minutes=2880, pair_limit=5, excluded={})
    assert said(strict, after) == [
        "Requests stay open for longer: 2 days instead of 1 day.",
        "The same reviewer may approve the same maker's requests more often in a row: at most 5 times.",
        "Somebody may now act for an assigned reviewer.",
        "More people may review than before: Teller for what is made by Teller.",
    ]
    assert said(after, strict) == []


def test_what_retiring_a_policy_means() -> None:
    assert len(said(BEFORE, None)) == 2


def test_a_limit_in_foreign_money() -> None:
    (warning,) = said(None, parse(document(blocks=[[at_least("9000.00 USD")]])), parse(document()))
    assert warning.startswith("A limit in USD is compared with amounts in USD only.")
