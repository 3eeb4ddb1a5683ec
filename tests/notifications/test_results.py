"""What cannot be written down, or not yet, costs nobody else anything."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from notifications.carrying import leases, results
from notifications.carrying.http import Wire
from notifications.carrying.pace import Pace
from notifications.carrying.parcels import Answer, Parcel
from notifications.carrying.results import UNWRITABLE
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
from tests.elsewhere import LONG, eventually
from tests.notifications.carried import Clock, announce, carry
from tests.notifications.factories import make_endpoint
from tests.notifications.receiver import Receiver
from tests.notifications.test_senders import carrying

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("committed_db")]

TOGETHER = Pace(idle=0.3, linger=0.05, refresh=0.2, gather=0.5)
"""Results of half a second are written in one transaction."""
ODD: dict[str, dict[str, Any]] = {
    "text": {"answer": "a\x00b"},
    "header": {"answer_headers": {"X": "\ud800"}},
    "status": {"status": 99_999},
    "error": {"error": "\ud800"},
}


class Garbling:
    """Sends over the real wire, and makes something that PostgreSQL does not take of what comes back from some addresses."""

    def __init__(self, wire: Wire, **odd: Any) -> None:
        self._wire, self._odd = wire, odd

    def send(self, parcel: Parcel) -> Answer:
        answer = self._wire.send(parcel)
        return replace(answer, **self._odd) if "status" in parcel.url else answer


@contextmanager
def wired() -> Iterator[Wire]:
    wire = Wire()
    try:
        yield wire
    finally:
        wire.close()


def attempts(endpoint: Endpoint) -> list[tuple[str, str, str]]:
    """Return outcome, error and answer of each attempt, oldest first."""
    return list(Attempt.objects.filter(endpoint=endpoint).order_by("id").values_list("outcome", "error", "answer"))


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_a_result_that_cannot_be_written_costs_no_other_one(
    receiver: Receiver, odd: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Of six results that come back together one endpoint's two cannot be written: they are a failed try, as they were."""
    good, bad = make_endpoint(url=receiver.url()), make_endpoint(url=receiver.url("/status/500"), waits=[60])
    now = Clock()
    announce(good.partner, 4)
    announce(bad.partner, 2)
    with wired() as wire:
        carry(sender=Garbling(wire, **odd), now=now, pace=TOGETHER)
    assert attempts(good) == [(Outcome.DELIVERED, "", "")] * 4
    assert attempts(bad) == [(Outcome.REFUSED, UNWRITABLE, "")] * 2
    assert sorted(receiver.ids()) == sorted(set(receiver.ids())), "nothing was sent twice"
    assert caplog.text.count("webhook_result_refused") >= 2
    tried = bad.deliveries.values_list("state", "tries", "sending_since").distinct()
    assert list(tried) == [(DeliveryState.PENDING, 1, None)]
    assert EndpointMinute.objects.get(endpoint=bad).failed == 2

    now.forward(minutes=2)
    with wired() as wire:
        carry(sender=Garbling(wire, **odd), now=now, pace=TOGETHER)
    ended = bad.deliveries.values_list("state", "why", "tries").distinct()
    assert list(ended) == [(DeliveryState.DEAD, "tries_exhausted", 2)], "it ends like any other"


def test_what_arrived_has_arrived_although_its_answer_cannot_be_written(receiver: Receiver) -> None:
    endpoint = make_endpoint(url=receiver.url("/status/500"))
    announce(endpoint.partner)
    with wired() as wire:
        carry(sender=Garbling(wire, outcome=Outcome.DELIVERED, status=200, answer="\x00"))
    assert attempts(endpoint) == [(Outcome.DELIVERED, UNWRITABLE, "")]
    assert endpoint.deliveries.get().state == DeliveryState.DELIVERED


def test_a_fault_beside_the_result_leaves_the_attempt_on_record(receiver: Receiver) -> None:
    """The database refuses the endpoint's minute, whatever the answer: what was sent is on record all the same, and ends."""
    good, bad = make_endpoint(url=receiver.url()), make_endpoint(url=receiver.url("/status/500"), waits=[60])
    for endpoint in (good, bad):
        announce(endpoint.partner)
    with refusing(bad):
        carry(pace=TOGETHER)
    assert attempts(good) == [(Outcome.DELIVERED, "", "")]
    assert attempts(bad) == [(Outcome.REFUSED, UNWRITABLE, "")]
    assert list(EndpointMinute.objects.values_list("endpoint", "delivered")) == [(good.pk, 1)]
    delivery = bad.deliveries.get()
    assert (delivery.state, delivery.tries, delivery.sending_since) == (DeliveryState.PENDING, 1, None)


