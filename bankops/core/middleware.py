"""Every request has an id and a known actor, in the logs, in the audit trail and in the answer."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bankops.core import context, ids
from bankops.core.encryption import CannotDecrypt

log = structlog.get_logger(__name__)


class RequestContextMiddleware:
    """Bind request id and actor for the length of the request, log how it ended, answer with `X-Request-ID`.

    Stands after authentication. A caller's own `X-Request-ID` is kept when it is harmless, so a partner's log and ours
    can be read side by side.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        request_id = _request_id(request)
        structlog.contextvars.bind_contextvars(request_id=request_id, actor=_actor_id(request))
        started = time.monotonic()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            _log_end(request, response, started)
            return response
        finally:
            structlog.contextvars.clear_contextvars()


class StorableAddressMiddleware:
    """Refuse an address with a NUL in it. PostgreSQL cannot look one up, so it would be a fault instead of an answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest
        return self.get_response(request)


class CannotDecryptMiddleware:
    """Say clearly that sealed data cannot be read, a missing key mostly, instead of "something went wrong"."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer 500, with the key's id and nothing of what was to be read."""
        if not isinstance(exception, CannotDecrypt):
            return None
        log.error("cannot_decrypt", place=exception.context, key_id=exception.key_id)
        return render(request, "bankops/cannot_decrypt.html", {"key_id": exception.key_id}, status=500)


def _request_id(request: HttpRequest) -> str:
    offered = request.headers.get("X-Request-ID", "")
    return offered if context.acceptable_request_id(offered) else ids.encode("req", ids.uuid7())


def _actor_id(request: HttpRequest) -> str:
    user = request.user
    return str(getattr(user, "public_id", "")) if user.is_authenticated else "anonymous"


def _log_end(request: HttpRequest, response: HttpResponse, started: float) -> None:
    log.info(
        "request_finished",
        method=request.method,
        path=request.path,  # never the query string: people search for names in it
        status=response.status_code,
        duration_ms=round((time.monotonic() - started) * 1000, 1),
    )
