"""Senders that die, that lose their lease, and that have to do with endpoints that hang."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from bankops.core import clock
from notifications.carrying import claims, leases, relay
from notifications.carrying.http import Wire
from notifications.carrying.lanes import Lanes
from notifications.carrying.loop import Carrier
from notifications.carrying.pace import Pace
from notifications.carrying.parcels import Answer, Parcel, Sender
from notifications.models import (
    Attempt,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointHealth,
    EndpointState,
    Incident,
    Outcome,
)
from tests.committed import at_once
from tests.elsewhere import eventually
from tests.notifications.carried import BRISK, announce, carry
from tests.notifications.factories import make_endpoint
from tests.notifications.receiver import Receiver
from tests.notifications.test_carrying import into
from tests.partners.factories import guards_asleep

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("committed_db")]

_CARRIES = """
import sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from tests.notifications.carried import carry
carry()
"""


MOMENT = timedelta(seconds=1)


def its_session_is_gone() -> bool:
    """Tell whether PostgreSQL has noticed that the leases' holder is dead: then its lock is anybody's."""
    token = EndpointHealth.objects.get().lease_token
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [str(token)])
        (mine,) = cursor.fetchone()
        if mine:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [str(token)])
    return bool(mine)


def outcomes() -> list[str]:
    return list(Attempt.objects.order_by("id").values_list("outcome", flat=True))


@pytest.fixture
def sender() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _CARRIES, connection.settings_dict["NAME"]],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "bankops.settings.test"},
    )
    yield process
    process.kill()
    process.wait()


class Patient(Wire):
    """Waits for an answer for as long as any test, so that what hangs does nothing else."""

    def send(self, parcel: Parcel) -> Answer:
        return super().send(replace(parcel, timeout=170))


@contextmanager
def carrying(pace: Pace = BRISK, sender: Sender | None = None) -> Iterator[threading.Event]:
    """Carry beside the test, on a connection of its own, until nothing is due or what is given is set.

    Of a test that fails nothing goes on: it would write into the tables of those that come after it.
    """
    over = threading.Event()

    def run() -> None:
        try:
            carry(pace=pace, sender=sender, ending=over.is_set)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield over
    except BaseException:
        over.set()
        raise
    finally:
        thread.join(timeout=120)
    assert not thread.is_alive()


@pytest.mark.slow
@pytest.mark.parametrize("state", [EndpointState.ENABLED, EndpointState.PAUSED])
def test_what_a_killed_sender_was_sending_arrives(
    receiver: Receiver, request: pytest.FixtureRequest, state: EndpointState
) -> None:
    """Kill -9 while the receiver has the request and has not answered; nobody waits until the lease is over."""
    endpoint = make_endpoint(url=receiver.url("/held/204"), max_in_flight=1)
    announce(endpoint.partner)
    process = request.getfixturevalue("sender")
    receiver.wait_for(1, "/held/204")
    process.send_signal(signal.SIGKILL)
    process.wait()
    eventually(its_session_is_gone)
    assert Delivery.objects.get().sending_since is not None

    into(endpoint, state)
    over = EndpointHealth.objects.get().lease_until
    assert over is not None
    if state == EndpointState.PAUSED:  # the sweep looks after what nobody will lease
        assert carry() == 0
        leases.take_back_orphans(now=over + 2 * leases.LEASE + MOMENT)
        assert Delivery.objects.get().sending_since is None
        into(endpoint, EndpointState.ENABLED)
        assert carry(now=lambda: over + 2 * leases.LEASE + MOMENT) == 1
    else:
        assert carry(now=lambda: over - MOMENT) == 1

    assert outcomes() == [Outcome.INTERRUPTED, Outcome.DELIVERED]
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.tries, delivery.attempts) == (DeliveryState.DELIVERED, 1, 2)
    first, second = receiver.requests
    assert first.event_id == second.event_id
    health = EndpointHealth.objects.get()
    assert health.last_failure_at is None  # no fault of the receiver's


@pytest.mark.slow
@pytest.mark.parametrize(("status", "said"), [(500, Outcome.REFUSED), (204, Outcome.DELIVERED)])
def test_a_result_that_comes_after_the_lease_was_lost_is_recorded(
    receiver: Receiver, status: int, said: Outcome
) -> None:
    path = f"/held/{status}"
    endpoint = make_endpoint(url=receiver.url(path), max_in_flight=1)
    announce(endpoint.partner)
    with carrying():
        receiver.wait_for(1, path)
        EndpointHealth.objects.update(lease_until=clock.now() - timedelta(seconds=1))
        assert carry() == 1  # another takes it over, sends it again, and it arrives
        assert outcomes() == [Outcome.INTERRUPTED, Outcome.DELIVERED]
        receiver.go_on.set()
    assert outcomes() == [Outcome.INTERRUPTED, Outcome.DELIVERED, said]
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.sending_since) == (DeliveryState.DELIVERED, 3, None)


@pytest.mark.slow
def test_an_endpoint_that_moved_meanwhile_is_not_gone(receiver: Receiver) -> None:
    """The old address says 410 when the endpoint has another one already: it is tried there, and nothing is disabled."""
    endpoint = make_endpoint(url=receiver.url("/held/410"), max_in_flight=1)
    announce(endpoint.partner)
    with carrying():
        receiver.wait_for(1, "/held/410")
        with guards_asleep():
            Endpoint.objects.update(url=receiver.url())
        receiver.go_on.set()
    endpoint.refresh_from_db()
    assert endpoint.state == EndpointState.ENABLED
    assert Delivery.objects.get().state == DeliveryState.PENDING
    assert not Incident.objects.exists()


@pytest.mark.slow
def test_a_success_counts_although_the_lease_was_lost(receiver: Receiver) -> None:
    endpoint = make_endpoint(url=receiver.url("/held/204"), max_in_flight=1)
    announce(endpoint.partner)
    with carrying():
        receiver.wait_for(1, "/held/204")
        # somebody else has it, and has not come far
        EndpointHealth.objects.update(lease_token=uuid4(), lease_until=clock.now() + leases.LEASE)
        leases.take_back([endpoint.pk], now=clock.now())
        receiver.go_on.set()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.next_attempt_at) == (DeliveryState.DELIVERED, None)
    assert outcomes() == [Outcome.INTERRUPTED, Outcome.DELIVERED]


def test_an_endpoint_is_leased_to_one_at_a_time() -> None:
    endpoint = make_endpoint()
    announce(endpoint.partner)
    relay.relay(now=clock.now())
    taken = at_once(*[_take_and_hold] * 4)
    assert sorted(len(got) for got in taken if isinstance(got, list)) == [0, 0, 0, 1], taken


def test_those_that_waited_longest_are_leased_first() -> None:
    now = clock.now()
    endpoints = [make_endpoint() for _each in range(3)]
    for minutes, endpoint in zip((1, 3, 2), endpoints, strict=True):
        announce(endpoint.partner)
        EndpointHealth.objects.filter(endpoint=endpoint).update(last_leased_at=now - timedelta(minutes=minutes))
    relay.relay(now=now)
    token = uuid4()
    taken = [leases.take(token, by="me", proven=False, limit=1, now=clock.now())[0] for _each in range(3)]
    assert taken == [endpoints[place].pk for place in (1, 2, 0)]


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_endpoints_that_hang_do_not_delay_the_others(receiver: Receiver) -> None:
    for _each in range(12):
        announce(make_endpoint(url=receiver.url("/hang"), timeout_seconds=30).partner, 3)
    healthy = [make_endpoint(url=receiver.url(f"/ok/{number}")) for number in range(3)]
    for endpoint in healthy:
        announce(endpoint.partner, 30)
    pace = Pace(lanes=8, hanging=24, slow_after=0.3, refresh=0.2, grace=0.1)
    with carrying(pace, Patient()) as arrived:
        for number in range(3):
            receiver.wait_for(30, f"/ok/{number}")
        arrived.set()
    # what hung when the loop was told to end may have arrived, and is not lost
    assert Delivery.objects.filter(state=DeliveryState.PENDING, sending_since=None).count() == 36
    assert set(outcomes()) <= {Outcome.DELIVERED, Outcome.INTERRUPTED}


@pytest.mark.slow
def test_so_many_may_hang_that_no_thread_is_left_for_more_of_them_but_some_are_for_the_healthy(
    receiver: Receiver,
) -> None:
    for _each in range(20):
        announce(make_endpoint(url=receiver.url("/hang"), timeout_seconds=30).partner)
    healthy = make_endpoint(url=receiver.url())
    EndpointHealth.objects.filter(endpoint=healthy).update(last_success_at=clock.now())
    with carrying(Pace(lanes=4, hanging=12, slow_after=0.3, refresh=0.2, grace=0.1), Patient()) as arrived:
        receiver.wait_for(8, "/hang")
        time.sleep(3)  # as many hang as may
        hung = len(receiver.ids("/hang"))
        announce(healthy.partner, 5)
        receiver.wait_for(5)
        arrived.set()
    assert hung < 12


@pytest.mark.slow
def test_twin_whose_lanes_are_held_by_what_hangs_delays_them(receiver: Receiver) -> None:
    for _each in range(12):
        announce(make_endpoint(url=receiver.url("/hang"), timeout_seconds=30).partner)
    healthy = make_endpoint(url=receiver.url())
    announce(healthy.partner, 5)
    EndpointHealth.objects.filter(endpoint=healthy).update(last_leased_at=clock.now())  # its turn comes after theirs
    with carrying(Pace(lanes=8, hanging=24, slow_after=1e9, grace=0.1), Patient()) as over:
        receiver.wait_for(4, "/hang")
        time.sleep(2)  # for more of them, or the healthy one
        assert receiver.ids() == []
        over.set()


def test_a_loop_that_is_told_to_end_puts_back_what_it_has_not_sent(receiver: Receiver) -> None:
    endpoint = make_endpoint(url=receiver.url("/slow/0.2"), max_in_flight=1)
    EndpointHealth.objects.update(last_success_at=clock.now())  # several are in hand at once
    announce(endpoint.partner, 20)
    carry(pace=replace(BRISK, grace=60), ending=lambda: len(receiver.requests) >= 2)
    assert 2 <= len(receiver.requests) < 20
    assert not Delivery.objects.exclude(sending_since=None).exists()
    assert EndpointHealth.objects.get().lease_token is None
    assert Delivery.objects.filter(state=DeliveryState.DELIVERED).count() == len(receiver.requests)


def test_a_loop_that_only_stood_still_is_not_idle() -> None:
    """Suspended for a minute right after its work, it looks once more before it ends: there may be something by now."""
    carrier = Carrier(Wire(), now=clock.now, pace=BRISK)
    carrier._until = math.inf
    carrier._held.looked_at = carrier._worked = time.monotonic() - 60
    assert not carrier._over()
    carrier._held.looked_at += 2 * BRISK.idle
    assert carrier._over()


def test_what_waits_when_the_lanes_are_closed_is_not_sent(receiver: Receiver) -> None:
    """A loop whose database went away no longer has the lease: another sends what it had in hand."""
    endpoint = make_endpoint(url=receiver.url("/held/204"), max_in_flight=1)
    announce(endpoint.partner, 3)
    relay.relay(now=clock.now())
    token, wire = uuid4(), Wire()
    leases.take(token, by="me", proven=False, limit=1, now=clock.now())
    (lease,) = leases.held(token, [endpoint.pk], now=clock.now())
    lanes = Lanes(wire, 2)
    lanes.allow(endpoint.pk, 1)
    lanes.put(claims.claim(token, {lease: 3}, now=clock.now()))
    receiver.wait_for(1, "/held/204")
    lanes.close()
    receiver.go_on.set()
    assert len(lanes.results(wait=10, gather=1)) == 1
    assert len(receiver.requests) == 1
    wire.close()


def _take_and_hold() -> list[object]:
    token = uuid4()
    leases.hold(token)
    return [*leases.take(token, by="me", proven=False, limit=5, now=clock.now())]
