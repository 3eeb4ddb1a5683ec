"""Learning from the earlier, measured on the later; and when nothing is kept."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from functools import cache
from random import Random

import pytest

from risk.errors import ScoreModelNoBetter, TooFewLabels
from risk.score import features
from risk.score.measuring import PER
from risk.score.points import chance_of
from risk.score.training import Labelled, Part, Trained, learnt, logit_of, split, train
from tests.risk.score.made_up_bank import BEGIN, movements

NAMES = [feature.name for feature in features.FEATURES]


@cache
def learnt_from() -> list[Labelled]:
    return [Labelled.of(one.facts, confirmed=one.fraud, rules=one.rules) for one in movements(12_000)]


@cache
def trained() -> Trained:
    return train(learnt_from(), capacity=200)


def row(number: int, confirmed: bool, **values: float | None) -> Labelled:
    """Return a row that knows nothing but these features."""
    told = [values.get(name) for name in NAMES]
    return Labelled(f"tr_{number:06}", BEGIN + timedelta(minutes=number), confirmed, 1.0, 0, told)


def test_it_learns_from_the_earlier_and_is_measured_on_the_later() -> None:
    parts = split(learnt_from())
    ends = [(part.rows[0].moment, part.rows[-1].moment) for part in parts.values()]
    assert ends[0][1] < ends[1][0] <= ends[1][1] < ends[2][0]
    confirmed = [sum(one.confirmed for one in part.rows) for part in parts.values()]
    assert sum(confirmed) == sum(one.confirmed for one in learnt_from())
    assert confirmed[0] / sum(confirmed) == pytest.approx(0.6, abs=0.02)
    assert sum(len(part.rows) for part in parts.values()) == 12_000


def test_what_made_the_fraud_weighs() -> None:
    terms = {term.name: term for term in trained().model.terms}
    for name in ("payee_new", "device_new", "night", "over_usual", "passed_on"):
        assert terms[name].slope > 0.3, name
    for name in ("weekend", "silent"):
        assert abs(terms[name].slope) < 0.6, name
    assert (terms["deposit"].slope, terms["deposit"].unknown) == (0.0, 0.0)  # always the same: nothing to be learnt


def test_it_beats_the_rules_alone_on_the_same_movements() -> None:
    found = trained()
    assert found.model_quality.auc > found.rules_quality.auc + 0.15
    assert found.model_quality.average_precision > 2 * found.rules_quality.average_precision
    assert found.model_quality.recall > 2 * found.rules_quality.recall
    assert found.brier < found.brier_of_share


def test_what_it_calls_likely_comes_true_as_often() -> None:
    for part in trained().calibration:
        if part["movements"] >= 100:
            error = math.sqrt(part["said"] * (1 - part["said"]) / part["movements"])
            assert part["was"] == pytest.approx(part["said"], abs=3.5 * error + 0.002)


def test_the_same_movements_in_another_order_teach_the_same() -> None:
    shuffled = list(learnt_from())
    Random(2).shuffle(shuffled)
    assert train(shuffled, capacity=200).model == trained().model


def test_a_sample_that_stands_for_the_rest_says_the_same() -> None:
    """One in four of the others, counted four times: chances stay those of all movements, not of the sample."""
    kept = [
        one if one.confirmed else replace(one, stands_for=4.0)
        for number, one in enumerate(learnt_from())
        if one.confirmed or number % 4 == 0
    ]
    sampled = train(kept, capacity=200)
    rows = trained().parts["measure"].rows
    said = [sum(chance_of(logit_of(one.model, row)) for row in rows) for one in (trained(), sampled)]
    assert said[1] == pytest.approx(said[0], rel=0.2)
    assert sampled.model_quality.auc == pytest.approx(trained().model_quality.auc, abs=0.02)


def test_weights_are_told_in_the_features_own_unit() -> None:
    """Odds of 4 with the flag and 1/4 without: 2 × ln 4, whatever share of movements has it (the ridge takes a little)."""
    rows = [row(n, n % 5 != 0, night=1.0) for n in range(1_000)]
    rows += [row(n, n % 5 == 0, night=0.0) for n in range(1_000, 5_000)]
    term = learnt(Part(tuple(rows))).terms[NAMES.index("night")]
    assert [term.slope, term.mean] == pytest.approx([2 * math.log(4), 0.2], abs=0.01)
    assert term.unknown == 0.0


def test_not_known_is_learnt_by_itself() -> None:
    """Half of those whose device is not known are confirmed, of the others one in ten, whatever the device is."""
    rows = [row(n, n % 2 == 0) for n in range(2_000)]
    rows += [row(n, n % 10 == 0, device_new=float(n % 4 < 2)) for n in range(2_000, 6_000)]
    model = learnt(Part(tuple(rows)))
    term = model.terms[NAMES.index("device_new")]
    assert term.slope == pytest.approx(0, abs=0.1)
    assert term.unknown == pytest.approx(math.log(9), abs=0.05)
    assert chance_of(logit_of(model, rows[0])) == pytest.approx(0.5, abs=0.01)
    assert chance_of(logit_of(model, rows[-1])) == pytest.approx(0.1, abs=0.01)


def test_too_few_confirmed_ones_teach_nothing() -> None:
    with pytest.raises(TooFewLabels) as caught:
        train([one for one in learnt_from() if not one.confirmed], capacity=200)
    assert caught.value.context["found"] == 0
    confirmed = [one for one in learnt_from() if one.confirmed][:82]
    others = [one for one in learnt_from() if not one.confirmed]
    with pytest.raises(TooFewLabels):
        train([*confirmed, *others], capacity=200)
    with pytest.raises(TooFewLabels):
        train(confirmed, capacity=200)
    with pytest.raises(TooFewLabels):
        train([], capacity=200)


def test_labels_by_the_toss_of_a_coin_are_not_kept() -> None:
    random = Random(11)
    tossed = [replace(one, confirmed=random.random() < 0.1) for one in learnt_from()[:4_000]]
    with pytest.raises(ScoreModelNoBetter):
        train(tossed, capacity=200)


def test_what_the_desk_finds_depends_on_its_room() -> None:
    few, many = (train(learnt_from(), capacity=capacity).model_quality for capacity in (50, PER))
    assert few.precision > many.precision
    assert few.recall < many.recall
    assert many.recall == pytest.approx(1.0)
