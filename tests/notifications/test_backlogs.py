"""What waits for an endpoint: how much, since when, and never counted to its end, whoever asks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent, OutboxMessage
from notifications import backlogs, notice_kinds, staff_routes
from notifications.backlogs import COUNTED, Backlog, backlog_of, in_words
from notifications.carrying import standings
from notifications.models import BreakerState, DeliveryState, Endpoint, EndpointHealth, EndpointMinute, Incident, Notice
from notifications.services import disable_endpoint, look_after_endpoints
from staff.models import User
from tests.api.callers import System, said
from tests.notifications.factories import make_endpoint
from tests.notifications.told import make_delivery

pytestmark = pytest.mark.django_db
NOW = clock.now().replace(second=30, microsecond=0)
HOUR = timedelta(hours=1)


@pytest.fixture
def much(monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    """Return an endpoint for which five wait, where two are counted."""
    assert backlogs._BACKLOGS.count(f"LIMIT {COUNTED + 1}") == 1
    monkeypatch.setattr(backlogs, "_BACKLOGS", backlogs._BACKLOGS.replace(f"LIMIT {COUNTED + 1}", "LIMIT 3"))
    monkeypatch.setattr(backlogs, "COUNTED", 2)
    return waiting_for(make_endpoint())


def waiting_for(endpoint: Endpoint) -> Endpoint:
    for _time in range(5):
        make_delivery(endpoint, now=NOW - HOUR)
    return endpoint


def test_a_backlog_is_how_many_wait_since_when_and_what_is_due_next() -> None:
    endpoint, idle = make_endpoint(), make_endpoint()
    longest = make_delivery(endpoint, now=NOW - 3 * HOUR, next_attempt_at=NOW + HOUR)
    make_delivery(endpoint, now=NOW - 2 * HOUR, next_attempt_at=NOW + HOUR / 2)
    make_delivery(endpoint, now=NOW - 9 * HOUR, replayed_at=NOW - HOUR, next_attempt_at=NOW + HOUR)
    make_delivery(endpoint, now=NOW - 9 * HOUR, state=DeliveryState.DELIVERED)
    assert backlogs.backlogs([endpoint.pk, idle.pk]) == {
        endpoint.pk: Backlog(3, NOW - 3 * HOUR, longest.announced_at, NOW + HOUR / 2),
        idle.pk: Backlog(),
    }


def test_a_long_backlog_is_not_counted_to_its_end(much: Endpoint) -> None:
    count = backlog_of(much.pk).count
    assert (count, in_words(count), in_words(2)) == (3, "more than 2", "2")


def test_nor_for_the_partner_that_asks(much: Endpoint) -> None:
    system = System(rate_per_second=1000, rate_burst=10_000)
    mine = waiting_for(make_endpoint(system.partner))
    assert said(system.get(f"webhook-endpoints/{mine.public_id}"))["backlog"]["pending"] == 3


def test_nor_while_an_endpoint_is_disabled_under_its_lock(consented: None, much: Endpoint) -> None:
    disable_endpoint(endpoint_id=much.pk, actor=Actor.system("tests"), reason="gone", now=NOW)
    assert AuditEvent.objects.get(event_type="notifications.endpoint.disabled").detail["given_up"] == 3
    assert not much.deliveries.filter(state=DeliveryState.PENDING).exists()


def test_nor_by_the_sender_whose_result_opens_a_breaker(much: Endpoint, operator: User) -> None:
    EndpointMinute.objects.create(endpoint=much, minute=NOW.replace(second=0), failed=12)
    with transaction.atomic():
        standings.count_in(standings.lock([much.pk]), {much.pk: (0, 12)}, now=NOW)
        message = OutboxMessage.objects.get(topic="notifications.endpoint.breaker_opened")
        assert message.payload["waiting"] == 3
        staff_routes.notices_for([message], now=NOW)
    notice = Notice.objects.get(recipient=operator)
    assert notice_kinds.sentence_of(notice.kind, notice.words).endswith("more than 2 events wait.")


def test_nor_by_the_sweep_that_opens_an_incident(much: Endpoint) -> None:
    EndpointHealth.objects.update(breaker=BreakerState.OPEN, breaker_since=NOW - HOUR, probe_at=NOW)
    assert look_after_endpoints(now=NOW) == 1
    assert Incident.objects.get().told["waiting"] == 3