@contextmanager
def refusing(endpoint: Endpoint) -> Iterator[None]:
    """Have the database refuse what came of an endpoint's minutes."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE notifications_endpointminute ADD CONSTRAINT no CHECK (endpoint_id <> '{endpoint.pk}')"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE notifications_endpointminute DROP CONSTRAINT no")


def _health(endpoint: Endpoint) -> None:
    EndpointHealth.objects.select_for_update(no_key=True).get(pk=endpoint.pk)


def _endpoint(endpoint: Endpoint) -> None:
    Endpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "lock", "outcome"),
    [(204, _health, Outcome.DELIVERED), (500, _health, Outcome.REFUSED), (410, _endpoint, Outcome.REFUSED)],
    ids=["arrived", "failed", "gone"],
)
def test_an_endpoint_that_somebody_has_locked_keeps_no_other_waiting(
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    lock: Callable[[Endpoint], None],
    outcome: Outcome,
) -> None:
    """Another connection has one endpoint while its answer comes back; the other's goes its way meanwhile."""
    unwritten = spied(monkeypatch, results, "write")
    renewed = spied(monkeypatch, leases, "renew")
    path = f"/held/{status}"
    locked, other = make_endpoint(url=receiver.url(path), max_in_flight=1), make_endpoint(url=receiver.url())
    announce(locked.partner)
    with carrying(Pace(idle=1.5, linger=0.05, refresh=0.2, renew=0.2)):
        receiver.wait_for(1, path)
        with transaction.atomic():
            lock(locked)
            receiver.go_on.set()
            eventually(lambda: any(unwritten), what="its answer came back, and nobody kept it")
            before = len(renewed)
            eventually(lambda: len(renewed) > before)
            told_by_another(other)
            _wait_for_attempts(other)
            assert attempts(locked) == []
    assert [said for said, _error, _answer in attempts(locked)] == [outcome], "written once it could be"
    assert receiver.ids(path) == list(dict.fromkeys(receiver.ids(path)))
    assert not Delivery.objects.exclude(sending_since=None).exists()
    locked.refresh_from_db()
    assert (locked.state == EndpointState.DISABLED) == (status == 410)
    assert not EndpointHealth.objects.exclude(lease_token=None).exists()


def test_a_lease_whose_row_is_locked_is_given_back_later(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = make_endpoint(url=receiver.url())
    announce(endpoint.partner)
    locked = threading.Event()
    kept: list[set[UUID]] = []
    release = leases.release

    def released(token: UUID, endpoints: list[UUID]) -> set[UUID]:
        """Give back no lease before its row is locked."""
        assert locked.wait(LONG)
        kept.append(release(token, endpoints))
        return kept[-1]

    monkeypatch.setattr(leases, "release", released)
    with carrying(Pace(idle=1.5, linger=0.05, refresh=0.2)):
        _wait_for_attempts(endpoint)
        with transaction.atomic():
            _health(endpoint)
            locked.set()
            eventually(lambda: {endpoint.pk} in kept)
            assert EndpointHealth.objects.get(pk=endpoint.pk).lease_token is not None
        eventually(lambda: EndpointHealth.objects.get(pk=endpoint.pk).lease_token is None)
    assert EndpointHealth.objects.get(pk=endpoint.pk).last_failure_at is None
    assert Delivery.objects.filter(state=DeliveryState.DELIVERED).count() == 1


def spied(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str) -> list[Any]:
    """Return what a function returns from now on, as it does."""
    told: list[Any] = []
    function = getattr(module, name)

    def watched(*given: Any, **more: Any) -> Any:
        told.append(function(*given, **more))
        return told[-1]

    monkeypatch.setattr(module, name, watched)
    return told


def told_by_another(endpoint: Endpoint) -> None:
    """Announce something to an endpoint's partner on another connection: it commits at once."""

    def tell() -> None:
        try:
            announce(endpoint.partner)
        finally:
            connection.close()

    thread = threading.Thread(target=tell)
    thread.start()
    thread.join(LONG)


def _wait_for_attempts(endpoint: Endpoint) -> None:
    eventually(lambda: attempts(endpoint), what="its result was not written")
