"""Decisions: one person, one request, one code."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from approvals import errors, events, locks
from approvals.eligibility import authority, refusal_by
from approvals.models import ApprovalRequest, Decision, Proof, RequestVersion, State, Verdict
from approvals.selectors.chains import needs_code
from approvals.services import endings
from approvals.services.assignment import assign_stage, end_grants
from approvals.services.execution import execute
from approvals.services.proofs import prove, refuse_locked
from bankops.core import clock
from bankops.core.db import busy_is_an_answer, transaction_required
from bankops.core.errors import BankOpsError, PermissionRefused
from bankops.core.texts import check_storable
from staff.models import User
from staff.selectors import holds_right

logger = logging.getLogger(__name__)

DECIDE = "approvals.decide_request"
AT_ONCE_MAX = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as the reviewer saw it: a decision is about this content, version and stage, and no other.

    Attributes:
        sight: `ApprovalRequest.sight` as it was when the page was made.

    """

    request_id: UUID
    sight: bytes


@dataclass(frozen=True, slots=True)
class Voice:
    """What a reviewer says, and the proof that it is they who say it; None where the chain asks for none."""

    reviewer: User
    verdict: Verdict
    comment: str
    proof: Proof | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision.

    Attributes:
        request: as it stands afterwards; look at its state before calling it done.
        decision: None when this one of several was refused.
        result: what the operation's service returned, when this was the last decision and it was carried out.
        refusal: why this one of several was not decided.

    """

    request: ApprovalRequest
    decision: Decision | None = None
    result: Any = None
    refusal: BankOpsError | None = None


def decide(*, seen: Seen, verdict: Verdict, reviewer: User, code: str, comment: str = "", now: datetime) -> Decided:
    """Take one decision with one code. With the last approval the operation is carried out in the same transaction.

    Not to be called inside a transaction: a wrong code counts whatever comes of the rest. A refusal before the code is
    looked at does not use it up.

    Writes the audit event of the verdict, and `approvals.request.executed`, `.failed` or `.went_stale` after the last.

    :raises CommentRequired: for a rejection or return without a word why.
    :raises RequestNotPending, RequestExpired, RequestChanged: when there is nothing to decide, or something else.
    :raises OwnRequest, WrongRole, RoleExcluded, DecidedAlready, PairTooOften, NotAssigned, StandInNotAllowed, PermissionRefused:
        when this person may not decide it now.
    :raises CodeRequired, CodeRefused, CodeAlreadyUsed, TooManyWrongCodes, DecidingLocked: what is wrong with the code.
    :raises Busy: when somebody works on the same records for too long; nothing was decided, the code is used up.
    """
    comment = _comment(verdict, comment)
    request = _looked_at(seen, reviewer, now)
    proof = None
    if code.strip() or needs_code(request):
        proof = prove(user=reviewer, answer=code, requests=[request], verdict=verdict, now=now)
    else:
        refuse_locked(reviewer)
    return _decide(seen, Voice(reviewer, verdict, comment, proof, now))


def decide_many(
    *, seen: Sequence[Seen], verdict: Verdict, reviewer: User, code: str, comment: str = "", now: datetime
) -> list[Decided]:
    """Take the same decision on an explicit list of at most 20 requests, with one code; each is decided and recorded singly.

    One that cannot be decided is answered with its refusal and does not keep the others from being decided. Without any
    that this person may decide, the code is not looked at.

    :raises NothingChosen: for an empty list.
    :raises TooManyAtOnce: for more than 20.
    :raises CommentRequired, CodeRequired, CodeRefused, CodeAlreadyUsed, TooManyWrongCodes, DecidingLocked: as `decide`.
    """
    comment = _comment(verdict, comment)
    chosen = list({one.request_id: one for one in seen}.values())
    if not chosen:
        raise errors.NothingChosen
    if len(chosen) > AT_ONCE_MAX:
        raise errors.TooManyAtOnce(limit=AT_ONCE_MAX, count=len(chosen))
    refused: dict[UUID, Decided] = {}
    allowed: list[ApprovalRequest] = []
    for one in chosen:
        try:
            allowed.append(_looked_at(one, reviewer, now))
        except BankOpsError as refusal:
            refused[one.request_id] = _refused(one, refusal)
    if not allowed:
        return list(refused.values())
    proof = prove(user=reviewer, answer=code, requests=allowed, verdict=verdict, now=now)
    voice = Voice(reviewer, verdict, comment, proof, now)
    return [refused.get(one.request_id) or _try(one, voice) for one in chosen]


def _try(seen: Seen, voice: Voice) -> Decided:
    try:
        return _decide(seen, voice)
    except BankOpsError as refusal:
        return _refused(seen, refusal)
    except Exception:
        # Those before it are decided, and those after it must be: the fault is answered like a refusal, and logged.
        logger.exception("deciding failed", extra={"approval_request": str(seen.request_id)})
        return _refused(seen, errors.UnexpectedFailure(fault=_("an unexpected fault")))


def _refused(seen: Seen, refusal: BankOpsError) -> Decided:
    request = ApprovalRequest.objects.filter(pk=seen.request_id).first()
    if request is None:
        raise refusal
    return Decided(request, refusal=refusal)


def _looked_at(seen: Seen, reviewer: User, now: datetime) -> ApprovalRequest:
    """Refuse without a lock, and without using up a code, what can be refused already.

    Without a lock, somebody else may decide between the reading of the request and of who was asked. What is refused then is
    judged again on what stands now: the reviewer is told that it is decided, not that it never was theirs.
    """
    request = _found(seen)
    try:
        _refuse(request, seen, reviewer, now)
    except BankOpsError:
        read_before, request = request, _found(seen)
        if (request.state, request.sight) == (read_before.state, read_before.sight):
            raise
        _refuse(request, seen, reviewer, now)
    return request


def _found(seen: Seen) -> ApprovalRequest:
    request = ApprovalRequest.objects.filter(pk=seen.request_id).first()
    if request is None:
        raise errors.UnknownRequest(reference=seen.request_id)
    return request


def _refuse(request: ApprovalRequest, seen: Seen, reviewer: User, now: datetime) -> User | None:
    """Refuse who may not decide, and what was not seen; return whom the reviewer stands in for."""
    allowed = authority(request, reviewer, now=now)
    if allowed.refusal:
        raise allowed.refusal
    if not holds_right(reviewer, DECIDE):
        raise PermissionRefused(actor=reviewer.full_name, permission=DECIDE)
    if request.sight != seen.sight:
        raise errors.RequestChanged(reference=request.reference)
    return allowed.in_place_of


@busy_is_an_answer()
@transaction.atomic
def _decide(seen: Seen, voice: Voice) -> Decided:
    request = locks.request_for_update(seen.request_id)
    locks.makers_turn(request)
    reviewer = locks.reviewer_for_update(voice.reviewer)
    in_place_of = _refuse(request, seen, reviewer, voice.now)
    decision = Decision(
        request=request,
        version=request.version,
        stage=request.stage,
        role=request.stage_role,
        reviewer=reviewer,
        in_place_of=in_place_of,
        maker_user_id=request.maker_user_id,
        maker_id=request.maker_id,
        verdict=voice.verdict,
        comment=voice.comment,
        content_hash=request.content_hash,
        proof=voice.proof,
        decided_at=voice.now,
    )
    _write(decision, request)
    return Decided(request, decision, _follow(request, decision, voice.now))


def _write(decision: Decision, request: ApprovalRequest) -> None:
    """Write a decision; what the database's guard refuses is answered in the same words as the service's own refusals."""
    try:
        with transaction.atomic(), busy_is_an_answer():
            decision.save(force_insert=True)
    except IntegrityError as refused:
        code = str(refused).partition(":")[0]
        try:
            raise refusal_by(code, request, decision.reviewer) from refused
        except KeyError:
            raise refused from None


def _follow(request: ApprovalRequest, decision: Decision, now: datetime) -> Any:
    version = endings.current_version(request)
    if decision.verdict == Verdict.APPROVE:
        return _approved(request, version, decision, now)
    actor = decision.reviewer.as_actor()
    if decision.verdict == Verdict.RETURN:
        return _return(request, decision, now)
    endings.close(
        request,
        version,
        State.REJECTED,
        event=events.REJECTED,
        actor=actor,
        now=now,
        note=decision.comment,
        **_both_names(decision),
    )
    return None


def _approved(request: ApprovalRequest, version: RequestVersion, decision: Decision, now: datetime) -> Any:
    """Record an approval, and go on as far as it allows: no further, to the next stage, or to the execution."""
    _record_approval(request, decision, now)
    stage = version.chain["stages"][request.stage - 1]
    if not _has_quorum(request, stage["quorum"]):
        end_grants(request, [decision.reviewer_id, *filter(None, [decision.in_place_of_id])], now=now)
        return None
    if request.stage == request.stage_count:
        return execute(request, version, actor=decision.reviewer.as_actor(), now=now)
    end_grants(request, now=now)
    request.stage += 1
    request.stage_role = version.chain["stages"][request.stage - 1]["role"]
    request.save(update_fields=["stage", "stage_role"])
    assign_stage(request, version, now=now, business_date=clock.business_date(now))
    return None


def _has_quorum(request: ApprovalRequest, quorum: int) -> bool:
    """Tell whether enough approved the present stage; the approval just written is one of them."""
    approvals = request.decisions.filter(version=request.version, stage=request.stage, verdict=Verdict.APPROVE)
    return quorum == 1 or approvals.count() >= quorum


def _return(request: ApprovalRequest, decision: Decision, now: datetime) -> None:
    """Send a request back to its maker. What it reserved stays reserved until it is amended, withdrawn or expired."""
    before, request.state = request.state, State.RETURNED
    request.closing_note = decision.comment
    request.save(update_fields=["state", "closing_note"])
    end_grants(request, now=now)
    actor = decision.reviewer.as_actor()
    endings.record(request, events.RETURNED, actor=actor, now=now, before=before, **_both_names(decision))
    endings.tell_maker(request, now=now)


@transaction_required
def _record_approval(request: ApprovalRequest, decision: Decision, now: datetime) -> None:
    endings.record(
        request,
        events.APPROVED,
        actor=decision.reviewer.as_actor(),
        now=now,
        before=str(request.state),
        comment=decision.comment,
        content_hash=bytes(decision.content_hash).hex(),
        **_both_names(decision),
    )


def _both_names(decision: Decision) -> dict[str, Any]:
    return {"in_place_of": decision.in_place_of.full_name} if decision.in_place_of else {}


def _comment(verdict: Verdict, comment: str) -> str:
    comment = comment.strip()
    check_storable(comment)
    if verdict != Verdict.APPROVE and not comment:
        raise errors.CommentRequired
    return comment
