"""From an announcement to a receiver, over real HTTP: what becomes of each answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bankops.core import clock, ids
from bankops.core.models import OutboxMessage
from notifications.carrying import relay
from notifications.models import (
    Attempt,
    BreakerState,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointHealth,
    EndpointMinute,
    EndpointState,
    Incident,
    IncidentKind,
    Outcome,
)
from partners.models import Partner, PartnerState
from tests.notifications.carried import Clock, announce, carry
from tests.notifications.factories import make_endpoint
from tests.notifications.receiver import Receiver
from tests.partners.factories import guards_asleep

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("committed_db")]


def even() -> float:
    return 0.5


def test_an_event_arrives(receiver: Receiver) -> None:
    endpoint = make_endpoint(url=receiver.url())
    (message,) = announce(endpoint.partner)
    assert carry() == 1

    (request,) = receiver.requests
    delivery = Delivery.objects.get()
    assert request.event_id == delivery.public_event_id
    assert request.event["data"] == {"n": 0}
    assert (delivery.state, delivery.tries, delivery.attempts) == (DeliveryState.DELIVERED, 1, 1)
    assert delivery.sending_since is None
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.status, attempt.number) == (Outcome.DELIVERED, 204, 1)
    message.refresh_from_db()
    assert message.dispatched_at is not None
    health = EndpointHealth.objects.get()
    assert (health.lease_token, health.leased_by) == (None, "")
    assert health.last_success_at is not None
    assert health.last_failure_at is None
    minute = EndpointMinute.objects.get()
    assert (minute.delivered, minute.failed) == (1, 0)


def test_many_events_arrive_once_each_in_order_through_one_lane(receiver: Receiver) -> None:
    endpoint = make_endpoint(url=receiver.url(), max_in_flight=1)
    messages = announce(endpoint.partner, 200)
    assert carry() == 200
    assert receiver.ids() == [_public(message) for message in messages]
    assert receiver.most_at_once["/ok"] == 1
    assert not Delivery.objects.exclude(state=DeliveryState.DELIVERED).exists()


def test_never_are_there_more_requests_at_once_than_an_endpoint_stands(receiver: Receiver) -> None:
    endpoint = make_endpoint(url=receiver.url("/together/3"), max_in_flight=3)
    EndpointHealth.objects.update(last_success_at=clock.now())  # others have one lane, until they have taken something
    announce(endpoint.partner, 40)
    assert carry() == 40
    assert receiver.most_at_once["/together/3"] == 3


@pytest.mark.parametrize("status", [301, 302, 400, 404, 429, 500, 503])
def test_what_is_refused_is_tried_again_later(receiver: Receiver, status: int) -> None:
    endpoint, now = make_endpoint(url=receiver.url(f"/status/{status}")), Clock()
    announce(endpoint.partner)
    assert carry(now=now, chance=even) == 1
    delivery, attempt = Delivery.objects.get(), Attempt.objects.get()
    assert (delivery.state, delivery.tries, delivery.attempts) == (DeliveryState.PENDING, 1, 1)
    assert delivery.next_attempt_at == attempt.next_attempt_at == now() + timedelta(minutes=1)
    assert (attempt.outcome, attempt.status) == (Outcome.REFUSED, status)
    assert EndpointHealth.objects.get().last_failure == f"HTTP {status}"
    assert carry(now=now) == 0  # not before its time


def test_the_whole_schedule_and_its_end(receiver: Receiver) -> None:
    """The moments of `test_waits`, kept by the loop; then a dead letter. One id all the while, and nobody's breaker opened."""
    endpoint, now = make_endpoint(url=receiver.url("/status/500")), Clock()
    announce(endpoint.partner, now=now())
    began, moments = now(), []
    for _try in range(9):
        assert carry(now=now, chance=even) == 1
        moments.append(now() - began)
        due = Delivery.objects.get().next_attempt_at
        if due:
            now.time = due
    minutes = [0, 1, 6, 16, 46, 106, 286, 646, 1366]
    assert moments == [timedelta(minutes=each) for each in minutes]
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.why, delivery.tries) == (DeliveryState.DEAD, "tries_exhausted", 9)
    assert delivery.finished_at == now()
    assert list(Attempt.objects.order_by("id").values_list("number", flat=True)) == list(range(1, 10))
    assert len(set(receiver.ids("/status/500"))) == 1
    assert EndpointHealth.objects.get().breaker == BreakerState.CLOSED


