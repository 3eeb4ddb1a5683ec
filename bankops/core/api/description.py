"""The description of the API by machine, `/api/schema`. Making it takes seconds, and anybody may ask: so it is made once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class DescriptionView(SpectacularAPIView):
    """The description as it was made first in this process: the code it is read off changes with the process only."""

    def _get_schema_response(self, request: Request) -> HttpResponse:
        renderer = request.accepted_renderer
        kind: Any = type(renderer)  # as a key of the cache, which the stubs do not know to be one
        name = self._get_filename(request, None)  # type: ignore[no-untyped-call]
        return HttpResponse(
            _written(kind, translation.get_language()),
            content_type=f"{renderer.media_type}; charset={renderer.charset}"
            if renderer.charset
            else renderer.media_type,
            headers={"Content-Disposition": f'inline; filename="{name}"'},
        )


@lru_cache(maxsize=16)  # four ways to write it, in each language
def _written(renderer: type[BaseRenderer], language: str | None) -> str | bytes:
    with translation.override(language):
        schema = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return renderer().render(schema, renderer_context={})
