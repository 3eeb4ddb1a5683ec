"""What a model says of one movement: a small one worked by hand, and that its parts are the whole."""

from __future__ import annotations

import json
import math
from statistics import median
from time import perf_counter

import pytest
from django.utils import translation

from bankops.core.money import Money
from risk.facts import Facts, History
from risk.score import features
from risk.score.features import Shape
from risk.score.model import (
    Contribution,
    ModelUnreadable,
    ScoreModel,
    Term,
    hash_of,
    read_model,
    strongest,
    value_in_words,
)
from risk.score.points import PER_LOGIT
from tests.risk.assessment.movements import transfer

NIGHT = Term("night", slope=2.0, mean=0.1, spread=0.4, unknown=0.0, unknown_share=0.0)
PAYEE = Term("payee_new", slope=1.0, mean=0.2, spread=0.4, unknown=-0.5, unknown_share=0.4)


def model(*terms: Term, intercept: float = -3.0) -> ScoreModel:
    known = {term.name: term for term in terms}
    nothing = (0.0, 0.0, 0.0, 0.0, 0.0)
    return ScoreModel(intercept, tuple(known.get(name, Term(name, *nothing)) for name in features.BY_NAME))


SMALL = model(NIGHT, PAYEE)


def at_night(days: int | None) -> Facts:
    return transfer(hour=3, history=History(payee_first_seen_days=days))


@pytest.mark.parametrize(
    ("days", "logit"),
    [
        (0, -3.0 + 2.0 * 0.9 + 1.0 * 0.8 + 0.5 * 0.4),  # a new payee
        (9, -3.0 + 2.0 * 0.9 - 1.0 * 0.2 + 0.5 * 0.4),  # a known one
        (None, -3.0 + 2.0 * 0.9 - 0.5 * 0.6),  # nobody knows
    ],
)
def test_a_small_model_by_hand(days: int | None, logit: float) -> None:
    facts = at_night(days)
    assert SMALL.logit(facts) == pytest.approx(logit)
    assert SMALL.score(facts) == round(700 + 60 * logit / math.log(2))


@pytest.mark.parametrize("days", [0, 9, None])
def test_contributions_are_all_of_the_score(days: int | None) -> None:
    facts = at_night(days)
    told = SMALL.contributions(facts)
    assert 700 + PER_LOGIT * SMALL.intercept + sum(one.points for one in told) == pytest.approx(
        700 + PER_LOGIT * SMALL.logit(facts)
    )
    assert sum(one.share for one in told) == pytest.approx(1)
    assert [one.share for one in told] == sorted((one.share for one in told), reverse=True)


def test_what_speaks_for_a_movement_is_no_reason_against_it() -> None:
    told = SMALL.contributions(at_night(None))
    assert [(one.name, one.value, one.points > 0) for one in told] == [("night", 1.0, True), ("payee_new", None, False)]
    assert [one.name for one in strongest(told, 3)] == ["night"]


def test_it_is_said_in_words() -> None:
    assert SMALL.contributions(at_night(0))[0].in_words() == "at night: yes (+156 points)"
    assert (
        Contribution("payee_new", None, -26.0, 0.1).in_words() == "first payment to this payee: not known (-26 points)"
    )
    assert SMALL.in_words() == [
        "at night: yes instead of no: +173 points",
        "first payment to this payee: yes instead of no: +87 points; not known: -43 points",
    ]


@pytest.mark.parametrize(
    ("shape", "value", "words"),
    [
        (Shape.FLAG, 0.0, "no"),
        (Shape.SHARE, 0.25, "25 %"),
        (Shape.RATIO, math.log(8), "8 times"),
        (Shape.AMOUNT, math.log10(45_001), "45,000"),
        (Shape.COUNT, math.log1p(7), "7"),
        (Shape.COUNT, None, "not known"),
    ],
)
def test_numbers_are_told_as_people_know_them(shape: Shape, value: float | None, words: str) -> None:
    feature = next(one for one in features.FEATURES if one.shape is shape)
    with translation.override("en"):
        assert value_in_words(feature, value) == words


def test_what_is_kept_is_the_same_model() -> None:
    content = json.loads(json.dumps(SMALL.as_content()))
    again = read_model(content, features_version=features.VERSION)
    assert again == SMALL
    assert hash_of(content) == hash_of(SMALL.as_content()) != hash_of(model(NIGHT).as_content())


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "forest"},
        {"points": {"even": 600, "doubling": 20}},
        {"intercept": "much"},
        {"intercept": math.inf},
        {"terms": {"shoe_size": {}}},
        {"terms": {"night": {"slope": 1}}},
        {"terms": None},
    ],
)
def test_what_cannot_be_read_is_said_to_be_unreadable(changed: dict[str, object]) -> None:
    with pytest.raises(ModelUnreadable):
        read_model({**SMALL.as_content(), **changed}, features_version=features.VERSION)


def test_a_model_of_other_features_is_of_no_use() -> None:
    with pytest.raises(ModelUnreadable):
        read_model(SMALL.as_content(), features_version=features.VERSION + 1)


def test_one_movement_takes_less_than_a_tenth_of_a_millisecond() -> None:
    """All forty features; the median, because other work shares the machine."""
    full = model(*(Term(name, 0.1, 0.5, 0.5, 0.1, 0.1) for name in features.BY_NAME))
    facts = transfer(history=History(payee_first_seen_days=3, received_24h=Money(100, "CNY")))
    times = []
    for _turn in range(200):
        began = perf_counter()
        full.score(facts)
        times.append(perf_counter() - began)
    assert median(times) < 0.000_1
