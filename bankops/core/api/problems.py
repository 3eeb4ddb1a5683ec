"""Every refusal of the API in one shape: RFC 9457, `application/problem+json`, with a stable `code`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpResponse
from rest_framework import exceptions

from bankops.core import context
from bankops.core.api import errors
from bankops.core.db import is_gone
from bankops.core.errors import BankOpsError, TextTooLong, error_codes
from bankops.core.idempotency import Answer

log = structlog.get_logger(__name__)

CONTENT_TYPE = "application/problem+json"

# What forms say in the framework's words, in ours. Their texts are translated already.
_OF_FORMS: dict[str, type[BankOpsError]] = {
    "required": errors.FieldRequired,
    "null": errors.FieldRequired,
    "blank": errors.FieldRequired,
    "empty": errors.FieldRequired,
    "max_length": TextTooLong,
}
_NOT_THE_TOKEN = {
    errors.NotAuthenticated.code,
    "token_missing",
    "signature_required",
    "signature_invalid",
    "signature_expired",
    "signature_incomplete",
    "nonce_replayed",
}
_OF_FRAMEWORK: list[tuple[type[Exception], type[BankOpsError]]] = [
    (Http404, errors.NotFound),
    (exceptions.NotFound, errors.NotFound),
    (exceptions.ParseError, errors.MalformedJson),
    (exceptions.UnsupportedMediaType, errors.UnsupportedMediaType),
    (exceptions.NotAcceptable, errors.NotAcceptable),
    (exceptions.NotAuthenticated, errors.NotAuthenticated),
    (exceptions.AuthenticationFailed, errors.NotAuthenticated),
    (exceptions.PermissionDenied, errors.NotAllowed),
    (PermissionDenied, errors.NotAllowed),
    (SuspiciousOperation, errors.BadRequest),
]


def handler(exc: Exception, _context: Mapping[str, Any]) -> HttpResponse:
    """Answer whatever a view raised. The framework's `EXCEPTION_HANDLER`."""
    if isinstance(exc, exceptions.ValidationError):
        return response(form_problem(exc))
    error = error_of(exc)
    if isinstance(error, errors.InternalError):
        log.error("request_failed", exc_info=exc)
    return response(problem(error), headers_of(error))


def error_of(exc: Exception) -> BankOpsError:
    """Return an exception as an error of ours: itself, its counterpart, or `internal_error`."""
    if isinstance(exc, BankOpsError):
        return exc
    if is_gone(exc):
        return errors.Unavailable()
    known = (ours for theirs, ours in _OF_FRAMEWORK if isinstance(exc, theirs))
    return next(known, errors.InternalError)()


def problem(error: BankOpsError, *, status: int | None = None) -> dict[str, Any]:
    """Return an error as a problem. The field to blame is the error's `param`, when it has one; `errors` are several."""
    told = error.as_dict()
    body = _problem(error.code, status or status_of(type(error)), told["detail"], getattr(error, "param", ""))
    several = getattr(error, "errors", ())
    return {
        **body,
        **({"errors": list(several)} if several else {}),
        **({"context": told["context"]} if told["context"] else {}),
    }


def status_of(error: type[BankOpsError]) -> int:
    """Return the status that an error has in the API.

    Where an address names nothing it is `not_found`. Where a body names what is not there, it is a field to put right.
    """
    in_a_body = error.http_status == HTTPStatus.NOT_FOUND and error is not errors.NotFound
    return 422 if in_a_body else error.http_status


def form_problem(exc: exceptions.ValidationError) -> dict[str, Any]:
    """Return what is wrong with a form: the first field leads, the others follow in `errors`."""
    found = list(_complaints(exc.detail))
    param, code, detail = found[0]
    body = _problem(code, 422, detail, param)
    rest = [{"param": param, "code": code, "detail": detail} for param, code, detail in found[1:]]
    return {**body, "errors": rest} if rest else body


def _problem(code: str, status: int, detail: str, param: str) -> dict[str, Any]:
    return {
        "type": f"{settings.BANKOPS_URL}/api/docs/errors#{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **({"param": param} if param else {}),
        "request_id": context.request_id(),
    }


def response(body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return a problem as an answer."""
    return HttpResponse(
        written(body), status=int(body["status"]), content_type=CONTENT_TYPE, headers=dict(headers or {})
    )


def answer_of(error: BankOpsError) -> Answer:
    """Return a refusal as it is kept under an Idempotency-Key."""
    body = problem(error)
    return Answer(body["status"], written(body), {})


def written(body: object) -> str:
    """Return JSON as the API sends it, to the byte: short, in UTF-8, in the order of the fields."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def headers_of(error: BankOpsError) -> dict[str, str]:
    """Return the headers that go with a refusal: when to come back, how to authenticate."""
    headers = {}
    if seconds := getattr(error, "retry_after", None):
        headers["Retry-After"] = str(seconds)
    if challenge := _challenge(error):
        headers["WWW-Authenticate"] = challenge
    return headers


def _challenge(error: BankOpsError) -> str:
    """Return RFC 6750 §3's challenge. Who sent no token at all, or a good one and a bad signature, is told no error code."""
    if error.code == "scope_missing":
        return f'Bearer realm="bankops", error="insufficient_scope", scope="{error.context.get("scope", "")}"'
    if error.http_status != HTTPStatus.UNAUTHORIZED:
        return ""
    return 'Bearer realm="bankops"' if error.code in _NOT_THE_TOKEN else 'Bearer realm="bankops", error="invalid_token"'


def _complaints(detail: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield (field, code, text) out of the nested complaints of a form."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _complaints(inner, path if name == "non_field_errors" else f"{path}.{name}".lstrip("."))
    elif isinstance(detail, list) and any(isinstance(inner, Mapping) for inner in detail):
        for position, inner in enumerate(detail):
            yield from _complaints(inner, f"{path}.{position}".lstrip("."))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _complaints(inner, path)
    else:
        yield path, _code(str(getattr(detail, "code", ""))), str(detail)


def _code(of_form: str) -> str:
    if of_form in _OF_FORMS:
        return _OF_FORMS[of_form].code
    return of_form if of_form in error_codes() else errors.FieldInvalid.code
