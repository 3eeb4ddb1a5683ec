"""Proof that the reviewer is there, for one decision: a fresh one-time code, used up by it.

The proof is bound to the person, to the requests in the version they saw, and to the verdict, before the decision is
taken; the database's guard compares all three. Another way of proving, such as a security key, is another `Method`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from django.db import transaction

from approvals import events
from approvals.errors import CodeRequired, DecidingLocked, NotLocked
from approvals.models import ApprovalRequest, CodeLock, Proof, ProofSubject, Verdict
from bankops.core import audit
from bankops.core.actor import Actor
from bankops.core.texts import require_reason
from staff.errors import CodeAlreadyUsed, CodeRefused
from staff.events import about
from staff.models import User
from staff.rules import refuse_own
from staff.services.second_factor import verify_code

FAILURES_MAX = 5


class Method(Protocol):
    """One way of proving presence."""

    def use_up(self, *, user: User, answer: str, now: datetime) -> str:
        """Check what the person answered, outside any transaction, and return the evidence that is now used up.

        :raises CodeRefused, CodeAlreadyUsed: when it is not right; counted.
        """


class OneTimeCode:
    """The code of the authenticator app (TOTP). Its evidence is the phone's 30-second step."""

    def use_up(self, *, user: User, answer: str, now: datetime) -> str:
        device = verify_code(user=user, code=answer, now=now)
        return f"{device.pk}:{device.last_step}"


METHODS: Mapping[str, Method] = {"totp": OneTimeCode()}


def prove(
    *,
    user: User,
    answer: str,
    requests: Sequence[ApprovalRequest],
    verdict: Verdict,
    now: datetime,
    method: str = "totp",
) -> Proof:
    """Use up a code for one verdict on these requests, and return the proof. Not to be called inside a transaction.

    `FAILURES_MAX` wrong answers in a row lock deciding for this person until an administrator unlocks it.

    :raises CodeRequired: for an empty answer; not counted.
    :raises DecidingLocked: while locked; the answer is not looked at.
    :raises CodeRefused, CodeAlreadyUsed: when it is not right. Also `TooManyWrongCodes`, `NoSecondFactor`.
    """
    if not answer.strip():
        raise CodeRequired
    failures = refuse_locked(user)
    try:
        evidence = METHODS[method].use_up(user=user, answer=answer, now=now)
    except (CodeRefused, CodeAlreadyUsed):
        _count_failure(user, now)
        raise
    if failures:
        _forget_failures(user)
    return _record(Proof(user=user, method=method, evidence=evidence, verdict=verdict, proved_at=now), requests)


def refuse_locked(user: User) -> int:
    """Refuse somebody whose deciding is locked; return how many wrong answers in a row they gave so far.

    :raises DecidingLocked: saying who can unlock it.
    """
    lock = CodeLock.objects.filter(user=user).first()
    if lock and lock.locked_at:
        raise DecidingLocked(name=user.full_name, count=FAILURES_MAX)
    return lock.failure_count if lock else 0


@transaction.atomic
def unlock_reviewer(*, user: User, actor: Actor, reason: str, now: datetime) -> CodeLock:
    """Let somebody decide again after `FAILURES_MAX` wrong codes. Writes `approvals.reviewer.unlocked`.

    :raises ReasonRequired: without a reason.
    :raises NotLocked: when nothing is locked.
    :raises CannotChangeOwnRights: for oneself.
    """
    reason = require_reason(reason)
    refuse_own(actor, user)
    lock = CodeLock.objects.select_for_update().filter(user=user, locked_at__isnull=False).first()
    if lock is None:
        raise NotLocked(name=user.full_name)
    lock.failure_count, lock.locked_at = 0, None
    lock.save(update_fields=["failure_count", "locked_at"])
    audit.record(events.REVIEWER_UNLOCKED, actor=actor, subject=about(user), now=now, reason=reason)
    return lock


@transaction.atomic
def _count_failure(user: User, now: datetime) -> None:
    CodeLock.objects.get_or_create(user=user)
    lock = CodeLock.objects.select_for_update().get(user=user)
    lock.failure_count += 1
    if lock.failure_count >= FAILURES_MAX and lock.locked_at is None:
        lock.locked_at = now
        audit.record(events.REVIEWER_LOCKED, actor=user.as_actor(), subject=about(user), now=now)
    lock.save(update_fields=["failure_count", "locked_at"])


def _forget_failures(user: User) -> None:
    CodeLock.objects.filter(user=user, locked_at__isnull=True, failure_count__gt=0).update(failure_count=0)


@transaction.atomic
def _record(proof: Proof, requests: Sequence[ApprovalRequest]) -> Proof:
    proof.save(force_insert=True)
    ProofSubject.objects.bulk_create(
        ProofSubject(proof=proof, request=request, sight=request.sight) for request in requests
    )
    return proof
