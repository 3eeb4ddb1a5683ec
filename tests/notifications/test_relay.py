"""From the outbox to deliveries: each message to whom it concerns, once, whoever takes it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from bankops.core import clock, outbox
from bankops.core.models import OutboxMessage
from notifications.carrying import relay
from notifications.models import Delivery, DeliveryState, EndpointState
from tests.committed import at_once
from tests.elsewhere import Meeting
from tests.notifications.carried import announce
from tests.notifications.factories import make_endpoint
from tests.partners.factories import make_partner

pytestmark = pytest.mark.django_db


def taken() -> int:
    return relay.relay(now=clock.now())


def test_an_event_becomes_a_delivery_to_each_endpoint_of_its_partner_and_to_nobody_elses() -> None:
    endpoint, other = make_endpoint(), make_endpoint()
    second = make_endpoint(endpoint.partner, url="https://hooks.example.com/second")
    (message,) = announce(endpoint.partner)
    assert taken() == 1

    deliveries = Delivery.objects.order_by("endpoint_id")
    assert {delivery.endpoint_id for delivery in deliveries} == {endpoint.pk, second.pk}
    assert not other.deliveries.exists()
    delivery = deliveries[0]
    assert (delivery.event_id, delivery.topic, delivery.subject_id) == (message.event_id, message.topic, "tr_1")
    assert (delivery.state, delivery.tries, delivery.attempts) == (DeliveryState.PENDING, 0, 0)
    assert delivery.announced_at == message.announced_at
    message.refresh_from_db()
    assert message.dispatched_at == delivery.next_attempt_at == delivery.created_at


def test_a_message_is_taken_once() -> None:
    endpoint = make_endpoint()
    announce(endpoint.partner)
    assert [taken(), taken()] == [1, 0]
    assert endpoint.deliveries.count() == 1


def test_what_is_for_nobody_outside_is_taken_too() -> None:
    with transaction.atomic():
        for audience in ("", "ptn_nonsense", "grp_06eq0000000000000000000000"):
            outbox.announce("tests.key.turned", subject_id="v", payload={}, audience=audience, now=clock.now())
    assert taken() == 3
    assert not OutboxMessage.objects.filter(dispatched_at=None).exists()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("wanted", "arrive"),
    [
        ([], ["tests.a.b", "tests.c.d"]),
        (["tests.a.b"], ["tests.a.b"]),
        (["tests.a.b", "tests.c.d"], ["tests.a.b", "tests.c.d"]),
        (["tests.e.f"], []),
    ],
    ids=["all", "one", "both", "neither"],
)
def test_an_endpoint_gets_the_types_it_chose(wanted: list[str], arrive: list[str]) -> None:
    endpoint = make_endpoint(event_types=wanted)
    announce(endpoint.partner, topic="tests.a.b")
    announce(endpoint.partner, topic="tests.c.d")
    taken()
    assert [delivery.topic for delivery in endpoint.deliveries.order_by("id")] == arrive


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        (EndpointState.AWAITING_PICKUP, 1),
        (EndpointState.ENABLED, 1),
        (EndpointState.PAUSED, 1),
        (EndpointState.DISABLED, 0),
    ],
)
def test_events_are_kept_for_an_endpoint_unless_it_is_disabled(state: EndpointState, kept: int) -> None:
    endpoint = make_endpoint(state=state)
    announce(endpoint.partner)
    taken()
    assert endpoint.deliveries.count() == kept


@pytest.mark.parametrize(("earlier", "kept"), [(timedelta(seconds=1), 0), (timedelta(0), 1), (-timedelta(days=1), 1)])
def test_what_was_announced_before_an_endpoint_was_added_is_not_for_it(earlier: timedelta, kept: int) -> None:
    added = clock.now() - timedelta(days=3)
    endpoint = make_endpoint(added_at=added)
    announce(endpoint.partner, now=added - earlier)
    taken()
    assert endpoint.deliveries.count() == kept


def test_each_delivery_says_the_how_manieth_event_of_its_record_it_is() -> None:
    endpoint = make_endpoint()
    announce(endpoint.partner, 2, subject="tr_1")
    announce(endpoint.partner, 1, subject="tr_2")
    taken()
    announce(endpoint.partner, 1, subject="tr_1")
    announce(make_partner(), 1, subject="tr_1")
    taken()
    told = list(endpoint.deliveries.order_by("id").values_list("subject_id", "sequence"))
    assert told == [("tr_1", 1), ("tr_1", 2), ("tr_2", 1), ("tr_1", 3)]


def test_deliveries_are_made_in_the_order_of_the_messages() -> None:
    endpoint = make_endpoint()
    messages = announce(endpoint.partner, 50)
    taken()
    assert list(endpoint.deliveries.order_by("id").values_list("message_id", flat=True)) == [m.pk for m in messages]


def test_a_backlog_from_before_there_was_a_relay_is_drained_in_bites() -> None:
    announce(make_partner(), 250, now=clock.now() - timedelta(days=400))
    assert [relay.relay(now=clock.now(), limit=100) for _bite in range(4)] == [100, 100, 50, 0]


@pytest.mark.usefixtures("committed_db")
def test_relays_at_once_take_each_message_once() -> None:
    endpoint = make_endpoint()
    announce(endpoint.partner, 400)
    counts = at_once(*[_taken_in_bites] * 4)
    assert sum(count for count in counts if isinstance(count, int)) == 400, counts
    assert endpoint.deliveries.count() == 400


@pytest.mark.usefixtures("committed_db")
def test_twin_without_the_lock_takes_messages_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    assert relay._CLAIM.count("FOR UPDATE SKIP LOCKED") == 1
    monkeypatch.setattr(relay, "_CLAIM", relay._CLAIM.replace("FOR UPDATE SKIP LOCKED", ""))
    deliver, another = relay._deliver, Meeting(2)

    def meet_and_deliver(messages: Any, now: Any) -> None:
        another()
        deliver(messages, now)

    monkeypatch.setattr(relay, "_deliver", meet_and_deliver)
    endpoint = make_endpoint()
    announce(endpoint.partner, 400)
    counts = at_once(*[_taken_in_bites] * 4)
    assert sum(count for count in counts if isinstance(count, int)) != 400, counts


@pytest.mark.usefixtures("committed_db")
def test_a_relay_does_not_wait_for_another() -> None:
    endpoint = make_endpoint()
    announce(endpoint.partner, 3)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM core_outboxmessage WHERE dispatched_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE")
        (count,) = at_once(_taken_in_bites)
    assert count == 2


def test_an_event_goes_to_an_endpoint_once_whoever_fans_it_out() -> None:
    endpoint = make_endpoint()
    announce(endpoint.partner)
    taken()
    delivery = endpoint.deliveries.get()
    told: dict[str, Any] = {
        field.attname: getattr(delivery, field.attname)
        for field in Delivery._meta.concrete_fields
        if not field.primary_key
    }
    with pytest.raises(IntegrityError, match="delivery_once"), transaction.atomic():
        Delivery.objects.create(**told)


def _taken_in_bites() -> int:
    total = 0
    while count := relay.relay(now=clock.now(), limit=20):
        total += count
    return total
