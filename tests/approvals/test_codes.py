"""One code for one decision: of this person, for these requests, for this verdict, now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from approvals import events
from approvals.models import ApprovalRequest, CodeLock, Decision, Proof, Verdict
from approvals.services import amend_request, unlock_reviewer
from bankops.core import clock, encryption
from bankops.core.models import AuditEvent
from staff import one_time_codes
from staff.errors import CodeAlreadyUsed, CodeRefused
from staff.models import OneTimeCodeDevice, User
from staff.roles import Role
from staff.services.second_factor import verify_code
from tests.approvals.factories import (
    Bank,
    again,
    approve,
    ask,
    assigned,
    fresh_code,
    policy,
    say,
    send_back,
    stage,
)
from tests.approvals.raw_decisions import execute, insert, write_decision, write_grant, write_proof
from tests.personas import code_of
from tests.unchanged import check_deferred, refused, refused_by_database


def wrong_code(person: User) -> str:
    """Return a code that the phone does not show, now or within the half minutes that count."""
    now = clock.now()
    near = {code_of(person, now + timedelta(seconds=offset)) for offset in (-60, -30, 0, 30, 60)}
    return next(code for code in map("{:06d}".format, range(10)) if code not in near)


def mistype(request: ApprovalRequest, person: User, times: int) -> None:
    """Let somebody enter wrong codes, waiting each time as long as they are told to."""
    now = clock.now()
    for number in range(times):
        later = now + timedelta(seconds=20 * number)
        with pytest.raises(CodeRefused):
            say(Verdict.APPROVE, request, person, code=wrong_code(person), now=later)


# -- Through the service -----------------------------------------------------------------------------------------------


def test_a_decision_keeps_the_proof_of_its_code(bank: Bank) -> None:
    request = ask(bank.maker)
    by = assigned(request)[0]
    decided = approve(request, by)
    assert decided.decision is not None
    proof = decided.decision.proof
    assert proof is not None
    assert (proof.user, proof.method, proof.verdict) == (by, "totp", "APPROVE")
    (subject,) = proof.subjects.all()
    assert (subject.request, bytes(subject.sight)) == (request, request.sight)


@pytest.mark.parametrize("code", ["", "   "])
def test_without_a_code_nothing_is_decided_and_nothing_counted(bank: Bank, code: str) -> None:
    request = ask(bank.maker)
    with refused("code_required"):
        say(Verdict.APPROVE, request, assigned(request)[0], code=code)


def test_a_wrong_code_decides_nothing_and_is_counted(bank: Bank) -> None:
    request = ask(bank.maker)
    by = assigned(request)[0]
    with pytest.raises(CodeRefused):
        say(Verdict.APPROVE, request, by, code=wrong_code(by))
    assert (again(request).stage, Decision.objects.count(), Proof.objects.count()) == (1, 0, 0)
    assert CodeLock.objects.get(user=by).failure_count == 1


def test_a_used_code_decides_nothing(bank: Bank) -> None:
    """The code that decided one request is shown to the next within the same half minute."""
    first, second = ask(bank.maker, door=1), ask(bank.maker, door=2)
    by = bank.first[0]
    for request in (first, second):
        if by not in assigned(request):
            write_grant(request, by)
    code, now = fresh_code(by), clock.now()
    say(Verdict.APPROVE, first, by, code=code, now=now)
    with pytest.raises(CodeAlreadyUsed):
        say(Verdict.APPROVE, second, by, code=code, now=now)
    assert (again(second).stage, Decision.objects.count()) == (1, 1)


def test_the_code_of_signing_in_does_not_decide(bank: Bank) -> None:
    request, now = ask(bank.maker), clock.now()
    by = assigned(request)[0]
    verify_code(user=by, code=code_of(by, now), now=now)
    with pytest.raises(CodeAlreadyUsed):
        say(Verdict.APPROVE, request, by, code=code_of(by, now), now=now)
    assert Decision.objects.count() == 0


def test_another_persons_code_decides_nothing(bank: Bank) -> None:
    """Everybody's phone shares one secret in the tests, so here one of them gets another."""
    request = ask(bank.maker)
    by, other = assigned(request)
    device = OneTimeCodeDevice.objects.get(user=other)
    device.encrypted_secret = encryption.encrypt(b"another secret of 20", context=f"staff.device:{other.public_id}")
    device.save(update_fields=["encrypted_secret"])
    with pytest.raises(CodeRefused):
        say(Verdict.APPROVE, request, by, code=code_of(other))
    assert Decision.objects.count() == 0


