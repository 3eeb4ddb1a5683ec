"""Deciding: in order, by different people, about what they saw; carried out with the last approval."""

from __future__ import annotations

from typing import Any

import pytest

from approvals import events, notice_kinds
from approvals.models import Assignment, Decision, ReviewGrant, State, Verdict
from approvals.services import amend_request, decisions, proofs
from bankops.core import clock
from bankops.core.errors import BankOpsError
from bankops.core.models import AuditEvent, OutboxMessage
from notifications.models import Notice
from staff.models import User
from staff.roles import Role
from tests.approvals.factories import (
    OPENED,
    PARKED,
    Bank,
    again,
    also,
    approve,
    ask,
    assigned,
    disabled,
    endings_of,
    fresh_code,
    granted,
    no_longer,
    policy,
    reject,
    say,
    send_back,
    stage,
    stand_in,
    traces_of,
)
from tests.approvals.raw_decisions import write_grant
from tests.unchanged import refused


def trail(*, of: str = "approvals.request") -> list[str]:
    """Return the last words of the events so far, in order."""
    names = AuditEvent.objects.filter(event_type__startswith=of).order_by("id").values_list("event_type", flat=True)
    return [name.rpartition(".")[2] for name in names]


# -- The way through ---------------------------------------------------------------------------------------------------


def test_two_people_in_order_and_it_is_done(bank: Bank) -> None:
    request = ask(bank.maker, door=7)
    first = approve(request)
    assert (first.result, again(request).state, again(request).stage, again(request).stage_role) == (
        None,
        State.PENDING,
        2,
        "final_reviewer",
    )
    assert traces_of(7) == {PARKED.name: 1}
    last = approve(request)
    assert last.result.id == "7"
    done = again(request)
    assert (done.state, done.result_type, done.result_id, done.result_label) == (State.EXECUTED, "door", "7", "Door 7")
    assert traces_of(7) == {PARKED.name: 1, OPENED.name: 1}
    assert trail() == ["submitted", "assigned", "approved", "assigned", "approved", "executed"]


def test_everything_done_under_a_request_names_it(bank: Bank) -> None:
    """Also what the operation wrote, when it reserved and when it was carried out."""
    request = ask(bank.maker, door=7)
    approve(request)
    approve(request)
    assert set(AuditEvent.objects.values_list("approval_request_id", flat=True)) == {request.public_id}
    opened = AuditEvent.objects.get(event_type=OPENED.name)
    assert (opened.actor_name, opened.approval_request_id) == ("Ma Ke", request.public_id)


def test_the_trail_says_who_decided_what_about_which_content(bank: Bank) -> None:
    request = ask(bank.maker)
    by = assigned(request)[0]
    approve(request, by)
    event = AuditEvent.objects.get(event_type=events.APPROVED.name)
    assert (event.actor_id, event.subject_label, event.changes) == (
        by.public_id,
        request.reference,
        {"state": ["PENDING", "PENDING"]},
    )
    assert event.detail["content_hash"] == bytes(request.content_hash).hex()


def test_rights_end_with_the_stage_and_the_next_are_given(bank: Bank) -> None:
    request = ask(bank.maker)
    first = set(assigned(request))
    approve(request)
    final = set(assigned(request))
    assert first < set(bank.first)
    assert final < set(bank.final)
    assert Assignment.objects.filter(reviewer__in=first, ended_at__isnull=True).count() == 0
    approve(request)
    assert not ReviewGrant.objects.exists()
    assert Assignment.objects.filter(ended_at__isnull=True).count() == 0


def test_a_quorum_of_two_needs_two(bank: Bank) -> None:
    policy(stage(Role.FIRST_REVIEWER), stage(Role.FINAL_REVIEWER, quorum=2))
    request = ask(bank.maker, door=7)
    approve(request)
    approve(request, bank.final[0])
    assert (again(request).state, again(request).stage) == (State.PENDING, 2)
    assert bank.final[0] not in assigned(request)
    assert traces_of(7)[OPENED.name] == 0
    approve(request, bank.final[1])
    assert again(request).state == State.EXECUTED
    assert set(Decision.objects.filter(stage=2).values_list("reviewer", flat=True)) == {
        bank.final[0].pk,
        bank.final[1].pk,
    }


