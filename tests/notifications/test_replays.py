"""Sending again: one, all that failed, everything; in pieces, by whoever lives, once."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection, transaction

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent
from notifications import locks, places, replay_pieces, tasks
from notifications.models import Delivery, DeliveryState, Endpoint, EndpointState, ReplayJob, ReplayKind, ReplayState
from notifications.services import replays
from tests.committed import at_once, wait_for_the_feed
from tests.notifications.factories import make_endpoint
from tests.notifications.told import gone_by, make_delivery, tell
from tests.partners.factories import make_partner
from tests.unchanged import refused

NOW = clock.now()
SINCE = NOW - timedelta(days=2)
LATER = NOW + timedelta(minutes=5)
WHO = Actor(kind="staff", id="usr_1", name="Guan Li")
WHY = "their server was down"
DEAD, DONE, PENDING = DeliveryState.DEAD, DeliveryState.DELIVERED, DeliveryState.PENDING


def ask(
    endpoint: Endpoint, kind: ReplayKind = ReplayKind.DEAD, since: datetime = SINCE, now: datetime = NOW
) -> ReplayJob:
    return replays.ask_for_replay(endpoint_id=endpoint.pk, kind=kind, since=since, actor=WHO, reason=WHY, now=now)


def worked_off(job: ReplayJob) -> ReplayJob:
    """Let beat come round until it is done: transactions of other tests may keep the feed waiting."""
    for _round in range(2_400):
        done = replays.work_off_replay(job_id=job.pk, now=LATER)
        if done.state == ReplayState.DONE:
            return done
        time.sleep(0.05)
    raise TimeoutError("somebody's transaction has been open for long")


def states(endpoint: Endpoint) -> dict[str, int]:
    found = [str(state) for state in Delivery.objects.filter(endpoint=endpoint).values_list("state", flat=True)]
    return {state: found.count(state) for state in sorted(set(found))}


# -- One --------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("state", [DEAD, DONE])
def test_one_that_has_ended_is_sent_again_under_the_same_id(state: DeliveryState) -> None:
    delivery = make_delivery(make_endpoint(), now=NOW, state=state, attempts=9)
    again = replays.replay_one(delivery_id=delivery.pk, actor=WHO, reason=WHY, now=LATER)
    again.refresh_from_db()
    assert (again.state, again.why, again.tries, again.attempts) == (PENDING, "", 0, 9)
    assert (again.next_attempt_at, again.replayed_at, again.finished_at) == (LATER, LATER, None)
    assert again.event_id == delivery.event_id
    event = AuditEvent.objects.get(event_type="notifications.delivery.replayed")
    assert (event.subject_id, event.actor_name, event.reason) == (delivery.public_id, "Guan Li", WHY)
    assert event.detail["state"] == state
    assert event.detail["event"] == delivery.public_event_id


@pytest.mark.django_db
def test_one_that_is_on_its_way_is_not() -> None:
    delivery = make_delivery(make_endpoint(), now=NOW)
    with refused("delivery_still_pending"):
        replays.replay_one(delivery_id=delivery.pk, actor=WHO, reason=WHY, now=LATER)


@pytest.mark.django_db
def test_nothing_is_sent_again_to_a_disabled_endpoint() -> None:
    endpoint = make_endpoint(state=EndpointState.DISABLED)
    delivery = make_delivery(endpoint, now=NOW, state=DEAD)
    with refused("endpoint_disabled"):
        replays.replay_one(delivery_id=delivery.pk, actor=WHO, reason=WHY, now=LATER)
    with refused("endpoint_disabled"):
        ask(endpoint)


def test_of_two_clicks_at_once_one_sends_it_again(committed_db: None) -> None:
    delivery = make_delivery(make_endpoint(), now=NOW, state=DEAD)

    def click() -> Delivery:
        return replays.replay_one(delivery_id=delivery.pk, actor=WHO, reason=WHY, now=LATER)

    answers = at_once(click, click)
    assert sorted(type(answer).__name__ for answer in answers) == ["Delivery", "DeliveryStillPending"]
    assert AuditEvent.objects.filter(event_type="notifications.delivery.replayed").count() == 1


# -- What is refused --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("since", "code"),
    [
        (NOW + timedelta(seconds=1), "replay_since_in_future"),
        (NOW - replays.REACH - timedelta(seconds=1), "replay_since_too_old"),
    ],
    ids=["tomorrow", "long-ago"],
)
def test_a_moment_that_makes_no_sense_is_refused(since: datetime, code: str) -> None:
    endpoint = make_endpoint()
    with refused(code):
        ask(endpoint, since=since)


@pytest.mark.django_db
def test_a_second_replay_waits_for_the_first() -> None:
    endpoint = make_endpoint()
    make_delivery(endpoint, now=NOW, state=DEAD)
    first = ask(endpoint)
    with refused("replay_running") as caught:
        ask(endpoint, ReplayKind.ALL)
    assert first.public_id in str(caught.value)
    assert ask(make_endpoint()).endpoint_id != endpoint.pk
    replays.work_off_replay(job_id=first.pk, now=LATER)
    assert ask(endpoint, now=LATER).total == 0


@pytest.mark.django_db
def test_an_endpoint_is_replayed_so_often_a_day(settings: Any) -> None:
    settings.BANKOPS_WEBHOOK_REPLAYS_PER_DAY = 2
    endpoint = make_endpoint()
    for hours in (0, 5):
        job = ask(endpoint, ReplayKind.DEAD, now=NOW + timedelta(hours=hours))
        replays.work_off_replay(job_id=job.pk, now=NOW + timedelta(hours=hours))
    with refused("too_many_replays") as caught:
        ask(endpoint, now=NOW + timedelta(hours=23, minutes=59))
    assert caught.value.context == {"limit": 2, "seconds": 60}
    assert ask(make_endpoint(), now=LATER).state == ReplayState.QUEUED
    assert ask(endpoint, now=NOW + timedelta(hours=24)).state == ReplayState.QUEUED


@pytest.mark.django_db
def test_events_are_counted_before_the_endpoint_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ninety days take a while to count; whoever sends to the endpoint does not wait for it."""
    steps: list[str] = []
    for module, name in ((replay_pieces, "count"), (locks, "lock_sending")):
        monkeypatch.setattr(module, name, _noting(steps, name, getattr(module, name)))
    ask(make_endpoint(), ReplayKind.ALL)
    assert steps == ["count", "lock_sending"]