def test_a_code_of_a_minute_ago_decides_nothing(bank: Bank) -> None:
    request, now = ask(bank.maker), clock.now()
    by = assigned(request)[0]
    old = code_of(by, now - timedelta(seconds=2 * one_time_codes.STEP_SECONDS))
    with pytest.raises(CodeRefused):
        say(Verdict.APPROVE, request, by, code=old, now=now)


def test_a_refusal_before_the_code_does_not_use_it_up(bank: Bank) -> None:
    request = ask(bank.maker)
    by = assigned(request)[0]
    code = fresh_code(by)
    with refused("comment_required"):
        say(Verdict.REJECT, request, by, code=code)
    say(Verdict.APPROVE, request, by, code=code)
    assert again(request).stage == 2


def test_a_stage_without_codes_asks_for_none(bank: Bank) -> None:
    policy(stage(Role.FIRST_REVIEWER, code=False), stage(Role.FINAL_REVIEWER))
    request = ask(bank.maker)
    decided = say(Verdict.APPROVE, request, assigned(request)[0], code="")
    assert decided.decision is not None
    assert decided.decision.proof is None
    with refused("code_required"):
        say(Verdict.APPROVE, again(request), assigned(request)[0], code="")


def test_a_code_given_where_none_is_asked_for_must_still_be_right(bank: Bank) -> None:
    policy(stage(Role.FIRST_REVIEWER, code=False))
    request = ask(bank.maker)
    by = assigned(request)[0]
    with pytest.raises(CodeRefused):
        say(Verdict.APPROVE, request, by, code=wrong_code(by))
    assert again(request).state == "PENDING"


# -- Five wrong ones ---------------------------------------------------------------------------------------------------


def test_five_wrong_codes_lock_deciding(bank: Bank) -> None:
    request = ask(bank.maker)
    by = assigned(request)[0]
    mistype(request, by, 5)
    locked = AuditEvent.objects.get(event_type=events.REVIEWER_LOCKED.name)
    assert (locked.actor_name, locked.subject_id) == (by.full_name, by.public_id)
    with refused("deciding_locked"):
        say(Verdict.APPROVE, request, by, code=code_of(by))


def test_four_wrong_codes_and_a_right_one_begin_the_count_anew(bank: Bank) -> None:
    request = ask(bank.maker)
    by = assigned(request)[0]
    mistype(request, by, 4)
    now = clock.now() + timedelta(minutes=3)
    say(Verdict.APPROVE, request, by, code=code_of(by, now), now=now)
    assert CodeLock.objects.get(user=by).failure_count == 0


def test_wrong_codes_in_a_hurry_are_put_off(bank: Bank) -> None:
    """The second guess of the same second is not even looked at."""
    request, now = ask(bank.maker), clock.now()
    by = assigned(request)[0]
    with pytest.raises(CodeRefused):
        say(Verdict.APPROVE, request, by, code=wrong_code(by), now=now)
    with refused("too_many_wrong_codes"):
        say(Verdict.APPROVE, request, by, code=code_of(by, now), now=now)


def test_an_administrator_unlocks_and_nobody_unlocks_themselves(bank: Bank) -> None:
    request = ask(bank.maker)
    by = assigned(request)[0]
    mistype(request, by, 5)
    with refused("cannot_change_own_rights"):
        unlock_reviewer(user=by, actor=by.as_actor(), reason="I know it now", now=clock.now())
    with refused("reason_required"):
        unlock_reviewer(user=by, actor=bank.administrator.as_actor(), reason=" ", now=clock.now())
    unlock_reviewer(user=by, actor=bank.administrator.as_actor(), reason="identity checked", now=clock.now())
    later = clock.now() + timedelta(minutes=3)
    say(Verdict.APPROVE, request, by, code=code_of(by, later), now=later)
    event = AuditEvent.objects.get(event_type=events.REVIEWER_UNLOCKED.name)
    assert (event.actor_name, event.reason) == ("An Min", "identity checked")
    with refused("not_locked"):
        unlock_reviewer(user=by, actor=bank.administrator.as_actor(), reason="again", now=clock.now())


