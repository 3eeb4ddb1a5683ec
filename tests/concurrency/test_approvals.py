"""What happens to one approval request at the same moment, and who is killed in the middle of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from approvals import eligibility, events, locks
from approvals.errors import RequestNotPending
from approvals.models import ApprovalRequest, Decision, State, Verdict
from approvals.services import Decided, amend_request, expire_due, withdraw_request
from bankops.core import clock, operations
from bankops.core.models import AuditEvent
from staff.models import Branch, User
from staff.roles import Role
from staff.services import revoke_role
from tests.approvals.factories import (
    OPENED,
    PARKED,
    RELEASED,
    Bank,
    again,
    also,
    approve,
    ask,
    assigned,
    door_registered,
    endings_of,
    found_bank,
    fresh_code,
    policy,
    say,
    send_back,
    stage,
    submit,
    traces_of,
)
from tests.approvals.raw_decisions import execute, write_decision
from tests.committed import Counters, at_once
from tests.elsewhere import LONG, beside, elsewhere, eventually

RACES = 200


@pytest.fixture(autouse=True)
def consent() -> None:
    """Unlike the rest of this folder: here the gate itself is tested, and nothing is consented to beforehand."""


@pytest.fixture
def bank(committed_db: None, roles: None, branch: Branch) -> Iterator[Bank]:
    with door_registered():
        yield found_bank(branch)


@pytest.fixture
def counters(bank: Bank) -> Iterator[Counters]:
    """Two people's, for one race after another."""
    with Counters(2) as two:
        yield two


def outcome(results: list[Any]) -> Counter[str]:
    """Count results by what they are: the state a request came to, or the code of the refusal."""
    return Counter(
        result.request.state if isinstance(result, Decided) else getattr(result, "code", repr(result))
        for result in results
    )


def deciding(request: ApprovalRequest, by: User, verdict: Verdict = Verdict.APPROVE) -> Any:
    """Return a call that decides a request as it is now, with a code made ready."""
    shown, code = again(request), fresh_code(by)
    return lambda: say(verdict, shown, by, code=code, comment="because")


# -- Two final reviewers -----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_final_reviewers_at_the_same_instant_carry_it_out_once(bank: Bank, counters: Counters) -> None:
    """Two hundred races; each time one of them decides, the other is told that nothing is left to decide."""
    policy(stage(Role.FINAL_REVIEWER, quorum=1, assigned=2), pair_limit=20)
    seen_so_far: Counter[str] = Counter()
    for door in range(RACES):
        request = ask(bank.maker, door=door)
        one, two = assigned(request)
        seen_so_far += outcome(counters.at_once(deciding(request, one), deciding(request, two)))
        assert traces_of(door) == {PARKED.name: 1, OPENED.name: 1}
        assert (again(request).state, request.decisions.count()) == (State.EXECUTED, 1)
    assert seen_so_far == {State.EXECUTED: RACES, "request_not_pending": RACES}
    assert Decision.objects.count() == RACES


