"""Several requests with one code: an explicit list, each decided and recorded singly."""

from __future__ import annotations

from typing import Any

import pytest

from approvals import events
from approvals.models import Decision, State, Verdict
from approvals.services import AT_ONCE_MAX, Decided, decide_many
from bankops.core import clock
from bankops.core.models import AuditEvent
from staff.errors import CodeRefused
from staff.models import User
from staff.roles import Role
from tests.approvals.factories import (
    DOORS,
    OPENED,
    Bank,
    again,
    ask,
    assigned,
    fresh_code,
    granted,
    policy,
    reject,
    say,
    seen,
    stage,
    traces_of,
)
from tests.unchanged import nothing_changes, refused


def many(bank: Bank, count: int, by: User) -> list[Any]:
    """Return requests of different makers that `by` may decide."""
    policy(pair_limit=20)
    return [granted(bank, door, by) for door in range(1, count + 1)]


def all_at_once(requests: list[Any], by: User, code: str | None = None) -> list[Decided]:
    answer = fresh_code(by) if code is None else code
    return decide_many(
        seen=[seen(request) for request in requests],
        verdict=Verdict.APPROVE,
        reviewer=by,
        code=answer,
        now=clock.now(),
    )


def test_twenty_with_one_code_each_recorded_singly(bank: Bank) -> None:
    by = bank.first[0]
    requests = many(bank, AT_ONCE_MAX, by)
    decided = all_at_once(requests, by)
    assert [one.request for one in decided] == requests
    assert Decision.objects.filter(reviewer=by).count() == AT_ONCE_MAX
    assert AuditEvent.objects.filter(event_type=events.APPROVED.name).count() == AT_ONCE_MAX
    assert len(set(Decision.objects.values_list("proof", flat=True))) == 1
    assert {again(request).stage for request in requests} == {2}


def test_twenty_one_are_too_many(bank: Bank) -> None:
    request = ask(bank.maker)
    with refused("nothing_chosen"):
        all_at_once([], bank.first[0])
    others = [ask(bank.maker, door=door) for door in range(2, AT_ONCE_MAX + 2)]
    with refused("too_many_at_once"):
        all_at_once([request, *others], bank.first[0])


def test_one_chosen_twice_is_decided_once(bank: Bank) -> None:
    by = bank.first[0]
    (request,) = many(bank, 1, by)
    assert len(all_at_once([request, request], by)) == 1


def test_one_that_is_refused_does_not_stop_the_others(bank: Bank) -> None:
    by = bank.first[0]
    requests = many(bank, 3, by)
    own = ask(by, door=50)
    reject(requests[1], bank.first[1] if bank.first[1] in assigned(requests[1]) else by)
    decided = all_at_once([requests[0], requests[1], own, requests[2]], by)
    codes = [one.refusal.code if one.refusal else "done" for one in decided]
    assert codes == ["done", "request_not_pending", "own_request", "done"]
    assert [one.decision is not None for one in decided] == [True, False, False, True]
    assert again(own).stage == 1


def test_one_that_turns_out_stale_does_not_stop_the_others(bank: Bank) -> None:
    policy(stage(Role.FINAL_REVIEWER, assigned=3), pair_limit=20)
    requests = [ask(bank.maker, door=door) for door in (1, 2, 3)]
    DOORS.locks[2] = "changed"
    DOORS.jammed.add(3)
    decided = all_at_once(requests, bank.final[0])
    assert [one.request.state for one in decided] == [State.EXECUTED, State.STALE, State.FAILED]
    assert [traces_of(door)[OPENED.name] for door in (1, 2, 3)] == [1, 0, 0]


def test_without_any_that_may_be_decided_the_code_is_not_used_up(bank: Bank) -> None:
    own = ask(bank.first[0])
    code = fresh_code(bank.first[0])
    with nothing_changes():
        (only,) = all_at_once([own], bank.first[0], code)
    assert only.refusal is not None
    assert only.refusal.code == "own_request"
    other = granted(bank, 2, bank.first[0])
    say(Verdict.APPROVE, other, bank.first[0], code=code)


def test_a_wrong_code_decides_none(bank: Bank) -> None:
    by = bank.first[0]
    requests = many(bank, 2, by)
    with pytest.raises(CodeRefused):
        all_at_once(requests, by, "12345")
    assert not Decision.objects.exists()


def test_a_bulk_decision_needs_a_code_even_where_a_single_one_would_not(bank: Bank) -> None:
    policy(stage(Role.FIRST_REVIEWER, code=False, assigned=3))
    request = ask(bank.maker)
    with refused("code_required"):
        all_at_once([request], bank.first[0], "")


def test_an_unknown_one_among_them_decides_none(bank: Bank) -> None:
    """A page never shows what is not there: somebody made this list by hand."""
    by = bank.first[0]
    (request,) = many(bank, 1, by)
    made_up = again(request)
    made_up.pk = "00000000-0000-7000-8000-000000000000"
    with refused("unknown_request"):
        all_at_once([request, made_up], by, "000000")


def test_a_fault_in_one_is_answered_and_does_not_stop_the_others(bank: Bank, caplog: pytest.LogCaptureFixture) -> None:
    """The second can neither be carried out nor give its door back: it stays undecided, and the log has the fault."""
    policy(stage(Role.FINAL_REVIEWER, assigned=3), pair_limit=20)
    requests = [ask(bank.maker, door=door) for door in (1, 2, 3)]
    DOORS.jammed.add(2)
    DOORS.bolted.add(2)
    decided = all_at_once(requests, bank.final[0])
    assert [one.request.state for one in decided] == [State.EXECUTED, State.PENDING, State.EXECUTED]
    assert decided[1].refusal is not None
    assert decided[1].refusal.code == "unexpected_failure"
    assert "deciding failed" in caplog.text
