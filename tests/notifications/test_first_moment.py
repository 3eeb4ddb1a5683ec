"""What is carried before anybody can see an endpoint is not lost to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.models import OutboxMessage
from notifications import first_moment
from notifications.carrying import relay
from notifications.models import Endpoint, EndpointState
from notifications.services import endpoint_secrets, send_test_event
from partners.models import Partner
from staff.models import User
from tests.elsewhere import beside, elsewhere, eventually
from tests.notifications.carried import announce
from tests.notifications.factories import make_endpoint
from tests.partners.factories import make_partner

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def partner() -> Partner:
    return make_partner()


def added(partner: Partner, user: User, at: datetime, **fields: Any) -> Endpoint:
    """Return an endpoint as whoever carries sees it first: what was announced since `at` may have been carried by now."""
    waits: dict[str, Any] = {"pickup_by": user, "pickup_until": clock.now() + timedelta(hours=1)}
    return make_endpoint(partner, state=EndpointState.AWAITING_PICKUP, added_at=at, **waits, **fields)


def picked_up(endpoint: Endpoint) -> list[int]:
    """Have its secret picked up; return the messages that it gets, in the order in which they are sent."""
    assert endpoint.pickup_by
    endpoint_secrets._picked_up(endpoint.pk, endpoint.pickup_by, clock.now())
    waiting = endpoint.deliveries.filter(state="PENDING").order_by("next_attempt_at", "id")
    return list(waiting.values_list("message_id", flat=True))


def keys(*messages: OutboxMessage) -> list[int]:
    return [message.pk for message in messages]


def test_what_was_carried_before_an_endpoint_could_be_seen_is_sent_once_it_has_its_secret(
    partner: Partner, administrator: User
) -> None:
    began = clock.now()
    announce(partner, now=began - SECOND)
    first, second = announce(partner, 2, now=began)
    relay.relay(now=began + SECOND)
    endpoint = added(partner, administrator, began)
    (third,) = announce(partner, now=began + 2 * SECOND)
    relay.relay(now=began + 3 * SECOND)
    assert picked_up(endpoint) == keys(first, second, third)

    made_up_for = endpoint.deliveries.get(message=first)
    assert made_up_for.created_at == made_up_for.next_attempt_at == began + SECOND
    told = endpoint.deliveries.order_by("sequence").values_list("sequence", "subject_id", "event_id")
    assert list(told) == [
        (number, "tr_1", message.event_id) for number, message in enumerate((first, second, third), 2)
    ]


def test_what_is_about_to_be_carried_is_not_made_up_for_and_arrives_once(partner: Partner, administrator: User) -> None:
    began = clock.now()
    (message,) = announce(partner, now=began)
    endpoint = added(partner, administrator, began)
    assert picked_up(endpoint) == []
    relay.relay(now=clock.now())
    assert list(endpoint.deliveries.values_list("message_id", flat=True)) == keys(message)


def test_only_the_types_it_chose_and_no_test_events_of_other_endpoints(partner: Partner, administrator: User) -> None:
    began = clock.now()
    announce(partner, topic="tests.a.b", now=began)
    (wanted,) = announce(partner, topic="tests.c.d", now=began)
    other = make_endpoint(partner, url="https://hooks.example.com/other")
    send_test_event(endpoint_id=other.pk, actor=Actor.system("tests"), now=began)
    relay.relay(now=began)
    assert picked_up(added(partner, administrator, began, event_types=["tests.c.d"])) == keys(wanted)
    everything = added(partner, administrator, began, url="https://hooks.example.com/all")
    assert len(picked_up(everything)) == 2


def test_a_second_secret_makes_up_for_nothing(partner: Partner, administrator: User) -> None:
    began = clock.now()
    announce(partner, now=began)
    relay.relay(now=began)
    waits: dict[str, Any] = {"pickup_by": administrator, "pickup_until": clock.now() + timedelta(hours=1)}
    assert picked_up(make_endpoint(partner, added_at=began, pickup_overlap=timedelta(0), **waits)) == []


@pytest.mark.usefixtures("committed_db")
def test_what_is_being_carried_just_now_is_waited_for(partner: Partner, administrator: User) -> None:
    """Whoever carries has looked for endpoints and not seen this one; it commits, and the secret is picked up before they do."""
    began = clock.now()
    (message,) = announce(partner, now=began)
    with elsewhere(lambda: relay.relay(now=clock.now())) as carrier:
        endpoint = added(partner, administrator, began)
        with beside(lambda: picked_up(endpoint)) as picked:
            eventually(carrier.is_waited_for)
            carrier.end()
            assert picked.result() == keys(message)


@pytest.mark.usefixtures("committed_db")
def test_twin_that_does_not_wait_loses_it(
    partner: Partner, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert first_moment._PASSED_BY.count("FOR KEY SHARE OF m") == 1
    monkeypatch.setattr(first_moment, "_PASSED_BY", first_moment._PASSED_BY.replace("FOR KEY SHARE OF m", ""))
    began = clock.now()
    announce(partner, now=began)
    with elsewhere(lambda: relay.relay(now=clock.now())):
        assert picked_up(added(partner, administrator, began)) == []
