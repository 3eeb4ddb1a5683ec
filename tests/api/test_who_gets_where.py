"""Every address of the API, read off the resolver, called by six: its owner, another partner, and four who may not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import AccountPartnerGrant
from bankops.core.api.views import BankView
from partners.models import Credential, Network
from tests.api.callers import System
from tests.api.conftest import Desk
from tests.api.world import Call, World, ask
from tests.partners.factories import guards_asleep

pytestmark = pytest.mark.django_db


def routes() -> set[Call]:
    """Return every method of every address below `/api/v1/`."""
    return {
        (method.lower(), route) for route, view in _views(get_resolver().url_patterns, "") for method in view.scopes
    }


def _views(patterns: list[Any], above: str) -> Iterator[tuple[str, type[BankView]]]:
    for pattern in patterns:
        path = above + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and path.startswith("api/v1/"):
            yield path.removeprefix("api/v1/"), pattern.callback.view_class  # type: ignore[attr-defined]


@pytest.fixture
def world(desk: Desk) -> World:
    return World(desk)


def outcome(answer: HttpResponse) -> tuple[int, str]:
    told = json.loads(answer.content)
    assert answer.status_code < 500, told
    return answer.status_code, told.get("code", "")


def all_of(world: World, system: System) -> dict[Call, tuple[int, str]]:
    return {call: outcome(ask(system, call[0], row)) for call, row in world.rows().items()}


def test_every_address_has_its_row(world: World) -> None:
    assert set(world.rows()) == routes()


def test_its_owner_gets_everywhere(world: World) -> None:
    rows = world.rows()
    found = {call: outcome(ask(world.owner, call[0], row))[0] for call, row in rows.items()}
    assert found == {call: row.owner for call, row in rows.items()}


def test_another_partner_finds_nothing_of_it(world: World) -> None:
    rows = world.rows()
    answers = {call: ask(world.other, call[0], row) for call, row in rows.items()}
    assert {call: outcome(answer) for call, answer in answers.items()} == {
        call: row.other for call, row in rows.items()
    }
    for (method, route), answer in answers.items():
        told = json.loads(answer.content)
        if method == "get" and answer.status_code == 200:
            assert told["data"] == [], route
    assert not AccountPartnerGrant.objects.filter(group=world.other.partner.group_id).exists()


def without_scopes(world: World) -> System:
    """Return a credential whose one scope no address needs but those of events."""
    return System(world.owner.partner, "events:read")


def revoked(world: World) -> System:
    system = System(world.owner.partner)
    with guards_asleep():
        Credential.objects.filter(pk=system.credential.pk).update(state="REVOKED", revoked_at="2026-11-01T00:00Z")
    return system


def outside(world: World) -> System:
    Network.objects.filter(partner=world.owner.partner).update(removed_at="2026-11-01T00:00Z")
    return world.owner


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (without_scopes, (403, "scope_missing")),
        (revoked, (401, "token_invalid")),
        (outside, (403, "network_refused")),
    ],
)
def test_who_may_not_call_gets_nowhere(
    world: World, caller: Callable[[World], System], expected: tuple[int, str]
) -> None:
    answers = all_of(world, caller(world))
    if caller is without_scopes:
        answers = {call: answer for call, answer in answers.items() if not call[1].startswith("events")}
    assert set(answers.values()) == {expected}, answers


def test_nobody_gets_nowhere(world: World) -> None:
    for (method, _route), row in world.rows().items():
        body = {} if method == "get" else {"data": json.dumps(row.body), "content_type": "application/json"}
        answer = getattr(Client(), method)(f"/api/v1/{row.address}", **body)
        assert outcome(answer) == (401, "token_missing"), row
