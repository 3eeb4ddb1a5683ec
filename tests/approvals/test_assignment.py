"""Who is asked: rotation over the roster, fairly, and a supervisor's hand that reaches nobody who is excluded."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from approvals import events, notice_kinds
from approvals.models import ApprovalRequest, Assignment, Duty, ReviewGrant, Verdict
from approvals.services import reassign_request, withdraw_request
from bankops.core import clock
from bankops.core.models import AuditEvent
from notifications.models import Notice
from staff.models import User
from staff.roles import Role
from tests.approvals.factories import (
    Bank,
    again,
    also,
    approve,
    approve_all,
    ask,
    assigned,
    disabled,
    policy,
    reject,
    say,
    stage,
    stand_in,
)
from tests.personas import hire
from tests.unchanged import refused


def on_duty(person: User, role: Role = Role.FIRST_REVIEWER, **fields: Any) -> Duty:
    """Put somebody on the roster since yesterday, every day, without an end, unless `fields` say otherwise."""
    today = clock.business_date(clock.now())
    return Duty.objects.create(user=person, role=role.value, **{"since": today - timedelta(days=1)} | fields)


# -- Rotation ----------------------------------------------------------------------------------------------------------


def test_one_more_than_needed_is_asked(bank: Bank) -> None:
    request = ask(bank.maker)
    assert assigned(request) == bank.first[:2]
    approve(request)
    assert assigned(request) == bank.final[:2]


def test_fifty_requests_are_shared_evenly(bank: Bank) -> None:
    """Five reviewers, two asked for each of fifty: twenty each, and never the same pair all the time."""
    everybody = [*bank.first, *[hire(f"F{n}", f"Fang {n}", Role.FIRST_REVIEWER, bank.branch) for n in (4, 5)]]
    start = clock.now()
    requests = [ask(bank.maker, door=door, now=start + timedelta(milliseconds=door)) for door in range(50)]
    asked = Counter(Assignment.objects.values_list("reviewer", flat=True))
    assert asked == {person.pk: 20 for person in everybody}
    assert len({tuple(assigned(request)) for request in requests}) == 5


def test_whoever_was_asked_least_recently_is_next(bank: Bank) -> None:
    assert assigned(ask(bank.maker, door=1)) == [bank.first[0], bank.first[1]]
    assert assigned(ask(bank.maker, door=2)) == [bank.first[0], bank.first[2]]
    assert assigned(ask(bank.maker, door=3)) == [bank.first[1], bank.first[2]]


def test_who_is_on_duty_comes_first(bank: Bank) -> None:
    on_duty(bank.first[2])
    for door in range(3):
        assert bank.first[2] in assigned(ask(bank.maker, door=door))


@pytest.mark.parametrize("elsewhere", ["another role", "next week", "last week", "another weekday"])
def test_who_is_on_duty_elsewhere_does_not(bank: Bank, elsewhere: str) -> None:
    today = clock.business_date(clock.now())
    fields: dict[str, dict[str, Any]] = {
        "another role": {"role": Role.FINAL_REVIEWER},
        "next week": {"since": today + timedelta(days=7)},
        "last week": {"since": today - timedelta(days=7), "until": today - timedelta(days=1)},
        "another weekday": {"weekdays": "1234567".replace(str(today.isoweekday()), "")},
    }
    on_duty(bank.first[2], **fields[elsewhere])
    assert assigned(ask(bank.maker)) == bank.first[:2]


def test_who_is_away_comes_last_but_not_never(bank: Bank) -> None:
    stand_in(bank.first[0], by=bank.first[1])
    assert assigned(ask(bank.maker, door=1)) == bank.first[1:]
    disabled(bank.first[1])
    assert assigned(ask(bank.maker, door=2)) == [bank.first[0], bank.first[2]]


def test_neither_the_maker_nor_their_colleagues_are_asked(bank: Bank) -> None:
    """Fang 1 asks; Fang 2 is also a teller, and the maker of the second request is one."""
    assert assigned(ask(bank.first[0], door=1)) == bank.first[1:]
    also(bank.first[1], Role.TELLER)
    assert assigned(ask(bank.maker, door=2)) == [bank.first[0], bank.first[2]]


def test_the_policy_says_whose_colleagues_are_too_close(bank: Bank) -> None:
    policy(excluded={"teller": ["risk_analyst"]})
    also(bank.first[0], Role.RISK_ANALYST)
    request = ask(bank.maker)
    assert request.versions.get().chain["excluded_roles"] == ["risk_analyst"]
    assert assigned(request) == bank.first[1:]


def test_whoever_decided_stage_one_is_not_asked_for_stage_two(bank: Bank) -> None:
    both = also(bank.first[0], Role.FINAL_REVIEWER)
    request = ask(bank.maker)
    approve(request, both)
    assert both not in assigned(request)


def test_every_asking_is_kept(bank: Bank) -> None:
    request = approve_all(ask(bank.maker))
    kept = Assignment.objects.filter(request=request).order_by("id")
    assert [(one.stage, one.assigned_by, one.ended_at is not None) for one in kept] == [
        (1, None, True),
        (1, None, True),
        (2, None, True),
        (2, None, True),
    ]


def test_nobody_left_for_the_second_stage(bank: Bank) -> None:
    request = ask(bank.maker)
    for person in bank.final:
        disabled(person)
    approve(request)
    assert (again(request).stage, assigned(request)) == (2, [])
    event = AuditEvent.objects.get(event_type=events.UNASSIGNABLE.name)
    assert event.detail == {"version": 1, "stage": 2, "role": "final_reviewer"}
    assert Notice.objects.get(kind=notice_kinds.NOBODY).recipient == bank.administrator


# -- A supervisor's hand -----------------------------------------------------------------------------------------------


def reassign(request: ApprovalRequest, to: User, supervisor: User, **fields: Any) -> Assignment:
    whole = {"instead_of": None, "reason": "holiday", "now": clock.now()} | fields
    return reassign_request(request_id=request.pk, to=to, supervisor=supervisor, **whole)


def test_somebody_else_is_asked_instead(bank: Bank) -> None:
    request = ask(bank.maker)
    away, other = assigned(request)
    (free,) = set(bank.first) - {away, other}
    assignment = reassign(request, free, bank.administrator, instead_of=away)
    assert set(assigned(request)) == {other, free}
    assert (assignment.assigned_by, assignment.reason) == (bank.administrator, "holiday")
    event = AuditEvent.objects.get(event_type=events.REASSIGNED.name)
    assert (event.actor_name, event.reason, event.approval_request_id) == ("An Min", "holiday", request.public_id)
    assert event.changes == {"reviewer": [away.full_name, free.full_name]}
    assert Notice.objects.filter(kind=notice_kinds.ASSIGNED, recipient=free).count() == 1
    with refused("not_assigned"):
        say(Verdict.APPROVE, request, away)
    approve(request, free)
    assert again(request).stage == 2


def test_somebody_is_asked_in_addition(bank: Bank) -> None:
    request = ask(bank.maker)
    (free,) = set(bank.first) - set(assigned(request))
    reassign(request, free, bank.administrator)
    assert assigned(request) == bank.first


def test_whoever_was_taken_off_may_be_asked_again(bank: Bank) -> None:
    request = ask(bank.maker)
    away = assigned(request)[0]
    (free,) = set(bank.first) - set(assigned(request))
    reassign(request, free, bank.administrator, instead_of=away)
    reassign(request, away, bank.administrator, instead_of=free)
    assert away in assigned(request)
    assert Assignment.objects.filter(request=request, reviewer=away).count() == 2


def test_an_assignment_never_reaches_the_excluded(bank: Bank) -> None:
    maker = also(bank.maker, Role.FIRST_REVIEWER)
    request = ask(maker)
    colleague = also(next(iter(set(bank.first) - set(assigned(request)))), Role.TELLER)
    for person, code in (
        (maker, "own_request"),
        (bank.final[0], "wrong_role"),
        (bank.administrator, "wrong_role"),
        (colleague, "role_excluded"),
    ):
        with refused(code):
            reassign(request, person, bank.administrator, instead_of=assigned(request)[0])


def test_nor_whoever_decided_before_or_left(bank: Bank) -> None:
    both = also(bank.first[0], Role.FINAL_REVIEWER)
    request = ask(bank.maker)
    approve(request, both)
    gone = disabled(bank.final[2])
    for person, code in ((both, "decided_already"), (gone, "reviewer_disabled")):
        with refused(code):
            reassign(request, person, bank.administrator)


def test_nor_the_same_pair_too_often(bank: Bank) -> None:
    policy(stage(Role.FIRST_REVIEWER, assigned=3), pair_limit=1)
    approve(ask(bank.maker, door=1), bank.first[0])
    request = ask(bank.maker, door=2)
    with refused("pair_too_often"):
        reassign(request, bank.first[0], bank.administrator)


def test_the_maker_does_not_choose_the_reviewers(bank: Bank) -> None:
    request = ask(bank.administrator)
    (free,) = set(bank.first) - set(assigned(request))
    with refused("cannot_reassign_own"):
        reassign(request, free, bank.administrator)


def test_reassigning_needs_a_reason_an_open_request_and_a_change(bank: Bank) -> None:
    request = ask(bank.maker)
    away = assigned(request)[0]
    (free,) = set(bank.first) - set(assigned(request))
    with refused("reason_required"):
        reassign(request, free, bank.administrator, reason=" ")
    with refused("assigned_already"):
        reassign(request, away, bank.administrator)
    with refused("not_assigned"):
        reassign(request, free, bank.administrator, instead_of=bank.final[0])
    with refused("request_expired"):
        reassign(request, free, bank.administrator, now=request.expires_at)
    with refused("unknown_request"):
        reassign(ApprovalRequest(pk="00000000-0000-7000-8000-000000000000"), free, bank.administrator)


@pytest.mark.parametrize("end", ["rejected", "withdrawn", "executed"])
def test_what_has_ended_is_nobodys_work(bank: Bank, end: str) -> None:
    request = ask(bank.maker)
    if end == "rejected":
        reject(request)
    elif end == "withdrawn":
        withdraw_request(request_id=request.pk, maker=bank.maker, now=clock.now())
    else:
        approve_all(request)
    assert not ReviewGrant.objects.filter(content_object=request).exists()
    with refused("request_not_pending"):
        reassign(request, bank.first[2], bank.administrator)
