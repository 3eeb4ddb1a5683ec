"""The refusals in the API's description: their shape, and by status the codes that can come, with an example."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers

from bankops.core.api import error_table
from bankops.core.api.error_table import Row

_ID: Final = "req_01kav2m0x8e8b9n5t7q1c4r6yz"
_ONLY_WITH_A_BODY: Final = {
    "malformed_json",
    "json_too_deep",
    "duplicate_field",
    "not_an_object",
    "content_digest_mismatch",
}
_ONLY_WITH_A_KEY: Final = {
    "idempotency_key_required",
    "idempotency_key_invalid",
    "idempotency_key_reused",
    "request_in_flight",
    "request_abandoned",
}
_ONLY_OF_READING: Final = {"parameter_invalid", "unknown_filter", "invalid_cursor", "unknown_expansion"}


class FieldProblem(serializers.Serializer[Any]):
    """One of several fields to blame. `code` is one of the same codes, or in a batch `possible_duplicate`."""

    param = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """Why a call was refused (RFC 9457). Rely on `code`; `detail` is for people."""

    type = serializers.URLField(help_text="Where the code is explained.")
    title = serializers.CharField(help_text="The status in words.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What is wrong and what to do, for people; may change.")
    param = serializers.CharField(required=False, help_text="The field, parameter or header to blame.")
    request_id = serializers.CharField()
    context = serializers.DictField(child=serializers.CharField(), required=False)  # type: ignore[assignment]  # a field
    errors = FieldProblem(many=True, required=False)  # type: ignore[assignment]  # a field

    def get_fields(self) -> dict[str, Any]:
        """Return the fields: which codes there are is known once every app is loaded."""
        fields = super().get_fields()
        fields["code"] = serializers.ChoiceField([row.code for row in _rows()], help_text="What programs rely on.")
        return fields


def refusal(status: int, *, method: str, takes_key: bool) -> OpenApiResponse:
    """Return the description of one status: which codes come with it, and one of them as it looks."""
    left_out = _left_out(method, takes_key=takes_key)
    rows = [row for row in _rows() if row.status == status and row.code not in left_out]
    codes = " · ".join(f"`{row.code}`" for row in rows)
    examples = [OpenApiExample(row.code, value=_example(row), response_only=True) for row in rows[:1]]
    return OpenApiResponse(Problem, description=codes, examples=examples)


def _rows() -> Iterable[Row]:
    return [row for section in error_table.sections() for row in section.rows]


def _left_out(method: str, *, takes_key: bool) -> set[str]:
    left_out: set[str] = set() if takes_key else set(_ONLY_WITH_A_KEY)
    return left_out | (_ONLY_WITH_A_BODY if method == "GET" else _ONLY_OF_READING)


def _example(row: Row) -> dict[str, Any]:
    address = f"{settings.BANKOPS_URL}/api/docs/errors#{row.code}"
    told = {"type": address, "title": row.title, "status": row.status, "detail": row.text, "code": row.code}
    return {**told, "request_id": _ID}
