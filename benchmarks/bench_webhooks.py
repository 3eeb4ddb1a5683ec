"""A bank that sent a million events to two hundred endpoints: the cockpit's lists and pages, as an operator. Needs Django."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import urlencode

from bankops.core import clock
from bankops.core.actor import Actor
from benchmarks.bench_people import hire, signed_in, superuser, timed
from notifications.models import Attempt, Delivery, Endpoint, EndpointHealth
from staff.roles import Role
from staff.services import open_branch

DELIVERIES, ENDPOINTS = 1_000_000, 200
_ACTOR = Actor.system("benchmark")
_FILL = Path(__file__).with_suffix(".sql")


def found() -> None:
    """Fill in partners, endpoints, a day of minutes, events, deliveries and attempts; hire an operator."""
    call_command("sync_roles", verbosity=0)
    with superuser() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in _FILL.read_text().split(";\n"):
            cursor.execute(statement, {"deliveries": DELIVERIES, "endpoints": ENDPOINTS})
        cursor.execute("VACUUM ANALYZE")
    branch = open_branch(code="001", name="Head office", actor=_ACTOR, reason="benchmark", now=clock.now())
    hire(Role.OPERATOR, 1, branch=branch, actor=_ACTOR, now=clock.now())


def read(rounds: int) -> dict[str, Any]:
    """Open every list and page a few times; return the median milliseconds of each, and the most queries."""
    client = signed_in(Role.OPERATOR)
    figures: dict[str, Any] = {}
    queries: list[int] = []
    for name, url in _views().items():
        view = partial(_get, client, url)
        figures[name] = timed(view, rounds)
        with CaptureQueriesContext(connection) as captured:
            view()
        queries.append(len(captured))
    return {**figures, "queries_max": max(queries)}


def _views() -> dict[str, str]:
    delivery = Delivery.objects.filter(state="DEAD").order_by("id")[0]
    endpoint = delivery.endpoint_id
    at = {"endpoint__id__exact": endpoint}
    day = {"announced_at_from_0": clock.now().strftime("%Y-%m-%d"), "announced_at_from_1": "00:00"}
    return {
        "health": _list(EndpointHealth),
        "health_last_page": _list(EndpointHealth, p=4),
        "deliveries": _list(Delivery),
        "deliveries_dead": _list(Delivery, state__exact="DEAD"),
        "deliveries_waiting": _list(Delivery, state__exact="PENDING"),
        "deliveries_of_rare_type": _list(Delivery, topic="notifications.endpoint.test"),
        "deliveries_of_endpoint": _list(Delivery, **at),
        "deliveries_dead_of_endpoint": _list(Delivery, **at, state__exact="DEAD"),
        "deliveries_since_midnight": _list(Delivery, **day),
        "deliveries_of_event": _list(Delivery, q=delivery.public_event_id),
        "attempts": _list(Attempt),
        "attempts_failed": _list(Attempt, outcome__exact="REFUSED"),
        "attempts_timed_out": _list(Attempt, outcome__exact="TIMED_OUT"),
        "attempts_of_endpoint": _list(Attempt, **at),
        "attempts_failed_of_endpoint": _list(Attempt, **at, outcome__exact="REFUSED"),
        "endpoint": _page(Endpoint, endpoint),
        "delivery": _page(Delivery, delivery.pk),
    }


def _list(model: type[Model], **asked: Any) -> str:
    return f"{reverse(f'admin:notifications_{model._meta.model_name}_changelist')}?{urlencode(asked)}"


def _page(model: type[Model], key: Any) -> str:
    return reverse(f"admin:notifications_{model._meta.model_name}_change", args=[key])


def _get(client: Any, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
