"""Definitions are read strictly: exactly as written, or refused with the place and what is wrong there."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.errors import PolicyUnreadable
from approvals.policies.definition import parse, parse_cached
from tests.approvals.policies.documents import at_least, condition, document, documents, stage
from tests.properties import examples


@examples(100)
@given(documents)
def test_what_is_read_is_written_back_the_same(written: dict[str, Any]) -> None:
    definition = parse(written)
    again = parse(json.loads(json.dumps(definition.to_json())))
    assert again == definition
    assert again.to_json() == definition.to_json()
    assert definition.to_json() == written | {"excluded": dict(sorted(written["excluded"].items()))}


@examples(100)
@given(documents)
def test_reading_changes_nothing_of_the_document(written: dict[str, Any]) -> None:
    before = copy.deepcopy(written)
    assert parse_cached(written) == parse(written)
    assert written == before


def test_an_amount_is_written_with_the_decimal_places_of_its_currency() -> None:
    definition = parse(document(blocks=[[at_least("50000 CNY")], [at_least("7 JPY")]]))
    assert [block[0]["value"] for block in definition.to_json()["blocks"]] == ["50000.00 CNY", "7 JPY"]


REFUSED: list[tuple[str, Any, str]] = [
    ("policy", None, "must be an object"),
    ("policy", ["transactions.transfer"], "must be an object"),
    ("policy", "{}", "must be an object"),
    ("quorums", document(quorums=2), "is not known"),
    ("operations", document(operations=[]), "1 to 100 items"),
    ("operations", document(operations="transactions.transfer"), "must be a list"),
    ("operations", document(operations=["*", "transactions.transfer"]), "every operation"),
    ("operations[0]", document(operations=["transfer"]), "must be an operation"),
    ("operations[0]", document(operations=[""]), "must be a text"),
    ("operations[0]", document(operations=[7]), "must be a text"),
    ("operations[1]", document(operations=["a.b", "a.b"]), "listed twice"),
    ("blocks", document(blocks=None), "must be a list"),
    ("blocks[0]", document(blocks=[[]]), "1 to 100 items"),
    ("blocks[0]", document(blocks=[at_least("1.00 CNY")]), "must be a list"),
    ("blocks[0][0]", document(blocks=[["amount"]]), "must be an object"),
    ("blocks[0][0].value", document(blocks=[[{"field": "amount", "operator": "at_least"}]]), "is missing"),
    ("blocks[0][0].unit", document(blocks=[[at_least("1.00 CNY") | {"unit": "CNY"}]]), "is not known"),
    ("blocks[0][0].field", document(blocks=[[condition("weather", "one_of", ["rain"])]]), "must be one of"),
    ("blocks[0][0].operator", document(blocks=[[condition("amount", "one_of", "1.00 CNY")]]), "must be one of"),
    ("blocks[0][0].operator", document(blocks=[[condition("branch", "at_least", ["001"])]]), "must be one of"),
    ("blocks[0][0].operator", document(blocks=[[condition("hour", "none_of", [1])]]), "must be one of"),
    ("blocks[0][0].value", document(blocks=[[at_least("a lot")]]), "not an amount"),
    ("blocks[0][0].value", document(blocks=[[at_least("50,000.00 CNY")]]), "not an amount"),
    ("blocks[0][0].value", document(blocks=[[at_least("1.001 CNY")]]), "too precise"),
    ("blocks[0][0].value", document(blocks=[[at_least("1.00 XYZ")]]), "not an ISO 4217"),
    ("blocks[0][0].value", document(blocks=[[at_least("-1.00 CNY")]]), "below zero"),
    ("blocks[0][0].value", document(blocks=[[condition("amount", "at_least", 50000.0)]]), "must be a text"),
    ("blocks[0][0].value", document(blocks=[[condition("branch", "one_of", [])]]), "1 to 100 items"),
    ("blocks[0][0].value[0]", document(blocks=[[condition("branch", "one_of", ["0\x001"])]]), "must be a text"),
    ("blocks[0][0].value[0]", document(blocks=[[condition("operation", "one_of", ["*"])]]), "must be an operation"),
    ("blocks[0][0].value[0]", document(blocks=[[condition("currency", "one_of", ["RMB"])]]), "not an ISO 4217"),
    ("blocks[0][0].value[0]", document(blocks=[[condition("maker_role", "one_of", ["boss"])]]), "must be one of"),
    ("blocks[0][0].value[0]", document(blocks=[[condition("channel", "one_of", ["fax"])]]), "must be one of"),
    ("blocks[0][0].value", document(blocks=[[condition("risk_band", "at_least", "extreme")]]), "must be one of"),
    ("blocks[0][0].value[1]", document(blocks=[[condition("hour", "one_of", [1, 24])]]), "from 0 to 23"),
    ("blocks[0][0].value", document(blocks=[[condition("hour", "between", [22])]]), "2 to 2 items"),
    ("blocks[0][0].value[1]", document(blocks=[[condition("hour", "between", [8, 8])]]), "listed twice"),
    ("blocks[0][0].value[0]", document(blocks=[[condition("hour", "between", [8.0, 18])]]), "whole number"),
    ("stages", document(stages=[]), "1 to 5 items"),
    ("stages", document(stages=[stage()] * 6), "1 to 5 items"),
    ("stages[0].role", document(stages=[stage("teller")]), "must be one of"),
    ("stages[0].role", document(stages=[stage("god")]), "must be one of"),
    ("stages[1].quorum", document(stages=[stage(), stage(quorum=0)]), "from 1 to 5"),
    ("stages[0].quorum", document(stages=[stage(quorum=6)]), "from 1 to 5"),
    ("stages[0].quorum", document(stages=[stage(quorum=True)]), "whole number"),
    ("stages[0].quorum", document(stages=[stage() | {"quorum": 2.0}]), "whole number"),
    ("stages[0].assigned", document(stages=[stage(quorum=3, assigned=2)]), "from 3 to 20"),
    ("stages[0].one_time_code", document(stages=[stage(one_time_code=1)]), "true or false"),
    ("expires_after_minutes", document(expires_after_minutes=4), "from 5 to 43200"),
    ("expires_after_minutes", document(expires_after_minutes=43201), "from 5 to 43200"),
    ("pair_limit", document(pair_limit=0), "from 1 to 20"),
    ("pair_limit", document(pair_limit=21), "from 1 to 20"),
    ("stand_ins", document(stand_ins="yes"), "true or false"),
    ("excluded", document(excluded=[]), "must be an object"),
    ("excluded.boss", document(excluded={"boss": ["teller"]}), "is not a role"),
    ("excluded.teller[0]", document(excluded={"teller": ["boss"]}), "must be one of"),
    ("excluded.teller[0]", document(excluded={"teller": ["first_reviewer"]}), "decides at a stage"),
]


@pytest.mark.parametrize(("path", "written", "problem"), REFUSED)
def test_what_is_malformed_is_refused_with_its_place(path: str, written: Any, problem: str) -> None:
    with pytest.raises(PolicyUnreadable) as caught:
        parse(written)
    assert caught.value.code == "policy_unreadable"
    assert caught.value.context["path"] == path
    assert problem in str(caught.value)


@pytest.mark.parametrize("name", sorted(document()))
def test_nothing_may_be_missing(name: str) -> None:
    written = document()
    del written[name]
    with pytest.raises(PolicyUnreadable) as caught:
        parse(written)
    assert (caught.value.context["path"], str(caught.value.context["problem"])) == (name, "is missing")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*document(), "x"]), inner, max_size=4),
    max_leaves=20,
)


@examples(100)
@given(st.sampled_from(sorted(document())), anything)
def test_whatever_is_written_is_read_or_refused_never_more(name: str, value: Any) -> None:
    """Bad input is an anticipated refusal, not a fault of the program."""
    path, same = read(document() | {name: value}, name, value)
    assert same or path.startswith(name)


def read(written: dict[str, Any], name: str, value: Any) -> tuple[str, bool]:
    """Return the path of the refusal, or else whether the value was read as it was written."""
    try:
        return "", parse(written).to_json()[name] == value
    except PolicyUnreadable as refusal:
        return refusal.context["path"], False
