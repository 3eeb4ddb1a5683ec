"""Sending again: one delivery, everything that failed since a moment, or everything, to an endpoint that saw none of it.

What is sent again keeps its event's id: a receiver that dedupes by `webhook-id` takes it once. A replay of many is worked off
in pieces of a thousand events, each with its progress in one transaction: whoever dies leaves what is done done.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from bankops.core import audit, ids, texts
from bankops.core.actor import Actor
from bankops.core.errors import Busy
from notifications import bounds, events, locks, replay_pieces
from notifications.errors import (
    DeliveryStillPending,
    EndpointDisabled,
    ReplayRunning,
    ReplaySinceInFuture,
    ReplaySinceTooOld,
)
from notifications.models import Delivery, DeliveryState, Endpoint, EndpointState, ReplayJob, ReplayKind, ReplayState
from notifications.places import place_before

REACH = timedelta(days=90)
PIECES_AT_ONCE = 50
"""Of one replay, before another one's turn: about two seconds."""

_WORKER = Actor.system("replays")


@transaction.atomic
def replay_one(*, delivery_id: UUID, actor: Actor, reason: str, now: datetime) -> Delivery:
    """Have a delivery that arrived or was given up sent again at once, and return it. Writes `notifications.delivery.replayed`.

    :param reason: empty where a partner asks, who owes the bank none.
    :raises EndpointDisabled: when nothing is sent there any more.
    :raises DeliveryStillPending: when it is being sent anyway.
    """
    delivery = locks.lock_delivery(delivery_id)
    _refuse_disabled(delivery.endpoint)
    if delivery.state == DeliveryState.PENDING:
        raise DeliveryStillPending
    was = {"state": delivery.state, "why": delivery.why, "attempts": delivery.attempts}
    delivery.state, delivery.why, delivery.tries = DeliveryState.PENDING, "", 0
    delivery.replayed_at, delivery.next_attempt_at, delivery.finished_at = now, now, None
    delivery.save(update_fields=["state", "why", "tries", "replayed_at", "next_attempt_at", "finished_at"])
    audit.record(
        events.DELIVERY_REPLAYED,
        subject=events.about_delivery(delivery),
        actor=actor,
        reason=reason,
        now=now,
        detail={"event": delivery.public_event_id, "endpoint": delivery.endpoint.public_id, **was},
    )
    return delivery


@transaction.atomic
def ask_for_replay(
    *, endpoint_id: UUID, kind: ReplayKind, since: datetime, actor: Actor, reason: str, now: datetime
) -> ReplayJob:
    """Order that events announced since a moment be sent to an endpoint again; workers do it. Return the order.

    Of `ReplayKind.DEAD` its dead letters; of `ALL` every event of its types, whether it ever had it or not. Writes
    `notifications.endpoint.replay_asked`.

    :param reason: empty where a partner asks, who owes the bank none.
    :raises EndpointDisabled: when nothing is sent there any more.
    :raises ReplaySinceInFuture: where `since` is after `now`.
    :raises ReplaySinceTooOld: where it is longer ago than `REACH`.
    :raises ReplayRunning: while one for this endpoint is not done.
    :raises TooManyReplays: when enough were ordered for it within a day.
    """
    texts.check_fits(ReplayJob, reason=reason)
    _refuse_moment(since, now)
    _refuse_order(Endpoint.objects.get(pk=endpoint_id), now)
    job = _order(endpoint_id, kind, since, now)  # before anybody has to wait: ninety days are counted
    endpoint = job.endpoint = locks.lock_sending(endpoint_id)
    _refuse_order(endpoint, now)
    job.asked_by, job.asked_by_name, job.reason = actor.id, actor.name, reason
    job.save(force_insert=True)
    detail = {"replay": job.public_id, "what": job.kind, "since": since.isoformat(), "events": job.total}
    audit.record(
        events.REPLAY_ASKED, subject=events.about(endpoint), actor=actor, reason=reason, now=now, detail=detail
    )
    return job


def work_off_replay(*, job_id: UUID, now: datetime, pieces: int = PIECES_AT_ONCE) -> ReplayJob:
    """Do so many pieces of a replay, fewer where that ends it, and return it as it is then.

    Twice at once is no harm: each piece is done by one, under the order's lock. Writes `notifications.endpoint.replay_finished`
    at its end.

    :raises Busy: when somebody else has the endpoint for too long; what was done stays done.
    """
    for _piece in range(pieces):
        if not _do_piece(job_id, now):
            break
    return ReplayJob.objects.get(pk=job_id)


def work_off_replays(*, now: datetime) -> int:
    """Go on with every replay that is not done, in turn; return how many events are sent again by it."""
    waiting = ReplayJob.objects.filter(finished_at=None).order_by("id").values_list("pk", "sent_again")
    return sum(_go_on(job_id, now) - before for job_id, before in list(waiting))


def _go_on(job_id: UUID, now: datetime) -> int:
    with suppress(Busy):  # The next run goes on from where this one stands.
        work_off_replay(job_id=job_id, now=now)
    return ReplayJob.objects.values_list("sent_again", flat=True).get(pk=job_id)


@transaction.atomic
def _do_piece(job_id: UUID, now: datetime) -> bool:
    """Do one piece; tell whether there is more to be done right now."""
    job = locks.lock_replay(job_id)
    if job is None:
        return False
    job.endpoint = locks.lock_sending(job.endpoint_id)
    if job.endpoint.state == EndpointState.DISABLED:
        _finish(job, ReplayState.STOPPED, now)
        return False
    done = replay_pieces.send_piece(job, now=now)
    job.state = ReplayState.RUNNING
    job.looked_at += done.looked_at
    job.sent_again += done.sent_again
    job.place_xid, job.place = done.place
    if done.is_last:
        _finish(job, ReplayState.DONE, now)
    else:
        job.save(update_fields=["state", "looked_at", "sent_again", "place_xid", "place"])
    return done.is_full


def _finish(job: ReplayJob, state: ReplayState, now: datetime) -> None:
    job.state, job.finished_at = state, now
    job.save(update_fields=["state", "looked_at", "sent_again", "place_xid", "place", "finished_at"])
    detail = {"replay": job.public_id, "state": job.state, "looked_at": job.looked_at, "sent_again": job.sent_again}
    audit.record(events.REPLAY_FINISHED, subject=events.about(job.endpoint), actor=_WORKER, now=now, detail=detail)


def _order(endpoint_id: UUID, kind: ReplayKind, since: datetime, now: datetime) -> ReplayJob:
    """Return a new order, not written yet: the events are counted, and the place from which to look is found."""
    endpoint = Endpoint.objects.select_related("partner").get(pk=endpoint_id)
    job = ReplayJob(id=ids.uuid7(), endpoint=endpoint, kind=kind, since=since, until=now, created_at=now)
    if kind == ReplayKind.ALL:
        job.place_xid, job.place = place_before(since)
    job.total = replay_pieces.count(job)
    return job


def _refuse_order(endpoint: Endpoint, now: datetime) -> None:
    _refuse_disabled(endpoint)
    if running := ReplayJob.objects.filter(endpoint=endpoint, finished_at=None).first():
        raise ReplayRunning(replay=running.public_id)
    bounds.refuse_replay(endpoint, now=now)


def _refuse_disabled(endpoint: Endpoint) -> None:
    if endpoint.state == EndpointState.DISABLED:
        raise EndpointDisabled


def _refuse_moment(since: datetime, now: datetime) -> None:
    if since > now:
        raise ReplaySinceInFuture
    if since < now - REACH:
        raise ReplaySinceTooOld(days=REACH.days)