def test_one_no_ends_it(bank: Bank) -> None:
    policy(stage(Role.FINAL_REVIEWER, quorum=2, assigned=3))
    request = ask(bank.maker, door=7)
    approve(request, bank.final[0])
    reject(request, bank.final[1], comment="not at night")
    ended = again(request)
    assert (ended.state, ended.closing_note, ended.error_code) == (State.REJECTED, "not at night", "")
    assert endings_of(7) == ["REJECTED"]
    assert assigned(request) == []
    assert Notice.objects.get(kind=notice_kinds.OUTCOME).recipient == bank.maker
    assert trail()[-1] == "rejected"
    assert OutboxMessage.objects.get(topic=events.REJECTED.name).payload["state"] == "REJECTED"


@pytest.mark.parametrize("verdict", [Verdict.REJECT, Verdict.RETURN])
def test_a_no_needs_a_word_why(bank: Bank, verdict: Verdict) -> None:
    request = ask(bank.maker)
    with refused("comment_required"):
        say(verdict, request, assigned(request)[0], comment="  ")


def test_what_cannot_be_stored_is_refused(bank: Bank) -> None:
    request = ask(bank.maker)
    with refused("unstorable_text"):
        say(Verdict.APPROVE, request, assigned(request)[0], comment="a\0b")


def test_an_unknown_request(bank: Bank) -> None:
    request = ask(bank.maker)
    request.pk = "00000000-0000-7000-8000-000000000000"
    with refused("unknown_request"):
        say(Verdict.APPROVE, request, bank.first[0])


# -- About what was seen -----------------------------------------------------------------------------------------------


def test_another_content_than_seen_is_refused(bank: Bank) -> None:
    request = ask(bank.maker)
    request.content_hash = b"\0" * 32
    with refused("request_changed"):
        say(Verdict.APPROVE, request, assigned(request)[0])


def test_an_amended_request_is_not_what_was_seen(bank: Bank) -> None:
    """The page showed door 1; meanwhile it was returned, and amended to door 2."""
    page = ask(bank.maker, door=1)
    for person in bank.first:
        if person not in assigned(page):
            write_grant(page, person)
    send_back(page, bank.first[2])
    amend_request(request_id=page.pk, maker=bank.maker, payload={"door": 2}, reason="", now=clock.now())
    by = assigned(page)[0]
    with refused("request_changed"):
        say(Verdict.APPROVE, page, by)
    approve(page, by)
    assert again(page).stage == 2


def test_what_can_be_decided_without_the_role_s_right_is_nothing(bank: Bank) -> None:
    """The role alone decides nothing: it must carry the right approvals.decide_request."""
    request = ask(bank.maker)
    by = assigned(request)[0]
    by.groups.get(name="first_reviewer").permissions.clear()
    by = User.objects.get(pk=by.pk)
    with refused("permission_refused"):
        say(Verdict.APPROVE, request, by)


# -- Standing in -------------------------------------------------------------------------------------------------------


def substitute_of(bank: Bank, request: Any) -> tuple[User, User]:
    """Let the one first reviewer who was not asked stand in for the first who was; return both."""
    (substitute,) = set(bank.first) - set(assigned(request))
    absent = assigned(request)[0]
    stand_in(absent, by=substitute)
    return absent, substitute


def test_a_stand_in_decides_and_both_names_are_kept(bank: Bank) -> None:
    request = ask(bank.maker)
    absent, substitute = substitute_of(bank, request)
    decided = approve(request, substitute)
    assert decided.decision is not None
    assert (decided.decision.reviewer, decided.decision.in_place_of) == (substitute, absent)
    event = AuditEvent.objects.get(event_type=events.APPROVED.name)
    assert (event.actor_name, event.detail["in_place_of"]) == (substitute.full_name, absent.full_name)


@pytest.mark.parametrize("refusing", [reject, send_back])
def test_a_stand_in_who_says_no_is_named_with_whom_they_stand_for(bank: Bank, refusing: Any) -> None:
    request = ask(bank.maker)
    absent, substitute = substitute_of(bank, request)
    refusing(request, substitute)
    event = AuditEvent.objects.order_by("-id").filter(subject_type="approval_request")[0]
    assert (event.actor_name, event.detail["in_place_of"]) == (substitute.full_name, absent.full_name)


def test_a_chain_of_stand_ins_reaches_through(bank: Bank) -> None:
    """Fang 2 stands in for Fang 1, who is away, and Fang 3 for Fang 2, who fell ill."""
    policy(stage(Role.FIRST_REVIEWER, assigned=1))
    request = ask(bank.maker)
    (absent,) = assigned(request)
    second, third = (person for person in bank.first if person != absent)
    stand_in(absent, by=second)
    stand_in(second, by=third)
    decided = approve(request, third)
    assert decided.decision is not None
    assert decided.decision.in_place_of == absent
    assert again(request).state == State.EXECUTED


