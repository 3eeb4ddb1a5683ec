"""What the OpenAPI description says of a view: read off the view itself, so that nothing is described twice.

A view says what it takes (`forms`, `parameters`) and what it answers (`answers`); what all of them share is added here.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from drf_spectacular.drainage import get_override
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema_serializer
from rest_framework import serializers

from bankops.core.api import schema_headers
from bankops.core.api.fields import InputSerializer
from bankops.core.api.operation_codes import codes_of
from bankops.core.api.pages import LIMIT_DEFAULT, LIMIT_MAX
from bankops.core.api.problems import CONTENT_TYPE
from bankops.core.api.schema_problems import Problem, refusals

_UNCHANGED = "You have it as it is: `If-None-Match` names its ETag."
_OF_PAGES = {
    "limit": (
        {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT},
        "How many to answer with at most.",
    ),
    "cursor": (OpenApiTypes.STR, "`next_cursor` of the page before. It belongs to this list and its filters."),
}


class BankSchema(AutoSchema):
    """The description of one method of a `BankView`."""

    @property
    def _bank_view(self) -> Any:
        return self.view

    def get_operation_id(self) -> str:
        return f"{self.method.lower()}_{type(self.view).__name__}"

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        """Return what the view is for, and what the method does: of a POST that is done once, what it does then."""
        name = "perform" if self._takes_key else self.method.lower()
        of_view, of_method = (_prose(type(self.view)), _prose(getattr(self.view, name, None)))
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
        if self.method == "GET" and not self._is_list:
            answers[304] = OpenApiResponse(description=_UNCHANGED)
        shape = self.resolve_serializer(Problem, "response").ref
        by_status = refusals(codes_of(self._bank_view, self.method, self.path), shape)
        return answers | {(status, CONTENT_TYPE): described for status, described in by_status.items()}

    def get_override_parameters(self) -> list[Any]:
        told: list[Any] = schema_headers.answered(self._traits) + schema_headers.asked(self._traits)
        if self.method == "GET":
            told += [self._of_page(name) for name in self._bank_view.page_parameters()]
        if form := self._bank_view.parameters.get(self.method):
            told.append(form)
        return told

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        mapped = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if isinstance(force_instance(serializer), InputSerializer):  # type: ignore[no-untyped-call]
            mapped["additionalProperties"] = False  # as the form itself has it
        return mapped

    def _of_page(self, name: str) -> OpenApiParameter:
        if name == "expand":
            names = sorted(self._bank_view.expandable)
            one = "|".join(re.escape(each) for each in names)
            kind: Any = {"type": "string", "pattern": f"^({one})(,({one}))*$", "examples": [",".join(names[:2])]}
            takes = [f"{name} (`{scope}`)" if (scope := self._bank_view.expandable[name]) else name for name in names]
            text = f"What to tell whole instead of by its id, with commas between, and the scope it takes: {', '.join(takes)}."
        else:
            kind, text = _OF_PAGES[name]
        return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=text)

    @property
    def _is_list(self) -> bool:
        return "limit" in self._bank_view.page_parameters()

    @property
    def _takes_key(self) -> bool:
        return bool(self.method == "POST" and self._bank_view.takes_key)

    @property
    def _traits(self) -> schema_headers.Traits:
        is_list = self.method == "GET" and self._is_list
        tagged = {"GET": (200, 304), "PATCH": (200,), "POST": (200, 201, 202)}[self.method]
        has_tag = not is_list and (self.method != "POST" or (self._takes_key and self._bank_view.tagged))
        return schema_headers.Traits(self.method, is_list, self._takes_key, tagged if has_tag else ())


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a caller signs in: OAuth 2 client credentials."""

    target_class = "bankops.core.api.authentication.CallerAuthentication"
    name = "oauth2"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        scopes = {name: str(label) for name, label in import_string(settings.BANKOPS_API_SCOPES).items()}
        return {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": scopes}}}

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[str]]]:
        """Return the scopes of which one is enough. Which records one of them is not enough for, the view says in words."""
        view: Any = auto_schema.view
        scope, also = view.scopes.get(auto_schema.method), view.also_with.get(auto_schema.method)
        openers = import_string(settings.BANKOPS_API_SCOPE_OPENERS)
        return [{self.name: [one]} for named in (scope, also) if named for one in openers(named)]


def only_resources(endpoints: list[Any]) -> list[Any]:
    """Return the addresses that are described: the resources, not what describes them."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def page_of(shape: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """Return the shape of one page of a list. Its example has what the shape's own first example has."""
    fields = {
        "data": shape(many=True),
        "has_more": serializers.BooleanField(),
        "next_cursor": serializers.CharField(allow_null=True),
    }
    page: Any = type(f"{shape.__name__}Page", (serializers.Serializer,), fields)
    examples = [
        OpenApiExample("page", value={"data": [one.value], "has_more": False, "next_cursor": None}, response_only=True)
        for one in get_override(shape, "examples", [])[:1]
    ]
    described: type[serializers.Serializer[Any]] = extend_schema_serializer(examples=examples)(page)
    return described


def _prose(described: Any) -> str:
    """Return a docstring without what it tells programmers."""
    text = inspect.getdoc(described) or ""
    return re.split(r"^(?::|Attributes:)", text, maxsplit=1, flags=re.MULTILINE)[0].strip()