def test_who_is_overtaken_while_looked_at_is_told_that_it_is_decided(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other decides after the request was read as pending, before it is read who was asked: then nobody is any more."""
    policy(stage(Role.FINAL_REVIEWER, quorum=1, assigned=2))
    request = ask(bank.maker)
    one, two = assigned(request)
    quicker, standing = deciding(request, one), eligibility._standing

    def overtaken(looked_at: ApprovalRequest, reviewer: User) -> tuple[str | None, bool]:
        monkeypatch.setattr(eligibility, "_standing", standing)
        assert quicker().request.state == State.EXECUTED
        return standing(looked_at, reviewer)

    slower = deciding(request, two)
    monkeypatch.setattr(eligibility, "_standing", overtaken)
    with pytest.raises(RequestNotPending):
        slower()
    assert request.decisions.count() == 1


def test_one_reviewer_in_two_windows_decides_once(bank: Bank, counters: Counters) -> None:
    policy(stage(Role.FINAL_REVIEWER, quorum=2))
    for door in range(10):
        request = ask(bank.maker, door=door)
        by = assigned(request)[0]
        call = deciding(request, by)
        refusals = ({State.PENDING: 1, "code_already_used": 1}, {State.PENDING: 1, "decided_already": 1})
        assert outcome(counters.at_once(call, call)) in refusals
        assert request.decisions.count() == 1


def test_both_of_a_quorum_at_the_same_instant_carry_it_out_once(bank: Bank, counters: Counters) -> None:
    policy(stage(Role.FINAL_REVIEWER, quorum=2, assigned=2), pair_limit=20)
    for door in range(20):
        request = ask(bank.maker, door=door)
        one, two = assigned(request)
        assert outcome(counters.at_once(deciding(request, one), deciding(request, two)))[State.EXECUTED] >= 1
        assert (again(request).state, request.decisions.count()) == (State.EXECUTED, 2)
        assert traces_of(door)[OPENED.name] == 1


@contextmanager
def request_unlocked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the product read a request without locking it, and both readers wait for each other before they go on."""
    both_have_read = threading.Barrier(2)

    def read_only(request_id: Any) -> ApprovalRequest:
        row = ApprovalRequest.objects.get(pk=request_id)
        both_have_read.wait(timeout=60)
        return row

    with monkeypatch.context() as patch:
        patch.setattr(locks, "request_for_update", read_only)
        patch.setattr(locks, "makers_turn", lambda request: None)
        yield


GUARDS = (("approvals_decision", "decision_holds"), ("approvals_approvalrequest", "request_moves"))


@contextmanager
def guards_asleep() -> Iterator[None]:
    """Switch off the triggers that would notice a second decision on a request that has ended, and the constraint behind."""
    (closed_when,) = [one for one in ApprovalRequest._meta.constraints if one.name == "request_closed_when"]
    for table, trigger in GUARDS:
        execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    with connection.schema_editor() as editor:
        editor.remove_constraint(ApprovalRequest, closed_when)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            editor.add_constraint(ApprovalRequest, closed_when)
        for table, trigger in GUARDS:
            execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")


def race_for(bank: Bank, door: int) -> Counter[str]:
    request = ask(bank.maker, door=door)
    one, two = assigned(request)
    return outcome(at_once(deciding(request, one), deciding(request, two)))


def test_twin_without_the_lock_the_database_stops_the_second(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have read that the request is pending. The guard looks again, under a lock of its own."""
    policy(stage(Role.FINAL_REVIEWER, assigned=2))
    with request_unlocked(monkeypatch):
        assert race_for(bank, 7) == {State.EXECUTED: 1, "request_not_pending": 1}
    assert traces_of(7)[OPENED.name] == 1


def test_twin_without_lock_and_guards_it_is_carried_out_twice(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """The race is real: this is what the lock and the guards are there for."""
    policy(stage(Role.FINAL_REVIEWER, assigned=2))
    with guards_asleep(), request_unlocked(monkeypatch):
        assert race_for(bank, 7) == {State.EXECUTED: 2}
    assert traces_of(7)[OPENED.name] == 2


def test_with_the_lock_no_guard_is_needed(bank: Bank) -> None:
    policy(stage(Role.FINAL_REVIEWER, assigned=2))
    with guards_asleep():
        for door in range(10):
            assert race_for(bank, door) == {State.EXECUTED: 1, "request_not_pending": 1}
            assert traces_of(door)[OPENED.name] == 1


# -- A decision and something else -------------------------------------------------------------------------------------


def test_yes_and_no_at_the_same_instant_are_one_of_them(bank: Bank, counters: Counters) -> None:
    policy(stage(Role.FINAL_REVIEWER, assigned=2), pair_limit=20)
    for door in range(20):
        request = ask(bank.maker, door=door)
        one, two = assigned(request)
        results = outcome(counters.at_once(deciding(request, one), deciding(request, two, Verdict.REJECT)))
        state = again(request).state
        assert results == {state: 1, "request_not_pending": 1}
        assert (state, traces_of(door)[OPENED.name], traces_of(door)[RELEASED.name]) in {
            (State.EXECUTED, 1, 0),
            (State.REJECTED, 0, 1),
        }


def test_a_decision_and_the_makers_change_of_mind(bank: Bank, counters: Counters) -> None:
    policy(stage(Role.FINAL_REVIEWER, assigned=2), pair_limit=20)
    for door in range(20):
        request = ask(bank.maker, door=door)
        counters.at_once(
            deciding(request, assigned(request)[0]),
            lambda: withdraw_request(request_id=request.pk, maker=bank.maker, now=clock.now()),  # noqa: B023
        )
        state = again(request).state
        assert (state, traces_of(door)[OPENED.name], traces_of(door)[RELEASED.name]) in {
            (State.EXECUTED, 1, 0),
            (State.WITHDRAWN, 0, 1),
        }


def test_a_role_revoked_at_the_same_instant(bank: Bank, counters: Counters) -> None:
    """Either the decision came first and stands before the revocation in the trail, or it is refused."""
    policy(stage(Role.FINAL_REVIEWER, assigned=2), pair_limit=20)
    for door in range(10):
        request = ask(bank.maker, door=door)
        by = assigned(request)[0]
        decided, revoked = counters.at_once(deciding(request, by), lambda: revoke(by, bank))  # noqa: B023
        assert isinstance(revoked, User)
        revocation = AuditEvent.objects.filter(event_type="staff.user.role_revoked").latest("id")
        if isinstance(decided, Decided):
            executed = AuditEvent.objects.filter(event_type=events.EXECUTED.name).latest("id")
            assert executed.id < revocation.id
        else:
            assert getattr(decided, "code", repr(decided)) in {"wrong_role", "permission_refused"}
            assert (again(request).state, traces_of(door)[OPENED.name]) == (State.PENDING, 0)
        also(by, Role.FINAL_REVIEWER)


def test_a_decision_waits_for_the_revocation_that_has_begun(bank: Bank) -> None:
    """Revoked, not yet committed: a decision (without a code, whose proof would wait anyway) must not commit after it."""
    policy(stage(Role.FIRST_REVIEWER, code=False))
    request = ask(bank.maker, door=7)
    by = assigned(request)[0]
    with begun(lambda: revoke(by, bank, Role.FIRST_REVIEWER)):
        assert outcome(at_once(lambda: say(Verdict.APPROVE, request, by, code=""))) == {"wrong_role": 1}
    assert request.decisions.count() == 0


def revoke(person: User, bank: Bank, role: Role = Role.FINAL_REVIEWER) -> User:
    with operations.carrying_out("staff.revoke_role"):
        return revoke_role(
            user=person,
            role=role,
            actor=bank.administrator.as_actor(),
            reason="moved on",
            now=clock.now(),
        )


def test_the_same_two_people_do_not_pass_their_limit_at_the_same_instant(bank: Bank) -> None:
    """One approval of this maker's requests is allowed in a row; three at once are still one."""
    policy(stage(Role.FIRST_REVIEWER, code=False, assigned=3), stage(Role.FINAL_REVIEWER), pair_limit=1)
    requests = [ask(bank.maker, door=door) for door in range(3)]
    by = bank.first[0]
    results = at_once(*[lambda one=one: say(Verdict.APPROVE, one, by, code="") for one in requests])
    assert outcome(list(results)) == {State.PENDING: 1, "pair_too_often": 2}


def test_who_waits_too_long_is_told_so_and_nothing_is_decided(bank: Bank) -> None:
    """Everybody who could be asked next is being changed by somebody: the decision waits, and then says it is busy."""
    request = ask(bank.maker, door=7)
    call = deciding(request, assigned(request)[0])

    def impatient() -> Any:
        execute("SET lock_timeout = '300ms'")
        return call()

    with held("SELECT FROM staff_user WHERE employee_number LIKE 'L%' FOR UPDATE"):
        assert outcome(at_once(impatient)) == {"busy": 1}
    assert (again(request).stage, request.decisions.count()) == (1, 0)
    assert approve(request).request.stage == 2


def test_who_asks_while_everybody_is_busy_is_told_so(bank: Bank) -> None:
    def impatient() -> Any:
        execute("SET lock_timeout = '300ms'")
        return submit(bank.maker, door=7)

    with held("SELECT FROM staff_user WHERE employee_number LIKE 'F%' FOR UPDATE"):
        assert outcome(at_once(impatient)) == {"busy": 1}
    assert not ApprovalRequest.objects.exists()
    assert traces_of(7) == {}


@contextmanager
def held(statement: str) -> Iterator[None]:
    """Keep rows locked in another connection for as long as the block takes."""
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            execute(statement)
            locked.set()
            done.wait(timeout=LONG)

    holding = threading.Thread(target=at_once, args=[hold])
    holding.start()
    assert locked.wait(timeout=LONG)
    try:
        yield
    finally:
        done.set()
        holding.join()


def test_past_the_service_the_limit_holds_at_the_same_instant_too(bank: Bank) -> None:
    """By straight SQL nobody locks the reviewer; the guard itself lets one maker's decisions wait for each other."""
    policy(stage(Role.FIRST_REVIEWER, code=False, assigned=3), stage(Role.FINAL_REVIEWER), pair_limit=1)
    one, two = ask(bank.maker, door=1), ask(bank.maker, door=2)
    by = bank.first[0]
    with begun(lambda: write_decision(one, by)):
        (refusal,) = at_once(lambda: write_decision(two, by))
    assert str(refusal).startswith("pair_too_often")
    assert list(Decision.objects.values_list("request", flat=True)) == [one.pk]


@contextmanager
def begun(work: Callable[[], object]) -> Iterator[None]:
    """Do something in another connection that commits only when somebody in the block waits for it."""
    with elsewhere(work) as working:

        def commit() -> None:
            eventually(working.is_waited_for)
            working.end()

        with beside(commit):
            yield


# -- Submitting --------------------------------------------------------------------------------------------------------


def test_the_same_order_twenty_times_at_once_is_one_request(bank: Bank) -> None:
    results = at_once(*[lambda: submit(bank.maker, door=7, key="k-1") for _ in range(20)])
    assert {getattr(result, "request", result) for result in results} == {ApprovalRequest.objects.get()}
    assert traces_of(7) == {PARKED.name: 1}


def test_the_same_wish_of_many_at_once_is_one_request(bank: Bank) -> None:
    makers = [bank.maker, bank.administrator, *bank.final]
    results: list[Any] = at_once(*[lambda maker=maker: submit(maker, door=7) for maker in makers])
    (request,) = ApprovalRequest.objects.all()
    refusals = [result for result in results if isinstance(result, Exception)]
    assert Counter(getattr(refusal, "code", repr(refusal)) for refusal in refusals) == {"identical_request_open": 4}
    assert all(request.reference in str(refusal) for refusal in refusals)
    assert traces_of(7) == {PARKED.name: 1}


def test_two_amendments_into_the_same_wish_at_once_are_one(bank: Bank) -> None:
    requests = [ask(bank.maker, door=1), ask(bank.maker, door=2)]
    for request in requests:
        send_back(request)

    def amend(request: ApprovalRequest) -> Any:
        return amend_request(
            request_id=request.pk, maker=bank.maker, payload={"door": 9}, reason="this one", now=clock.now()
        )

    results = at_once(*[lambda one=one: amend(one) for one in requests])
    assert outcome(list(results))["identical_request_open"] == 1
    assert sorted(again(request).state for request in requests) == [State.PENDING, State.RETURNED]


# -- Expiry ------------------------------------------------------------------------------------------------------------


def test_the_expiry_job_several_times_at_once_ends_each_once(bank: Bank) -> None:
    for door in range(8):
        ask(bank.maker, door=door, now=clock.now() - timedelta(hours=25))
    results = at_once(*[lambda: expire_due(now=clock.now()) for _ in range(4)])
    assert sum(result for result in results if isinstance(result, int)) == 8
    assert [endings_of(door) for door in range(8)] == [["EXPIRED"]] * 8
    assert AuditEvent.objects.filter(event_type=events.EXPIRED.name).count() == 8


def test_a_returned_request_expires_like_any_other(bank: Bank) -> None:
    request = ask(bank.maker, door=7)
    send_back(request)
    assert expire_due(now=clock.now()) == 0
    its_time_is_over()
    assert expire_due(now=clock.now()) == 1
    assert (again(request).state, endings_of(7)) == (State.EXPIRED, ["EXPIRED"])


def its_time_is_over() -> None:
    """Let a day pass, which the guards compare with the server's clock."""
    execute("SET session_replication_role = replica")
    for table in ("requestversion", "approvalrequest"):
        execute(f"UPDATE approvals_{table} SET expires_at = expires_at - interval '25 hours'")
    execute("SET session_replication_role = DEFAULT")


def test_what_somebody_is_deciding_is_left_to_them(bank: Bank) -> None:
    """The job passes over a request that is locked, and does not wait."""
    ask(bank.maker, door=7, now=clock.now() - timedelta(hours=25))
    with held("SELECT FROM approvals_approvalrequest FOR UPDATE"):
        assert expire_due(now=clock.now()) == 0
    assert expire_due(now=clock.now()) == 1