def _noting(steps: list[str], name: str, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def noted(asked: Any) -> Any:
        steps.append(name)
        return function(asked)

    return noted


def test_of_two_orders_at_once_one_is_taken(committed_db: None) -> None:
    endpoint = make_endpoint()
    answers = at_once(lambda: ask(endpoint), lambda: ask(endpoint))
    assert sorted(type(answer).__name__ for answer in answers) == ["ReplayJob", "ReplayRunning"]
    assert ReplayJob.objects.count() == 1


# -- All that failed --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_all_that_failed_since_a_moment_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_pieces, "SIZE", 2)
    endpoint, other = make_endpoint(), make_endpoint()
    for _time in range(5):
        make_delivery(endpoint, now=NOW, state=DEAD)
    make_delivery(endpoint, now=NOW, state=DONE)
    make_delivery(endpoint, now=NOW)
    old = make_delivery(endpoint, now=SINCE - timedelta(seconds=1), state=DEAD)
    make_delivery(other, now=NOW, state=DEAD)
    job = ask(endpoint)
    assert (job.total, job.state, job.asked_by_name, job.reason) == (5, ReplayState.QUEUED, "Guan Li", WHY)
    halfway = replays.work_off_replay(job_id=job.pk, now=LATER, pieces=1)
    assert (halfway.state, halfway.looked_at, halfway.sent_again) == (ReplayState.RUNNING, 2, 2)
    done = replays.work_off_replay(job_id=job.pk, now=LATER)
    assert (done.state, done.looked_at, done.sent_again, done.finished_at) == (ReplayState.DONE, 5, 5, LATER)
    assert states(endpoint) == {"DEAD": 1, "DELIVERED": 1, "PENDING": 6}
    assert Delivery.objects.get(state=DEAD, endpoint=endpoint) == old
    assert states(other) == {"DEAD": 1}
    assert Delivery.objects.filter(replayed_at=LATER, tries=0, next_attempt_at=LATER).count() == 5


@pytest.mark.django_db
def test_what_dies_again_meanwhile_is_not_sent_a_third_time() -> None:
    endpoint = make_endpoint()
    make_delivery(endpoint, now=NOW, state=DEAD)
    job = ask(endpoint)
    make_delivery(endpoint, now=LATER, message=tell(endpoint.partner, now=NOW), state=DEAD)
    assert replays.work_off_replay(job_id=job.pk, now=LATER).sent_again == 1
    assert states(endpoint) == {"DEAD": 1, "PENDING": 1}


@pytest.mark.django_db
def test_working_off_twice_does_nothing_twice() -> None:
    endpoint = make_endpoint()
    make_delivery(endpoint, now=NOW, state=DEAD)
    job = ask(endpoint)
    replays.work_off_replay(job_id=job.pk, now=LATER)
    Delivery.objects.update(state=DONE, next_attempt_at=None, finished_at=LATER)
    again = replays.work_off_replay(job_id=job.pk, now=LATER + timedelta(minutes=1))
    assert (again.sent_again, again.finished_at, states(endpoint)) == (1, LATER, {"DELIVERED": 1})
    assert AuditEvent.objects.filter(event_type="notifications.endpoint.replay_finished").count() == 1


@pytest.mark.django_db
def test_beat_has_it_worked_off_within_seconds() -> None:
    endpoint = make_endpoint()
    make_delivery(endpoint, now=NOW, state=DEAD)
    ask(endpoint)
    assert (tasks.replay(), tasks.replay()) == (1, 0)
    assert ReplayJob.objects.get().state == ReplayState.DONE
    (schedule,) = [one for one in configured.CELERY_BEAT_SCHEDULE.values() if one["task"] == tasks.replay.name]
    assert schedule["schedule"] <= 5


@pytest.mark.django_db
def test_disabling_the_endpoint_stops_it() -> None:
    endpoint = make_endpoint()
    make_delivery(endpoint, now=NOW, state=DEAD)
    job = ask(endpoint)
    endpoint.state = EndpointState.DISABLED
    endpoint.save(update_fields=["state"])
    stopped = replays.work_off_replay(job_id=job.pk, now=LATER)
    assert (stopped.state, stopped.sent_again, stopped.finished_at) == (ReplayState.STOPPED, 0, LATER)
    assert states(endpoint) == {"DEAD": 1}


def test_a_killed_worker_loses_nothing(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_pieces, "SIZE", 2)
    endpoint = make_endpoint()
    for _time in range(5):
        make_delivery(endpoint, now=NOW, state=DEAD)
    job = ask(endpoint)
    replays.work_off_replay(job_id=job.pk, now=LATER, pieces=1)
    with pytest.raises(KeyboardInterrupt):
        _die_in_the_middle(job)
    assert ReplayJob.objects.get().sent_again == 2
    assert replays.work_off_replays(now=LATER) == 3
    assert (ReplayJob.objects.get().state, states(endpoint)) == (ReplayState.DONE, {"PENDING": 5})


@transaction.atomic
def _die_in_the_middle(job: ReplayJob) -> None:
    replays.work_off_replay(job_id=job.pk, now=LATER, pieces=1)
    raise KeyboardInterrupt


def test_two_workers_at_once_count_each_once(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_pieces, "SIZE", 3)
    endpoint = make_endpoint()
    for _time in range(20):
        make_delivery(endpoint, now=NOW, state=DEAD)
    job = ask(endpoint)
    while not ReplayJob.objects.get(pk=job.pk).finished_at:
        answers = at_once(lambda: replays.work_off_replays(now=LATER), lambda: replays.work_off_replays(now=LATER))
        assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert (ReplayJob.objects.get().sent_again, states(endpoint)) == (20, {"PENDING": 20})


# -- Everything -------------------------------------------------------------------------------------------------------


def test_a_new_endpoint_gets_what_was_told_before_it_was_there(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_pieces, "SIZE", 2)
    partner = make_partner()
    subject = "tr_1"
    for hours in (60, 30, 20, 10):
        tell(partner, now=NOW - timedelta(hours=hours), subject=subject)
    tell(make_partner(), now=NOW)
    endpoint = make_endpoint(partner, added_at=NOW - timedelta(minutes=1))
    live = tell(partner, now=NOW, dispatched=False)
    job = ask(endpoint, ReplayKind.ALL, now=LATER)
    assert job.total == 4
    done = worked_off(job)
    assert (done.state, done.looked_at, done.sent_again) == (ReplayState.DONE, 4, 3)
    made = Delivery.objects.filter(endpoint=endpoint).order_by("id")
    assert [delivery.sequence for delivery in made] == [2, 3, 4]
    assert {delivery.state for delivery in made} == {PENDING}
    assert live.pk not in {delivery.message_id for delivery in made}, "that is the relay's"


def test_an_old_endpoint_gets_again_what_it_had(committed_db: None) -> None:
    endpoint = make_endpoint(event_types=["tests.thing.happened"])
    had = make_delivery(endpoint, now=NOW, state=DONE)
    waiting = make_delivery(endpoint, now=NOW)
    tell(endpoint.partner, now=NOW, topic="tests.thing.ended")
    missed = tell(endpoint.partner, now=NOW)
    job = ask(endpoint, ReplayKind.ALL)
    done = worked_off(job)
    assert (done.total, done.looked_at, done.sent_again) == (4, 4, 2)
    assert Delivery.objects.get(pk=had.pk).next_attempt_at == LATER
    assert Delivery.objects.get(pk=waiting.pk).next_attempt_at == NOW
    assert Delivery.objects.get(message=missed).event_id == missed.event_id
    assert Delivery.objects.count() == 3


def test_an_event_that_commits_late_is_waited_for(committed_db: None) -> None:
    """A transaction that began before the order and is still open: the order is done when it has ended, and has its event."""
    partner = make_partner()
    told_at = NOW - timedelta(minutes=2)
    tell(partner, now=told_at)
    endpoint = make_endpoint(partner, added_at=NOW - timedelta(minutes=1))
    wait_for_the_feed()
    slow = connection.copy()
    try:
        slow.set_autocommit(False)
        _announce_by(slow, partner.public_id, told_at)
        job = ask(endpoint, ReplayKind.ALL)
        waits = replays.work_off_replay(job_id=job.pk, now=LATER)
        assert (waits.state, waits.sent_again) == (ReplayState.RUNNING, 1)
        slow.commit()
    finally:
        slow.close()
    done = worked_off(job)
    assert (done.state, done.sent_again) == (ReplayState.DONE, 2)


def _announce_by(other: Any, audience: str, now: datetime) -> None:
    with other.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_outboxmessage (topic, subject_id, payload, request_id, announced_at, dispatched_at, audience)"
            " VALUES ('tests.thing.happened', 'tr_9', '{}', '', %s, %s, %s)",
            [now, now, audience],
        )


def test_the_place_of_a_moment_is_found_by_key(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_NEAR", 0)
    partner = make_partner()
    told = [tell(partner, now=NOW - timedelta(hours=hours)) for hours in range(20, 0, -1)]
    assert places.place_before(NOW - timedelta(hours=10, minutes=30)) == (told[8].xid, 0)
    assert places.place_before(NOW - timedelta(days=5)) == (0, 0)
    gone_by(minutes=60)
    assert places.place_before(NOW - timedelta(hours=10, minutes=30)) == (told[9].xid, 0)