# -- Past the service --------------------------------------------------------------------------------------------------


def test_a_decision_without_proof(bank: Bank) -> None:
    request = ask(bank.maker)
    with refused_by_database("^code_required"):
        write_decision(request, assigned(request)[0], proof_id=None)


def test_another_persons_proof(bank: Bank) -> None:
    request = ask(bank.maker)
    by, other = assigned(request)
    with refused_by_database("^code_for_something_else"):
        write_decision(request, by, proof_id=write_proof(request, other))


def test_another_requests_proof(bank: Bank) -> None:
    request, other = ask(bank.maker, door=1), ask(bank.maker, door=2)
    by = assigned(request)[0]
    with refused_by_database("^code_for_something_else"):
        write_decision(request, by, proof_id=write_proof(other, by))


def test_a_proof_for_another_verdict(bank: Bank) -> None:
    request = ask(bank.maker)
    by = assigned(request)[0]
    with refused_by_database("^code_for_something_else"):
        write_decision(request, by, proof_id=write_proof(request, by, verdict="REJECT"))


def test_a_proof_for_another_content(bank: Bank) -> None:
    request = ask(bank.maker)
    by = assigned(request)[0]
    with refused_by_database("^code_for_something_else"):
        write_decision(request, by, proof_id=write_proof(request, by, sight=b"\0" * 32))


def test_a_proof_of_three_minutes_ago(bank: Bank) -> None:
    request = ask(bank.maker)
    by = assigned(request)[0]
    with refused_by_database("^code_too_old"):
        write_decision(request, by, proof_id=write_proof(request, by, proved_at=clock.now() - timedelta(minutes=3)))


def test_a_proof_from_the_future(bank: Bank) -> None:
    request = ask(bank.maker)
    by = assigned(request)[0]
    with refused_by_database("^code_too_old"):
        write_decision(request, by, proof_id=write_proof(request, by, proved_at=clock.now() + timedelta(minutes=1)))


def test_a_proof_that_decided_this_request_before(bank: Bank) -> None:
    """Returned and submitted again unchanged, the content is the same: the old proof must not speak a second time."""
    request = ask(bank.maker)
    by = assigned(request)[0]
    proof = send_back(request, by).decision
    assert proof is not None
    amend_request(request_id=request.pk, maker=bank.maker, payload={"door": 1}, reason="", now=clock.now())
    if by not in assigned(request):
        write_grant(request, by)
    with refused_by_database("^code_for_something_else"):
        write_decision(request, by, verdict="RETURN", comment="again", proof_id=proof.proof_id)


def test_a_code_is_evidence_once(bank: Bank) -> None:
    request = ask(bank.maker)
    by = assigned(request)[0]
    write_proof(request, by, evidence="1:2")
    with refused_by_database("proof_used_once"):
        write_proof(request, by, evidence="1:2")


def test_a_proof_names_a_request_once_and_a_verdict_there_is(bank: Bank) -> None:
    request = ask(bank.maker)
    by = assigned(request)[0]
    proof = write_proof(request, by)
    with refused_by_database("proof_subject_once"):
        insert("approvals_proofsubject", proof_id=proof, request_id=request.pk, sight=b"")
    with refused_by_database("proof_verdict_known"):
        write_proof(request, by, verdict="MAYBE")


@pytest.mark.parametrize("table", ["approvals_proof", "approvals_proofsubject"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_proofs_stay_as_they_are(bank: Bank, table: str, statement: str) -> None:
    """The triggers proof_no_change, proof_no_truncate, proof_subject_no_change and proof_subject_no_truncate."""
    approve(ask(bank.maker))
    check_deferred()
    with refused_by_database("append_only"):
        execute(statement.format(table))
