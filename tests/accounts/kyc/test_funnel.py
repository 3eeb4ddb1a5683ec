"""The funnel, in every combination of what can be known."""

from __future__ import annotations

from itertools import product

import pytest

from accounts.kyc.findings import CheckKind
from accounts.kyc.funnel import OPEN, STEPS, Ending, FunnelFacts, Stage, stage_of

NOTHING = dict.fromkeys(CheckKind, False)
EVERYTHING = dict.fromkeys(CheckKind, True)


@pytest.mark.parametrize(
    ("any_document", "complete", "settled", "stage"),
    [
        (False, False, NOTHING, Stage.REGISTERED),
        (False, False, EVERYTHING, Stage.REGISTERED),
        (True, False, NOTHING, Stage.DOCUMENTS),
        (True, False, EVERYTHING, Stage.DOCUMENTS),
        (True, True, NOTHING, Stage.CHECKS),
        (True, True, {}, Stage.CHECKS),
        (True, True, {kind: True for kind in CheckKind if kind != CheckKind.SCREENING}, Stage.CHECKS),
        *((True, True, {**EVERYTHING, kind: False}, Stage.CHECKS) for kind in CheckKind),
        (True, True, EVERYTHING, Stage.REVIEW),
    ],
)
def test_the_first_step_whose_work_is_not_done(
    any_document: bool, complete: bool, settled: dict[CheckKind, bool], stage: Stage
) -> None:
    facts = FunnelFacts(ending=None, any_document=any_document, documents_complete=complete, settled=settled)
    assert stage_of(facts) == stage


@pytest.mark.parametrize("ending", Ending)
def test_an_end_counts_whatever_else_is_known(ending: Ending) -> None:
    for some, complete, passed in product((False, True), repeat=3):
        facts = FunnelFacts(ending, some, complete, dict.fromkeys(CheckKind, passed))
        assert stage_of(facts) == ending.value


def test_every_combination_leads_somewhere_and_review_needs_everything() -> None:
    """Two hundred and more combinations: nothing reaches review with anything missing."""
    for some, complete, *passed in product((False, True), repeat=2 + len(CheckKind)):
        facts = FunnelFacts(None, some, complete, dict(zip(CheckKind, passed, strict=True)))
        stage = stage_of(facts)
        assert stage in OPEN
        assert (stage == Stage.REVIEW) == all((some, complete, *passed))


def test_the_steps_are_in_the_order_in_which_work_is_done() -> None:
    stages = [
        stage_of(FunnelFacts(None, some, complete, settled))
        for some, complete, settled in (
            (False, False, NOTHING),
            (True, False, NOTHING),
            (True, True, NOTHING),
            (True, True, EVERYTHING),
        )
    ]
    assert (*stages, Stage.APPROVED) == STEPS