def test_two_seats_one_voice(bank: Bank) -> None:
    """Whoever stands in for two of a quorum still has one voice."""
    policy(stage(Role.FIRST_REVIEWER, quorum=2, assigned=2))
    request = ask(bank.maker)
    one, two = assigned(request)
    (substitute,) = set(bank.first) - {one, two}
    stand_in(one, by=substitute)
    stand_in(two, by=substitute)
    approve(request, substitute)
    assert again(request).state == State.PENDING
    with refused("decided_already"):
        say(Verdict.APPROVE, request, substitute)
    approve(request, two)
    assert again(request).state == State.EXECUTED


def test_whoever_has_a_right_of_their_own_uses_that(bank: Bank) -> None:
    request = ask(bank.maker)
    one, two = assigned(request)
    stand_in(one, by=two)
    decided = approve(request, two)
    assert decided.decision is not None
    assert decided.decision.in_place_of is None


# -- The same two people, again and again ------------------------------------------------------------------------------


def test_three_in_a_row_and_then_somebody_else(bank: Bank) -> None:
    by, other = bank.first[0], bank.first[1]
    requests = [granted(bank, door, by) for door in (1, 2, 3, 4)]
    for request in requests[:3]:
        approve(request, by)
    with refused("pair_too_often"):
        say(Verdict.APPROVE, requests[3], by)
    assert by not in assigned(ask(bank.maker, door=5))  # nor does the rotation ask them
    approve(granted(bank, 6, other), other)
    approve(requests[3], by)
    assert again(requests[3]).stage == 2


def test_another_makers_requests_do_not_count(bank: Bank) -> None:
    by = bank.first[0]
    for door in (1, 2, 3):
        approve(granted(bank, door, by), by)
    request = ask(bank.administrator, door=9)
    if by not in assigned(request):
        write_grant(request, by)
    approve(request, by)
    assert again(request).stage == 2


def test_a_no_makes_no_pair(bank: Bank) -> None:
    by = bank.first[0]
    for door in (1, 2, 3):
        reject(granted(bank, door, by), by)
    approve(granted(bank, 4, by), by)


# -- Between page and click --------------------------------------------------------------------------------------------


def test_a_right_revoked_while_the_code_is_checked_decides_nothing(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look before the code said yes; under the lock it is looked at again."""
    request = ask(bank.maker)
    by = assigned(request)[0]
    prove = proofs.prove

    def revoked_meanwhile(**fields: Any) -> Any:
        proof = prove(**fields)
        no_longer(by, Role.FIRST_REVIEWER)
        return proof

    monkeypatch.setattr(decisions, "prove", revoked_meanwhile)
    with pytest.raises(BankOpsError) as refusal:
        say(Verdict.APPROVE, request, by, code=fresh_code(by))
    assert refusal.value.code == "wrong_role"
    assert not Decision.objects.exists()
    assert again(request).stage == 1


def test_disabled_while_the_code_is_checked(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    request = ask(bank.maker)
    by = assigned(request)[0]
    prove = proofs.prove
    monkeypatch.setattr(decisions, "prove", lambda **fields: (prove(**fields), disabled(by))[0])
    with pytest.raises(BankOpsError) as refusal:
        say(Verdict.APPROVE, request, by, code=fresh_code(by))
    assert refusal.value.code == "reviewer_disabled"
    assert not Decision.objects.exists()


def test_what_only_the_database_notices_is_said_in_the_same_words(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the service's own look switched off the guard's refusal is answered with the same code."""
    request = ask(bank.maker)
    monkeypatch.setattr(decisions, "_refuse", lambda *_args: None)
    for person, code in ((bank.maker, "own_request"), (bank.final[0], "wrong_role")):
        with pytest.raises(BankOpsError) as refusal:
            say(Verdict.APPROVE, request, person, code=fresh_code(person))
        assert refusal.value.code == code
    assert not Decision.objects.exists()


def test_two_roles_do_not_make_two_people(bank: Bank) -> None:
    both = also(bank.first[0], Role.FINAL_REVIEWER)
    request = granted(bank, 1, both)
    approve(request, both)
    assert both not in assigned(request)
    with refused("decided_already"):
        say(Verdict.APPROVE, again(request), both)
