"""What people look at when something does not arrive, on a telephone: nothing pushes the page sideways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from bankops.core import clock
from notifications import own_notices
from notifications.models import BreakerState, Delivery, DeliveryState, Endpoint, EndpointHealth, EndpointMinute
from notifications.services.notices import tell as tell_staff
from staff.models import User
from tests.browser.conftest import Person
from tests.browser.test_journey import sign_in
from tests.desk import address
from tests.notifications.factories import make_endpoint
from tests.notifications.told import make_attempt, make_delivery
from tests.partners.factories import make_partner

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTH, HEIGHT = 390, 844
_LONG = "https://hooks.very-long-name-of-a-partner.example.com/a/path/that/goes/on/and/on/and/on/0123456789abcdef0123456789abcdef"
_CLIPPED = """[...document.querySelectorAll('.data-row > *')]
    .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.className.split(' ')[0])"""


@pytest.fixture
def telephone(browser: Browser, live_server: LiveServer) -> Iterator[Person]:
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, is_mobile=True, has_touch=True)
    person = Person(context.new_page(), live_server.url)
    yield person
    context.close()
    assert person.complaints == []


@pytest.fixture
def endpoint(committed_db: None, operator: User) -> Endpoint:
    """Return an endpoint in trouble, with everything that its pages show."""
    now = clock.now()
    endpoint = make_endpoint(make_partner(name="Acme Payments and Remittances International"), url=_LONG)
    EndpointHealth.objects.filter(pk=endpoint.pk).update(
        breaker=BreakerState.OPEN,
        breaker_since=now - timedelta(minutes=3),
        opened_in_a_row=2,
        probe_at=now + timedelta(minutes=2),
        last_failure_at=now - timedelta(minutes=2),
        last_failure="TLS_FAILED: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired",
    )
    for hours in range(20):
        minute = (now - timedelta(hours=hours)).replace(second=0, microsecond=0)
        EndpointMinute.objects.create(endpoint=endpoint, minute=minute, delivered=9, failed=hours, slowest_ms=900)
    for state in (DeliveryState.DEAD, DeliveryState.PENDING):
        delivery = make_delivery(endpoint, now=now - timedelta(minutes=9), state=state)
        make_attempt(delivery, now=now, answer="x" * 900, answer_headers={"X-Long": "y" * 300}, error="z" * 190)
    with transaction.atomic():
        words = {
            "partner": endpoint.partner.name,
            "host": "hooks.very-long-name-of-a-partner.example.com",
            "waiting": 2,
        }
        tell_staff([operator.pk], own_notices.RESTING, source="evt_1", now=now, words=words, link=address(endpoint))
    return endpoint


def test_the_cockpit_deliveries_and_the_inbox_fit_a_telephone(
    endpoint: Endpoint, telephone: Person, operator: User
) -> None:
    sign_in(telephone, operator)
    found = {}
    for page in _pages(endpoint):
        telephone.open(page)
        width = telephone.page.evaluate("document.documentElement.scrollWidth")
        found[page] = (width, telephone.page.evaluate(_CLIPPED))
    assert found == dict.fromkeys(found, (WIDTH, []))


def _pages(endpoint: Endpoint) -> list[str]:
    """Return the lists, the pages of one record each, and a door."""
    models = ("endpointhealth", "delivery", "attempt", "replayjob", "incident", "notice")
    lists = [reverse(f"admin:notifications_{model}_changelist") for model in models]
    dead = Delivery.objects.get(state=DeliveryState.DEAD)
    return [*lists, *map(address, (endpoint, dead, dead.history.get())), address(endpoint, "replay_failed")]
