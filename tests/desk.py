"""A clerk's view of the admin in tests: where pages are, what they say, how a door with two steps is gone through."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.db.models import Model
from django.test import Client
from django.urls import reverse

ROLES = (
    "teller",
    "operator",
    "first_reviewer",
    "final_reviewer",
    "risk_analyst",
    "finance",
    "customer_service",
    "auditor",
    "administrator",
    "outsider",
)

_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)


def address(record: Model, page: str = "change") -> str:
    """Return where a record's page is, or one of the doors on it."""
    opts = record._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=[record.pk])


def words(response: Any) -> str:
    """Return what a reader sees of an answer: no tags, one space between words."""
    return " ".join(unescape(_TAG.sub(" ", response.content.decode())).split())


def code(response: Any) -> str:
    """Return the code of the refusal that a page shows, or an empty string."""
    shown = re.findall(r"<code>([a-z_]+)</code>", response.content.decode())
    return shown[0] if shown else ""


def key_of(response: Any) -> str:
    """Return the idempotency key that a form carries."""
    found = re.search(r'name="idempotency_key" value="([^"]+)"', response.content.decode())
    assert found, "the page has no form with a key"
    return found[1]


def confirm(client: Client, url: str, **fields: str) -> Any:
    """Go through a door with two steps as its forms lead: open, fill in, confirm. Return the last answer."""
    filled_in = {**fields, "idempotency_key": key_of(client.get(url))}
    second = client.post(url, filled_in)
    if second.status_code != 200:
        return second
    assert key_of(second) == filled_in["idempotency_key"], "the key must survive the first step"
    return client.post(url, {**filled_in, "confirmed": "1"})