def test_an_endpoint_that_asks_for_quiet_gets_it(receiver: Receiver) -> None:
    receiver.retry_after = "600"
    endpoint, now = make_endpoint(url=receiver.url("/status/503")), Clock()
    announce(endpoint.partner)
    carry(now=now, chance=even)
    assert Delivery.objects.get().next_attempt_at == now() + timedelta(minutes=10)
    assert EndpointHealth.objects.get().not_before == now() + timedelta(minutes=10)

    announce(endpoint.partner)  # something else, that could be sent at once
    now.forward(minutes=9)
    assert carry(now=now) == 0
    now.forward(minutes=1)
    assert carry(now=now) >= 1


def test_retry_after_of_another_status_means_nothing(receiver: Receiver) -> None:
    receiver.retry_after = "600"
    endpoint, now = make_endpoint(url=receiver.url("/status/500")), Clock()
    announce(endpoint.partner)
    carry(now=now, chance=even)
    assert Delivery.objects.get().next_attempt_at == now() + timedelta(minutes=1)
    assert EndpointHealth.objects.get().not_before is None


def test_an_endpoint_that_says_it_is_gone_is_sent_nothing_more(receiver: Receiver) -> None:
    endpoint = make_endpoint(url=receiver.url("/status/410"), max_in_flight=1)
    announce(endpoint.partner, 30)
    sent = carry()
    assert sent == len(receiver.requests) == 1
    endpoint.refresh_from_db()
    assert endpoint.state == EndpointState.DISABLED
    whys = Delivery.objects.values_list("state", "why").distinct()
    assert list(whys) == [(DeliveryState.DEAD, "endpoint_gone")]
    assert Incident.objects.get().kind == IncidentKind.ENDPOINT_GONE
    announce(endpoint.partner)
    assert carry() == 0


def test_what_cannot_be_reached_is_no_answer(receiver: Receiver) -> None:
    url = receiver.url()
    receiver.stop()
    endpoint = make_endpoint(url=url)
    announce(endpoint.partner)
    assert carry() == 1
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.status) == (Outcome.UNREACHABLE, None)
    assert Delivery.objects.get().state == DeliveryState.PENDING


def test_what_hangs_is_cut_off_after_the_endpoints_time(receiver: Receiver) -> None:
    endpoint = make_endpoint(url=receiver.url("/hang"), timeout_seconds=1)
    announce(endpoint.partner)
    assert carry() == 1
    attempt = Attempt.objects.get()
    assert attempt.outcome == Outcome.TIMED_OUT
    assert 900 < attempt.duration_ms < 15_000


@pytest.mark.parametrize("state", [EndpointState.PAUSED, EndpointState.AWAITING_PICKUP, EndpointState.DISABLED])
def test_an_endpoint_that_is_not_enabled_is_sent_nothing(receiver: Receiver, state: EndpointState) -> None:
    endpoint = make_endpoint(url=receiver.url())
    announce(endpoint.partner)
    relay.relay(now=clock.now())
    into(endpoint, state)
    assert carry() == 0
    assert Delivery.objects.get().state == DeliveryState.PENDING


@pytest.mark.parametrize("state", [PartnerState.SUSPENDED, PartnerState.ENDED])
def test_a_partner_that_is_not_active_is_sent_nothing_until_it_is(receiver: Receiver, state: PartnerState) -> None:
    endpoint = make_endpoint(url=receiver.url())
    announce(endpoint.partner)
    with guards_asleep():
        Partner.objects.update(state=state)
    assert carry() == 0
    with guards_asleep():
        Partner.objects.update(state=PartnerState.ACTIVE)
    assert carry() == 1


