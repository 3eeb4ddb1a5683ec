"""What the OpenAPI description says of a view: read off the view itself, so that nothing is described twice.

A view says what it takes (`forms`, `parameters`) and what it answers (`answers`); what all of them share is added here.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from bankops.core.api.problems import CONTENT_TYPE

_ALWAYS = (400, 401, 403, 404, 405, 406, 413, 415, 422, 429, 500, 503)
_WHEN_WRITTEN = (409,)
_IF_MATCHED = (412, 428)
_HEADERS = {
    "Request-Id": "This call's id, for questions about it.",
    "RateLimit-Limit": "How much may be spent at once.",
    "RateLimit-Remaining": "How much of that is left.",
    "RateLimit-Reset": "Seconds until all of it is there again.",
}


_ASKED_OF = {
    method: OpenApiParameter(
        name, OpenApiTypes.STR, OpenApiParameter.HEADER, description=text, required=method != "GET"
    )
    for method, name, text in (
        ("GET", "If-None-Match", "The ETag of what you have."),
        ("POST", "Idempotency-Key", "A text of your own: the same key is the same request."),
        ("PATCH", "If-Match", "The ETag of what you saw."),
    )
}


class Problem(serializers.Serializer[Any]):
    """Why a call was refused (RFC 9457). Rely on `code`; `detail` is for people."""

    type = serializers.URLField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    param = serializers.CharField(required=False)
    request_id = serializers.CharField()
    context = serializers.DictField(child=serializers.CharField(), required=False)  # type: ignore[assignment]  # a field
    errors = serializers.ListField(  # type: ignore[assignment]  # a field
        child=serializers.DictField(child=serializers.CharField()), required=False
    )


class BankSchema(AutoSchema):
    """The description of one method of a `BankView`."""

    @property
    def _bank_view(self) -> Any:
        return self.view

    def get_operation_id(self) -> str:
        return f"{self.method.lower()}_{type(self.view).__name__}"

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        handler = getattr(self.view, self.method.lower(), None)
        of_view, of_method = (type(self.view).__doc__ or "").strip(), (getattr(handler, "__doc__", "") or "").strip()
        return f"{of_view}\n\n{of_method}".strip()

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").partition("/")[0]]

    def get_request_serializer(self) -> Any:
        return self._bank_view.forms_by_method().get(self.method)

    def get_response_serializers(self) -> Any:
        answers: dict[Any, Any] = {
            (status, "application/json"): shape
            for status, shape in self._bank_view.answers.get(self.method, {}).items()
        }
        statuses = [*_ALWAYS, *(_WHEN_WRITTEN if self.method != "GET" else ())]
        statuses += _IF_MATCHED if self.method == "PATCH" else ()
        return answers | {(status, CONTENT_TYPE): Problem for status in sorted(statuses)}

    def get_override_parameters(self) -> list[Any]:
        told: list[Any] = [
            OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.HEADER, description=text, response=True)
            for name, text in _HEADERS.items()
        ]
        told.append(_ASKED_OF[self.method])
        if self.method == "GET":
            names = self._bank_view.page_parameters()
            told += [OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.QUERY) for name in names]
        if form := self._bank_view.parameters.get(self.method):
            told.append(form)
        return told


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a caller signs in: OAuth 2 client credentials."""

    target_class = "bankops.core.api.authentication.CallerAuthentication"
    name = "oauth2"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        scopes = {name: str(label) for name, label in import_string(settings.BANKOPS_API_SCOPES).items()}
        return {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": scopes}}}

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[str]]:
        view: Any = auto_schema.view
        scope = view.scopes.get(auto_schema.method)
        return {self.name: [scope] if scope else []}


def only_resources(endpoints: list[Any]) -> list[Any]:
    """Return the addresses that are described: the resources, not what describes them."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def page_of(shape: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """Return the shape of one page of a list."""
    fields = {
        "data": shape(many=True),
        "has_more": serializers.BooleanField(),
        "next_cursor": serializers.CharField(allow_null=True),
    }
    return type(f"{shape.__name__}Page", (serializers.Serializer,), fields)
