"""Health is asked of the real parts, and an absent one is admitted without a word about where it should be."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from bankops.core.health import healthz

pytestmark = pytest.mark.django_db


def test_everything_answers(rf: RequestFactory) -> None:
    response = healthz(rf.get("/healthz"))
    assert response.status_code == 200
    assert response.content == b'{"healthy": true, "database": "ok", "redis": "ok"}'
    assert "no-store" in response["Cache-Control"]


def test_redis_is_gone(rf: RequestFactory, settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/with:a-secret@redis.sock"
    response = healthz(rf.get("/healthz"))
    assert response.status_code == 503
    assert response.content == b'{"healthy": false, "database": "ok", "redis": "unavailable"}'


def test_the_database_is_gone(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = connection.copy()
    elsewhere.settings_dict["HOST"] = "/nowhere"
    monkeypatch.setattr("bankops.core.health.connection", elsewhere)
    response = healthz(rf.get("/healthz"))
    assert response.status_code == 503
    assert response.content == b'{"healthy": false, "database": "unavailable", "redis": "ok"}'


def test_it_is_only_read(rf: RequestFactory) -> None:
    assert healthz(rf.post("/healthz")).status_code == 405


def test_anybody_may_ask(client: Client) -> None:
    assert client.get("/healthz").status_code == 200
