"""The inbox's one query and the page's one look say the same, for every person and every request of a mixed bank.

The bank is put together at random from everything that decides who may: roles, colleagues, stand-ins, stages, pairs, time,
endings. The seed is in the test's name, so that a difference can be looked at again.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from approvals.eligibility import authority, deciders, exclusions
from approvals.models import ApprovalRequest, ReviewGrant, Verdict
from approvals.selectors import waiting
from bankops.core import clock
from bankops.core.errors import BankOpsError
from staff.models import User
from staff.roles import Role
from tests.approvals.factories import (
    Bank,
    again,
    also,
    approve,
    ask,
    assigned,
    disabled,
    no_longer,
    policy,
    reject,
    say,
    send_back,
    stage,
    stand_in,
    version_of,
)
from tests.approvals.raw_decisions import execute, write_decision, write_grant
from tests.personas import hire

SEEDS = range(2 * int(os.environ.get("BANKOPS_TEST_EFFORT", "1")))
REVIEWING = (Role.FIRST_REVIEWER, Role.FINAL_REVIEWER, Role.RISK_ANALYST)


def mixed_bank(bank: Bank, dice: random.Random) -> None:
    """Make requests of every kind, and let people come, go, decide and stand in for each other."""
    people = [*bank.first, *bank.final, hire("R1", "Ren Xin", Role.RISK_ANALYST, bank.branch)]
    for person in dice.sample(people, 4):
        also(person, dice.choice([*REVIEWING, Role.TELLER]))
    makers = [bank.maker, bank.administrator, *dice.sample(people, 2)]
    policies(dice)
    for door in range(20):
        ago = timedelta(hours=dice.choice([0, 1, 2, 25]))
        amount, of = dice.choice(["10.00", "90000.00"]), dice.choice([None, None, *people])
        ask(dice.choice(makers), door=door, amount=amount, of=of, now=clock.now() - ago)
    for _ in range(25):
        with suppress(BankOpsError, IndexError):
            one_step(people, dice)
    for person in dice.sample(people, 2):
        lose(person, dice)


def lose(person: User, dice: random.Random) -> None:
    """Take away what somebody needs to decide, or give them what keeps them from it."""
    step = dice.randrange(3)
    if step == 0:
        disabled(person)
    elif step == 1:
        no_longer(person, Role.FIRST_REVIEWER)
    else:
        also(person, Role.TELLER)


def policies(dice: random.Random) -> None:
    """Put two policies into force: every chain, limit and permission can come out of them."""
    for name, amount in (("Doors", "0.01"), ("Heavy doors", "50000.00")):
        roles = dice.sample(REVIEWING, dice.randint(1, 2))
        policy(
            *[stage(role, quorum=dice.randint(1, 2), code=dice.random() < 0.5) for role in roles],
            name=name,
            from_amount=amount,
            pair_limit=dice.randint(2, 4),
            stand_ins=dice.random() < 0.7,
        )


def one_step(people: list[User], dice: random.Random) -> None:
    """Let somebody decide, stand in for somebody, or get a right; some of it past the service, which would tidy up."""
    request = dice.choice(list(ApprovalRequest.objects.order_by("id")))
    step = dice.random()
    if step < 0.3:
        approve(request, dice.choice(assigned(request)))
    elif step < 0.4:
        dice.choice([reject, send_back])(request)
    else:
        with suppress(DatabaseError), transaction.atomic():
            if step < 0.6:
                stand_in(*dice.sample(people, 2), since=dice.choice([1, 1, -1]))
            elif step < 0.8:
                write_decision(request, dice.choice(assigned(request)))
            else:
                write_grant(request, dice.choice(people))


@pytest.mark.parametrize("seed", SEEDS)
def test_inbox_page_and_guard_agree(bank: Bank, seed: int) -> None:
    """What the page allows stands in the inbox and is taken by the database; what it refuses is in neither."""
    mixed_bank(bank, random.Random(seed))
    now, agreed = clock.now(), {True: 0, False: 0}
    for person in User.objects.all():
        inbox = {row for (row,) in execute("SELECT approvals_decidable(%s, %s)", person.pk, now)}
        for request in ApprovalRequest.objects.all():
            looked_at = authority(request, person, now=now)
            allowed, place = looked_at.refusal is None, looked_at.in_place_of
            agreed[allowed] += 1
            assert (request.pk in inbox) == allowed, (person, request, looked_at)
            assert is_accepted(request, person, in_place_of_id=place and place.pk) == allowed, (
                person,
                request,
                looked_at,
            )
            if allowed:
                assert person in deciders(request, now=now)
    for request in ApprovalRequest.objects.all():
        assert all(authority(request, person, now=now).refusal is None for person in deciders(request, now=now))
    assert min(agreed.values()) > 1


@pytest.mark.parametrize("seed", SEEDS)
def test_the_sweep_and_the_rule_for_one_request_agree(bank: Bank, seed: int) -> None:
    """`_SHORT` repeats `approvals_exclusion` over all open requests: both must find the same ones short of reviewers."""
    mixed_bank(bank, random.Random(seed))
    for request in dice_of(ApprovalRequest.objects.order_by("id"), seed):
        ReviewGrant.objects.filter(content_object=request).delete()
    now = clock.now()
    expected = {short for request in ApprovalRequest.objects.all() if (short := short_of(request, now))}
    assert set(waiting.short_of_reviewers(now=now, limit=100)) == expected
    assert expected


def dice_of(requests: Iterable[ApprovalRequest], seed: int) -> list[ApprovalRequest]:
    """Choose some of the requests."""
    return random.Random(seed).sample(list(requests), 8)


def short_of(request: ApprovalRequest, now: datetime) -> waiting.Short | None:
    """Say, person by person, whether too few may decide a request, and something can be done about it."""
    if request.state != "PENDING" or now >= request.expires_at:
        return None
    excluded = exclusions(request, User.objects.values_list("pk", flat=True))
    holders = {person.pk for person in assigned(request)}
    quorum = version_of(request).chain["stages"][request.stage - 1]["quorum"]
    heard = request.decisions.filter(version=request.version, stage=request.stage).count()
    if len(holders - excluded.keys()) >= quorum - heard:
        return None
    others = User.objects.exclude(pk__in=holders).exclude(pk__in=excluded).exists()
    lost = any(excluded.get(person, "pair_too_often") != "pair_too_often" for person in holders)
    return waiting.Short(request.pk, others) if others or lost else None


def is_accepted(request: ApprovalRequest, person: User, **changes: Any) -> bool:
    """Tell whether the database takes an approval by straight SQL; it is taken back either way."""
    point = transaction.savepoint()
    try:
        write_decision(request, person, **changes)
    except DatabaseError:
        return False
    else:
        return True
    finally:
        transaction.savepoint_rollback(point)


def test_a_moment_in_the_future_shows_what_will_have_expired(bank: Bank) -> None:
    request = ask(bank.maker)
    person = assigned(request)[0]
    for moment, expected in ((request.expires_at - timedelta(seconds=1), [(request.pk,)]), (request.expires_at, [])):
        assert execute("SELECT approvals_decidable(%s, %s)", person.pk, moment) == expected


def test_of_a_thousand_requests_only_mine(bank: Bank) -> None:
    """A right to one request is none to another, and none outlives its stage."""
    mine, other = ask(bank.maker, door=1), ask(bank.maker, door=2)
    person = bank.first[0]
    ReviewGrant.objects.filter(content_object=other, user=person).delete()
    assert execute("SELECT approvals_decidable(%s, now())", person.pk) == [(mine.pk,)]
    say(Verdict.REJECT, again(mine), person, comment="no")
    assert execute("SELECT approvals_decidable(%s, now())", person.pk) == []
