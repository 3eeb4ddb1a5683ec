"""Examples in the API's description: what is sent, and what comes back. A test holds each of them against its shape."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

JSON = dict[str, Any]


def asked(name: str, value: JSON) -> list[OpenApiExample]:
    """Return the example of what is sent in a form."""
    return [OpenApiExample(name, value=value, request_only=True)]


def told(*statuses: str, **examples: JSON) -> list[OpenApiExample]:
    """Return examples of what comes back with these statuses, or with 200 and 201, by their names."""
    with_ = list(statuses) or ["200", "201"]
    return [
        OpenApiExample(name, value=value, response_only=True, status_codes=with_) for name, value in examples.items()
    ]
