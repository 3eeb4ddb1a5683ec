"""The refusals in the API's description: their shape, and by status the codes of an operation, with an example."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers

from bankops.core.api import error_table
from bankops.core.api.error_table import Row

_ID: Final = "req_01kav2m0x8e8b9n5t7q1c4r6yz"


class Coded(serializers.Serializer[Any]):
    """A shape whose `code` is one of the table's: which there are is known once every app is loaded."""

    def get_fields(self) -> dict[str, Any]:
        """Return the fields, `code` with its values."""
        fields = super().get_fields()
        told = fields["code"]
        fields["code"] = serializers.ChoiceField(
            [row.code for row in _rows()], allow_null=told.allow_null, help_text=told.help_text
        )
        return fields


class FieldProblem(Coded):
    """One of several fields to blame. `code` is one of the same codes, in a batch `possible_duplicate` too."""

    param = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(Coded):
    """Why a call was refused (RFC 9457). Rely on `code`; `detail` is for people."""

    type = serializers.URLField(help_text="Where the code is explained.")
    title = serializers.CharField(help_text="The status in words.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What is wrong and what to do, for people; may change.")
    code = serializers.CharField(help_text="What programs rely on.")
    param = serializers.CharField(required=False, help_text="The field, parameter or header to blame.")
    request_id = serializers.CharField()
    context = serializers.DictField(child=serializers.CharField(), required=False)  # type: ignore[assignment]  # a field
    errors = FieldProblem(many=True, required=False)  # type: ignore[assignment]  # a field


def refusals(codes: Collection[str], shape: dict[str, Any]) -> dict[int, OpenApiResponse]:
    """Return the description of what an operation refuses with, by status: the codes, and one of them as it looks.

    :param shape: what stands for `Problem` in the description.
    :raises KeyError: for a code that is in no table.
    """
    listed = {row.code: row for row in _rows()}
    if strange := sorted(set(codes) - set(listed)):
        raise KeyError(strange[0])
    rows = [row for row in listed.values() if row.code in codes]
    return {status: _described([row for row in rows if row.status == status], shape) for status in _statuses(rows)}


def _described(rows: Sequence[Row], shape: dict[str, Any]) -> OpenApiResponse:
    codes = [row.code for row in rows]
    examples = [OpenApiExample(row.code, value=_example(row), response_only=True) for row in rows[:1]]
    exactly = {"allOf": [shape, {"type": "object", "properties": {"code": {"enum": codes}}}]}
    return OpenApiResponse(exactly, description=" · ".join(f"`{code}`" for code in codes), examples=examples)


def _statuses(rows: Iterable[Row]) -> list[int]:
    return sorted({row.status for row in rows})


def _rows() -> Iterable[Row]:
    return [row for section in error_table.sections() for row in section.rows]


def _example(row: Row) -> dict[str, Any]:
    address = f"{settings.BANKOPS_URL}/api/docs/errors#{row.code}"
    told = {"type": address, "title": row.title, "status": row.status, "detail": row.text, "code": row.code}
    return {**told, "request_id": _ID}
