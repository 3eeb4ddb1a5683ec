"""A transfer is read the same whether it comes alone or as the only item of a batch: same verdict, same codes, same values."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from bankops.core import ids
from bankops.core.api.parsing import FloatLiteral
from bankops.core.api.problems import form_problem
from bankops.core.api.views import validated
from tests.properties import examples
from transactions.api.batch_inputs import BatchInput, ItemInput
from transactions.api.inputs import NARRATIVE_MAX, TransferInput
from transactions.models.transfer_batch import REFERENCE_MAX
from transactions.operations.origins import origin_of
from transactions.refusals import CAPACITY

MISSING = object()
ACCOUNT = ids.encode("acc", UUID(int=7))
OTHERS = [None, MISSING, True, 0, 7, -1, [], [1], {}, {"a": 1}, FloatLiteral("1.5"), "", " ", "\u00a0"]
ACCOUNTS = [
    ACCOUNT,
    ACCOUNT.upper(),
    f" {ACCOUNT}",
    ACCOUNT[:-1],
    f"{ACCOUNT}0",
    ids.encode("tr", UUID(int=7)),
    "acc_",
    "6200 0000 0012",
    "acc_" + "u" * 26,
    "x" * 200,
]
PAYEES = [
    *ACCOUNTS,
    {"number": "6200 0000 0012"},
    {"number": "  12  "},
    {"number": ""},
    {"number": "  "},
    {"number": "x" * 40},
    {"number": "x" * 41},
    {"number": " " + "x" * 40 + " "},
    {"number": 12},
    {"number": None},
    {"number": "1", "name": "x"},
    {"iban": "1"},
]
AMOUNTS = [
    "1250.00",
    "0",
    "0.00",
    "0.01",
    "1.005",
    "1",
    "01.00",
    "1.",
    ".5",
    "-1.00",
    "+1.00",
    "1e3",
    "1,00",
    " 1.00",
    "NaN",
    "١",
]
LARGE = ["9" * 30, "92233720368547758.07", "92233720368547758.08", "9" * 31]
TEXTS = [
    "x",
    " x ",
    "x" * REFERENCE_MAX,
    "x" * (REFERENCE_MAX + 1),
    " " * 50 + "x",
    "é" * 35,
    "\u200b",
    "\n",
    "a\nb",
    "x\ty",
]
NARRATIVES = [*TEXTS, "x" * (NARRATIVE_MAX or 0), "x" * ((NARRATIVE_MAX or 0) + 1)]
CONTEXTS = [
    {},
    {"device_id": "d-1", "ip_address": "::ffff:203.0.113.7", "country": "CN"},
    {"device_id": " d-1 "},
    {"device_id": "d" * 129, "country": "CN"},
    {"device_id": "", "ip_address": "203.0.113"},
    {"ip_address": "fe80::1%eth0"},
    {"ip_address": "x" * 60, "country": "cn"},
    {"country": "XX"},
    {"country": None},
    {"country": 7, "city": "Paris"},
]
CURRENCIES = ["CNY", "JPY", "KWD", "EUR"]


def one_of(values: list[Any]) -> st.SearchStrategy[Any]:
    """Return good values as often as all that is wrong."""
    return st.one_of(st.just(values[0]), st.just(values[0]), st.sampled_from([*values, *OTHERS]))


def texts(most: int) -> st.SearchStrategy[str]:
    """Return texts that the parser lets through: no NUL, no half characters."""
    return st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=most)


def wishes() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "from_account": one_of(ACCOUNTS),
            "to_account": one_of(PAYEES),
            "amount": one_of([*AMOUNTS, *LARGE]) | st.from_regex(r"[0-9]{1,4}(\.[0-9]{0,4})?", fullmatch=True),
            "reference": one_of(TEXTS) | texts(40),
            "narrative": one_of([MISSING, *NARRATIVES]) | texts(10),
            "context": st.sampled_from([MISSING, MISSING, *CONTEXTS, *OTHERS]),
            "status": st.sampled_from([MISSING, MISSING, MISSING, MISSING, "posted"]),
        }
    )


def verdict(form: type[Any], body: dict[str, Any], below: str) -> tuple[Any, dict[str, str]]:
    """Return what a form makes of a body, and which fields it complains about with which codes."""
    try:
        return validated(form, body), {}
    except ValidationError as refusal:
        told = form_problem(refusal)
        several = [told, *told.get("errors", [])]
        return None, {each.get("param", "").removeprefix(below): each["code"] for each in several}


def test_both_forms_accept_and_refuse_the_same() -> None:
    accepted: list[str] = []

    @examples(600)
    @example(
        wish={"from_account": ACCOUNT, "to_account": ACCOUNT, "amount": "9" * 30, "reference": "x"}, currency="CNY"
    )
    @given(wish=wishes(), currency=st.sampled_from(CURRENCIES))
    def compare(wish: dict[str, Any], currency: str) -> None:
        accepted.extend([currency] * read_the_same(wish, currency))

    compare()
    assert len(accepted) > 10, "nearly everything was refused: the two agreed about little else"


def read_the_same(wish: dict[str, Any], currency: str) -> bool:
    """Hold both forms to one another over one wish; tell whether both accepted it."""
    item = {name: value for name, value in wish.items() if value is not MISSING}
    alone, refused_alone = verdict(TransferInput, {**item, "currency": currency}, "")
    batch, refused_there = verdict(BatchInput, {"reference": "B", "currency": currency, "items": [item]}, "items.0.")
    if not (batch is None and refused_there == {"amount": "amount_too_large"} and beyond_the_books(alone)):
        assert refused_there == refused_alone
    if alone and batch:
        (line,) = batch["lines"]
        same = (line.payer_named, line.payee_named, line.amount, line.reference, line.narrative, line.origin)
        assert same == (
            alone["from_account"],
            alone["to_account"],
            alone["money"].minor,
            alone["reference"],
            alone["narrative"],
            origin_of({"context": alone["context"]}),
        )
    return bool(alone and batch)


def beyond_the_books(alone: dict[str, Any] | None) -> bool:
    """Tell whether an amount fits its form and not the books: alone it gets that far, and is `posting_too_large` there."""
    return alone is not None and alone["money"].minor > CAPACITY


def test_they_have_the_same_fields() -> None:
    assert {*ItemInput().fields} == {*TransferInput().fields} - {"currency", "metadata"}
