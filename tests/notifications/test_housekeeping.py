"""What is given up, dropped and forgotten when its time is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from bankops.core import clock
from bankops.core.errors import Busy
from notifications import dead_letters, locks, tasks
from notifications.carrying import leases, relay
from notifications.models import (
    Attempt,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointHealth,
    EndpointMinute,
    EndpointState,
    Outcome,
)
from notifications.services import housekeeping
from tests.committed import at_once
from tests.elsewhere import elsewhere
from tests.notifications.carried import announce
from tests.notifications.factories import make_endpoint
from tests.notifications.test_carrying import into

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivery() -> Delivery:
    announce(make_endpoint().partner)
    relay.relay(now=clock.now())
    return Delivery.objects.select_related("endpoint").get()


@pytest.mark.parametrize(("days", "state"), [(2.9, DeliveryState.PENDING), (3.1, DeliveryState.DEAD)])
def test_what_could_not_be_sent_for_three_days_is_given_up(
    delivery: Delivery, days: float, state: DeliveryState
) -> None:
    now = clock.now() + timedelta(days=days)
    counts = [housekeeping.give_up_too_old(now=now) for _twice in range(2)]
    assert counts == [1 if state == DeliveryState.DEAD else 0, 0]
    delivery.refresh_from_db()
    assert delivery.state == state
    if state == DeliveryState.DEAD:
        assert (delivery.why, delivery.finished_at, delivery.next_attempt_at) == ("too_old", now, None)


def test_an_old_event_that_was_only_just_replayed_is_not_too_old(delivery: Delivery) -> None:
    now = clock.now() + timedelta(days=30)
    Delivery.objects.update(next_attempt_at=now)
    assert housekeeping.give_up_too_old(now=now) == 0


def test_what_was_fanned_out_while_its_endpoint_was_being_disabled_is_given_up(delivery: Delivery) -> None:
    assert housekeeping.give_up_for_disabled(now=clock.now()) == 0
    into(delivery.endpoint, EndpointState.DISABLED)
    assert housekeeping.give_up_for_disabled(now=clock.now()) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.why) == (DeliveryState.DEAD, "endpoint_disabled")


def test_headers_and_answers_are_dropped_after_their_time_and_the_attempt_stays(delivery: Delivery) -> None:
    now = clock.now()
    for days in (31, 29):
        attempt_at(delivery, days)
    assert [housekeeping.drop_old_answers(now=now) for _twice in range(2)] == [1, 0]
    old, young = Attempt.objects.order_by("started_at")
    assert (old.request_headers, old.answer_headers, old.answer, old.dropped_at) == ({}, {}, "", now)
    assert (old.outcome, old.status) == (Outcome.REFUSED, 500)
    assert (young.answer, young.dropped_at) == ("Oh no", None)


def test_minutes_are_forgotten_after_eight_days() -> None:
    endpoint, now = make_endpoint(), clock.now()
    for days in (9, 7):
        EndpointMinute.objects.create(endpoint=endpoint, minute=now - timedelta(days=days))
    assert [housekeeping.purge_minutes(now=now) for _twice in range(2)] == [1, 0]
    assert EndpointMinute.objects.get().minute == now - timedelta(days=7)


def test_the_tasks_do_it(delivery: Delivery) -> None:
    attempt_at(delivery, 31)
    into(delivery.endpoint, EndpointState.DISABLED)
    for _twice in range(2):
        tasks.give_up()
        tasks.drop_old_answers()
    assert Delivery.objects.get().state == DeliveryState.DEAD
    assert Attempt.objects.get().dropped_at is not None
    assert Endpoint.objects.count() == 1


def attempt_at(delivery: Delivery, days: int) -> Attempt:
    return Attempt.objects.create(
        delivery=delivery,
        endpoint=delivery.endpoint,
        number=1,
        started_at=clock.now() - timedelta(days=days),
        duration_ms=5,
        outcome=Outcome.REFUSED,
        status=500,
        request_headers={"webhook-id": "evt_1"},
        answer_headers={"server": "x"},
        answer="Oh no",
    )


# -- Somebody has an endpoint ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("disabled", [True, False], ids=["disabled", "too_old"])
def test_an_endpoint_that_somebody_has_for_too_long_keeps_no_other_waiting(
    monkeypatch: pytest.MonkeyPatch, disabled: bool
) -> None:
    endpoints = [make_endpoint() for _each in range(3)]
    for endpoint in endpoints:
        announce(endpoint.partner)
    relay.relay(now=clock.now())
    for endpoint in endpoints if disabled else []:
        into(endpoint, EndpointState.DISABLED)
    sweep = housekeeping.give_up_for_disabled if disabled else housekeeping.give_up_too_old
    now = clock.now() + timedelta(days=4)
    with busy_with(endpoints[1], monkeypatch):
        assert sweep(now=now) == 2
    assert Delivery.objects.get(state=DeliveryState.PENDING).endpoint == endpoints[1]
    assert sweep(now=now) == 1


@pytest.mark.usefixtures("committed_db")
def test_what_a_dead_sender_left_is_taken_back_although_somebody_has_another_endpoint() -> None:
    endpoints = [make_endpoint() for _each in range(3)]
    for endpoint in endpoints:
        announce(endpoint.partner)
    relay.relay(now=clock.now())
    Delivery.objects.update(sending_since=clock.now() - timedelta(days=1))
    with elsewhere(lambda: EndpointHealth.objects.select_for_update().get(pk=endpoints[1].pk)):
        leases.take_back_orphans(now=clock.now())
        assert Delivery.objects.exclude(sending_since=None).get().endpoint == endpoints[1]
    leases.take_back_orphans(now=clock.now())
    assert not Delivery.objects.exclude(sending_since=None).exists()


@contextmanager
def busy_with(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have somebody hold one endpoint for longer than anybody waits."""
    lock = locks.lock_sending

    def locked(endpoint_id: UUID) -> Endpoint:
        if endpoint_id == endpoint.pk:
            raise Busy
        return lock(endpoint_id)

    with monkeypatch.context() as patch:
        patch.setattr(locks, "lock_sending", locked)
        yield


# -- Much that waits ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("disabled", [True, False], ids=["disabled", "too_old"])
def test_what_is_much_is_given_up_in_pieces_and_none_is_kept_locked_for_long(
    monkeypatch: pytest.MonkeyPatch, disabled: bool
) -> None:
    monkeypatch.setattr(dead_letters, "PIECE", 2)
    endpoint = make_endpoint()
    announce(endpoint.partner, 5)
    relay.relay(now=clock.now())
    if disabled:
        into(endpoint, EndpointState.DISABLED)
    pieces: list[int] = []

    def watched(*told: Any, **more: Any) -> int:
        pieces.extend(count for count in at_once(_dead) if isinstance(count, int))
        return give_up(*told, **more)

    give_up = dead_letters.give_up
    monkeypatch.setattr(dead_letters, "give_up", watched)
    sweep = housekeeping.give_up_for_disabled if disabled else housekeeping.give_up_too_old
    assert sweep(now=clock.now() + timedelta(days=4)) == 5
    assert pieces == [0, 2, 4], "as somebody else sees them: each is committed before the next"


def _dead() -> int:
    return Delivery.objects.filter(state=DeliveryState.DEAD).count()
