"""Which codes an operation of the API can answer with: read off the view and its forms, and what it says of its service.

What every call can be refused for stands here; what a field refuses, with the field (`codes`); what a service refuses, with
the view that calls it (`BankView.refuses`).
"""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers

_EVERY_CALL: Final = {
    "token_missing",
    "token_invalid",
    "token_expired",
    "network_refused",
    "scope_missing",
    "https_required",
    "rate_limited",
    "signature_required",
    "signature_incomplete",
    "signature_invalid",
    "signature_expired",
    "nonce_replayed",
    "bad_request",
    "not_acceptable",
    "internal_error",
    "unavailable",
}
_WITH_A_BODY: Final = {
    "malformed_json",
    "json_too_deep",
    "duplicate_field",
    "not_an_object",
    "body_too_large",
    "unsupported_media_type",
    "content_digest_mismatch",
    "unstorable_text",
    "unknown_field",
    "field_required",
    "field_invalid",
    "busy",  # what has a body is written, and another may be writing the same
}
_WITH_A_KEY: Final = {
    "idempotency_key_required",
    "idempotency_key_invalid",
    "idempotency_key_reused",
    "request_in_flight",
    "request_abandoned",
}
_WITH_IF_MATCH: Final = {"if_match_required", "changed_meanwhile"}
_WHEN_READING: Final = {"unknown_filter", "unknown_expansion"}
OF_NO_OPERATION: Final = {"method_not_allowed", "not_allowed"}
"""Codes of calls that are no operation at all: a method that an address does not have, and what a browser is refused."""


def codes_of(view: Any, method: str, path: str) -> frozenset[str]:
    """Return the codes that a method of a `BankView` can answer with.

    :param path: the address as it is described: `/api/v1/transfers/{transfer}`.
    """
    codes = _EVERY_CALL | set(view.refuses.get(method, ()))
    if "{" in path:
        codes |= {"not_found"}
    return frozenset(codes | (_of_reading(view) if method == "GET" else _of_writing(view, method)))


def _of_writing(view: Any, method: str) -> set[str]:
    form = view.forms_by_method().get(method)
    codes = (_WITH_A_BODY | of_form(form())) if form else set()
    if method == "PATCH":
        return codes | _WITH_IF_MATCH
    return codes | (_WITH_A_KEY if view.takes_key else set())


def _of_reading(view: Any) -> set[str]:
    codes, form = set(_WHEN_READING), view.parameters.get("GET")
    if form:
        codes |= of_form(form())
    if form or "limit" in view.page_parameters():
        codes |= {"parameter_invalid"}  # given twice, or out of range
    return codes | ({"invalid_cursor"} if "cursor" in view.page_parameters() else set())


def of_form(form: serializers.BaseSerializer[Any]) -> set[str]:
    """Return the codes that a form refuses with by itself and by its fields, those of lists and of forms inside it too."""
    codes = set[str](getattr(form, "codes", ()))
    for field in getattr(form, "fields", {}).values():
        codes |= _of_field(field)
    return codes


def _of_field(field: Any) -> set[str]:
    if isinstance(field, serializers.BaseSerializer):
        return of_form(field)
    if hasattr(field, "codes"):
        return set(field.codes)
    codes = {"field_invalid"}
    if isinstance(field, serializers.CharField):
        codes |= {"text_too_long"} if field.max_length else set()
        codes |= set() if field.allow_blank else {"field_required"}
    return codes
