"""Every answer under /api/ and /oauth/ has an id and is not kept by anyone; refusals from anywhere are problems."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from bankops.core import context, ids, sandbox
from bankops.core.api import errors, problems, throttling
from bankops.core.errors import BankOpsError

_TOKENS = "/oauth/"
_PLACES = ("/api/", _TOKENS)
_IN_JSON = ("application/json", "application/problem+json", "application/vnd.oai.openapi")
# What other middleware and the handlers of pages refuse, in the API's words.
_BY_STATUS: dict[int, type[BankOpsError]] = {
    400: errors.BadRequest,
    404: errors.NotFound,
    413: errors.BodyTooLarge,
    503: errors.Unavailable,
}


class ApiMiddleware:
    """Stands first, so that what the others refuse is answered in the API's shape too.

    A caller's own `Request-Id` or `X-Request-ID` is kept when it is harmless; the logs and the audit trail name it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(_PLACES):
            return self.get_response(request)
        request_id = _request_id(request)
        request.META["HTTP_X_REQUEST_ID"] = request_id  # RequestContextMiddleware binds it
        response = self._answer(request, request_id)
        if response.status_code >= 400 and not response.get("Content-Type", "").startswith(_IN_JSON):
            response = _in_our_shape(response, request_id)
        response["Request-Id"] = response["X-Request-ID"] = request_id
        response.setdefault("Cache-Control", "no-store")
        if sandbox.is_on():
            response["Bankops-Sandbox"] = "true"
        return response

    def _answer(self, request: HttpRequest, request_id: str) -> HttpResponse:
        try:
            _let_in(request)
        except BankOpsError as error:
            body = {**problems.problem(error), "request_id": request_id}
            return problems.response(body, problems.headers_of(error))
        return self.get_response(request)


def _let_in(request: HttpRequest) -> None:
    """:raises HttpsRequired: for what came in the open; a redirect, as pages get it, would have the token sent so again.
    :raises RateLimited: when an address, or a client there, asks for tokens too often.
    """
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        raise errors.HttpsRequired
    if request.path_info.startswith(_TOKENS):
        throttling.spend_for_token(request)


def _request_id(request: HttpRequest) -> str:
    offered = request.META.get("HTTP_REQUEST_ID") or request.META.get("HTTP_X_REQUEST_ID", "")
    return offered if context.acceptable_request_id(offered) else ids.encode("req", ids.uuid7())


def _in_our_shape(response: HttpResponse, request_id: str) -> HttpResponse:
    """Return a refusal that was written for a browser as a problem of the same status, with the same headers else."""
    status = response.status_code
    ours = _BY_STATUS.get(status, errors.InternalError if status >= 500 else errors.BadRequest)
    error = ours(limit=settings.BANKOPS_API_BODY_MAX) if ours is errors.BodyTooLarge else ours()
    replaced = problems.response({**problems.problem(error, status=status), "request_id": request_id})
    for name in ("WWW-Authenticate", "Retry-After", "Allow"):
        if name in response:
            replaced[name] = response[name]
    return replaced
