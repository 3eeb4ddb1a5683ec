"""What the logs and the audit trail know about the request or task at hand, beside what services are told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

_approval_request: ContextVar[str] = ContextVar("approval_request", default="")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id() -> str:
    """Return the id of the request or task at hand, or an empty string outside any."""
    bound = structlog.contextvars.get_contextvars()
    return str(bound.get("request_id") or bound.get("task_id") or "")


def acceptable_request_id(text: str) -> bool:
    """Tell whether a caller's own request id is harmless enough to be logged and returned."""
    return bool(_REQUEST_ID.fullmatch(text))


def approval_request_id() -> str:
    """Return the approval request (`apr_…`) under which something is being done, or an empty string."""
    return _approval_request.get()


@contextmanager
def under_request(request_id: str) -> Iterator[None]:
    """Let everything written to the audit trail inside name the approval request it was consented to."""
    token = _approval_request.set(request_id)
    try:
        yield
    finally:
        _approval_request.reset(token)