def test_an_endpoint_without_a_live_secret_is_sent_nothing(receiver: Receiver) -> None:
    endpoint, now = make_endpoint(url=receiver.url()), Clock()
    with guards_asleep():
        endpoint.secrets.update(valid_until=now())
    announce(endpoint.partner)
    assert carry(now=now) == 0
    assert Delivery.objects.get().state == DeliveryState.PENDING


def test_a_secret_that_no_key_opens_keeps_nobody_else_waiting(receiver: Receiver, settings: Any) -> None:
    lost, now = make_endpoint(url=receiver.url("/lost")), Clock()
    settings.BANKOPS_ENCRYPTION_KEYS = ["another key"]
    endpoint = make_endpoint(url=receiver.url())
    for each in (lost, endpoint):
        announce(each.partner)
    assert carry(now=now) == 1
    assert len(receiver.ids()) == len(receiver.requests) == 1
    health = EndpointHealth.objects.get(endpoint=lost)
    assert (health.not_before, health.last_failure) == (now() + timedelta(minutes=1), "SECRET_UNREADABLE")
    assert lost.deliveries.get().state == DeliveryState.PENDING

    settings.BANKOPS_ENCRYPTION_KEYS = ["another key", "test-encryption-key"]  # somebody brings the key back
    now.forward(minutes=1)
    assert carry(now=now) == 1
    assert lost.deliveries.get().state == DeliveryState.DELIVERED


def test_a_failing_endpoint_opens_its_breaker_is_probed_and_closes_it_again(receiver: Receiver) -> None:
    endpoint, now = make_endpoint(url=receiver.url("/status/500"), waits=[1] * 12), Clock()
    announce(endpoint.partner, 40, now=now())
    sent = carry(now=now)
    health = EndpointHealth.objects.get()
    assert (health.breaker, health.opened_in_a_row) == (BreakerState.OPEN, 1)
    assert 10 <= sent < 20  # what was in the air when it opened comes back
    assert Delivery.objects.filter(state=DeliveryState.PENDING).count() == 40
    assert not Delivery.objects.exclude(sending_since=None).exists()

    now.forward(seconds=59)
    assert carry(now=now) == 0
    with guards_asleep():
        Endpoint.objects.update(url=receiver.url())  # it works again
    now.forward(seconds=1)
    assert carry(now=now) == 40
    health.refresh_from_db()
    assert (health.breaker, health.opened_in_a_row) == (BreakerState.CLOSED, 0)


def test_a_flapping_endpoint_gets_everything_in_the_end(receiver: Receiver) -> None:
    endpoint, now = make_endpoint(url=receiver.url("/flap/3"), waits=[60] * 12), Clock()
    announce(endpoint.partner, 6, now=now())
    for _minute in range(12):
        carry(now=now)
        now.forward(seconds=67)
    assert not Delivery.objects.exclude(state=DeliveryState.DELIVERED).exists()
    assert len(set(receiver.ids("/flap/3"))) == 6


def test_what_is_sent_is_the_same_at_every_try(receiver: Receiver) -> None:
    endpoint, now = make_endpoint(url=receiver.url("/status/500")), Clock()
    announce(endpoint.partner)
    carry(now=now)
    now.forward(minutes=2)
    carry(now=now)
    first, second = receiver.requests
    assert first.body == second.body
    assert first.event_id == second.event_id


def into(endpoint: Endpoint, state: EndpointState) -> None:
    with guards_asleep():
        Endpoint.objects.filter(pk=endpoint.pk).update(state=state)


def _public(message: OutboxMessage) -> str:
    return ids.encode(OutboxMessage.ID_PREFIX, message.event_id)
