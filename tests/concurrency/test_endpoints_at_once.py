"""Webhook secrets picked up and endpoints disabled by several at once, on real connections. Each guard with its failing twin."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from bankops.core import clock
from bankops.core.actor import Actor
from notifications import locks, signing
from notifications.models import Delivery, Endpoint, EndpointSecret
from notifications.services import disable_endpoint, endpoint_secrets, send_test_event
from staff.models import User
from tests.committed import at_once
from tests.elsewhere import Meeting, beside, elsewhere, eventually
from tests.notifications.factories import make_endpoint

pytestmark = pytest.mark.usefixtures("committed_db")

ACTOR = Actor.system("tests")


def code(one: Any) -> str:
    return str(getattr(one, "code", None) or type(one).__name__)


def picked_up_by_eight(user: User, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    later = clock.now() + timedelta(hours=1)
    endpoint = make_endpoint(pickup_by=user, pickup_until=later, pickup_overlap=timedelta(hours=1))
    draw, others = signing.new_secret, Meeting(2)

    def slowly() -> str:
        others()
        return draw()

    monkeypatch.setattr(signing, "new_secret", slowly)
    return Counter(map(code, at_once(*[lambda: endpoint_secrets._picked_up(endpoint.pk, user, clock.now())] * 8)))


def test_of_eight_who_pick_up_at_once_one_gets_the_secret(administrator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    assert picked_up_by_eight(administrator, monkeypatch) == {"str": 1, "secret_not_waiting": 7}
    assert EndpointSecret.objects.count() == 2  # the old one, until the overlap is over


def test_twin_without_the_lock_only_the_database_is_left_to_refuse(
    administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "lock_endpoint", lambda key: Endpoint.objects.select_related("partner").get(pk=key))
    seen = picked_up_by_eight(administrator, monkeypatch)
    assert seen["str"] == 1
    assert seen["IntegrityError"] > 0


def disabled_while_tried_out() -> list[Delivery]:
    """Disable an endpoint while somebody has sent it a test event and not committed; return what waits for it afterwards."""
    endpoint = make_endpoint()
    with elsewhere(lambda: send_test_event(endpoint_id=endpoint.pk, actor=ACTOR, now=clock.now())) as trying:
        with beside(lambda: disable(endpoint)) as disabling:
            eventually(lambda: trying.is_waited_for() or disabling.done())
            trying.end()
        disabling.result()
    return waiting_for(endpoint)


def disable(endpoint: Endpoint) -> Endpoint:
    return disable_endpoint(endpoint_id=endpoint.pk, actor=ACTOR, reason="broken", now=clock.now())


def waiting_for(endpoint: Endpoint) -> list[Delivery]:
    return list(Delivery.objects.filter(endpoint=endpoint, state="PENDING"))


def test_nothing_waits_for_what_is_disabled() -> None:
    assert disabled_while_tried_out() == []


def test_nothing_waits_for_what_is_disabled_while_many_try_it_out(settings: Any) -> None:
    settings.BANKOPS_WEBHOOK_TEST_EVENTS_PER_HOUR = 1_000
    endpoint = make_endpoint()

    def try_out() -> object:
        for _time in range(20):
            send_test_event(endpoint_id=endpoint.pk, actor=ACTOR, now=clock.now())
        return None

    at_once(lambda: disable(endpoint), *[try_out] * 7)
    assert waiting_for(endpoint) == []


def test_twin_that_does_not_lock_leaves_events_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "lock_endpoint", lambda key: Endpoint.objects.select_related("partner").get(pk=key))
    assert len(disabled_while_tried_out()) == 1
