"""The simulator's answers: the same rule as for real requests says who could decide, and history says how long it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from approvals.models import ApprovalRequest
from approvals.policies.chain import fallback
from approvals.selectors import simulation, waiting
from bankops.core import clock
from staff.roles import Role
from tests.approvals.factories import Bank, also, approve_all, ask, assigned, disabled, policy, reject

pytestmark = pytest.mark.django_db
STAGES = ["first_reviewer", "final_reviewer"]


def could_decide(bank: Bank, stage: int = 0) -> dict[str, str]:
    """Return who holds a stage's role, with the code why they could not decide."""
    stages = simulation.candidates(chain=fallback({"teller"}), maker=bank.maker)
    return {one.person.full_name: one.excluded for one in stages[stage]}


def test_everybody_with_the_role_could_decide(bank: Bank) -> None:
    assert could_decide(bank) == {"Fang 1": "", "Fang 2": "", "Fang 3": ""}
    assert could_decide(bank, 1) == {"Luo 1": "", "Luo 2": "", "Luo 3": ""}


def test_the_maker_could_not(bank: Bank) -> None:
    also(bank.maker, Role.FIRST_REVIEWER)
    assert could_decide(bank)["Ma Ke"] == "own_request"


def test_who_works_too_close_to_the_maker_could_not(bank: Bank) -> None:
    also(bank.first[0], Role.TELLER)
    assert could_decide(bank)["Fang 1"] == "role_excluded"


def test_who_left_is_not_even_listed(bank: Bank) -> None:
    disabled(bank.first[0])
    assert "Fang 1" not in could_decide(bank)


def test_who_approved_the_makers_last_requests_could_not(bank: Bank) -> None:
    policy(pair_limit=1)
    request = ask(bank.maker)
    first = assigned(request)[0]
    approve_all(request)
    stages = simulation.candidates(chain=replace(fallback({"teller"}), pair_limit=1), maker=bank.maker)
    assert [one.person for one in stages[0] if one.excluded == "pair_too_often"] == [first]


def test_a_partner_is_nobodys_colleague(bank: Bank) -> None:
    stages = simulation.candidates(chain=fallback(()), maker=None)
    assert all(one.excluded == "" for people in stages for one in people)


# -- Expected wait ----------------------------------------------------------------------------------------------------


def test_without_history_there_is_no_expectation(bank: Bank) -> None:
    assert waiting.expected_wait(roles=STAGES, now=clock.now()) is None


def test_the_wait_is_what_comparable_requests_took(bank: Bank) -> None:
    policy(pair_limit=20)
    for door, hours in enumerate((1, 2, 3, 4, 20), start=1):
        approve_all(ask(bank.maker, door=door, now=clock.now() - timedelta(hours=hours)))

    waits = waiting.expected_wait(roles=STAGES, now=clock.now())

    assert waits is not None
    assert waits.count == 5
    assert _hours(waits.median) == 3
    assert _hours(waits.most) == pytest.approx(13.6, abs=0.1)


def test_what_was_not_carried_out_or_had_other_stages_does_not_count(bank: Bank) -> None:
    policy()
    reject(ask(bank.maker))
    approve_all(ask(bank.maker, door=2))
    assert waiting.expected_wait(roles=[*STAGES, "finance"], now=clock.now()) is None
    assert waiting.expected_wait(roles=["final_reviewer", "first_reviewer"], now=clock.now()) is None
    found = waiting.expected_wait(roles=STAGES, now=clock.now())
    assert found is not None
    assert found.count == 1


def test_only_the_last_quarter_counts(bank: Bank) -> None:
    policy()
    approve_all(ask(bank.maker))
    assert waiting.expected_wait(roles=STAGES, now=clock.now() + timedelta(days=91)) is None


def test_the_replay_reads_the_facts_of_last_month(bank: Bank) -> None:
    policy()
    ask(bank.maker, amount="70000.00")
    (past,) = simulation.past_requests(now=clock.now())
    facts = past.facts
    assert past.made_on == clock.business_date()
    assert (facts.operation, facts.amount and facts.amount.format()) == ("tests.open_door", "CNY 70,000.00")
    assert simulation.past_requests(now=clock.now() + timedelta(days=31)) == []
    assert ApprovalRequest.objects.count() == 1


def _hours(wait: timedelta) -> float:
    return round(wait.total_seconds() / 3600, 1)
