"""Of what is rendered, a response remembers its pages (`response.templates`, `response.context`), and not their parts.

Django's test browser is told of everything that a page includes, and copies what it was made of: a hundred times for a
page, which is a sixth of the time that it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.template.base import Template
from django.template.context import Context


@pytest.fixture(scope="session", autouse=True)
def only_pages_are_remembered(django_test_environment: None) -> Iterator[None]:
    remembered: Callable[[Template, Context], str] = Template._render  # type: ignore[attr-defined]  # not in the stubs

    def render(template: Template, context: Context) -> str:
        if context.template is template:
            return remembered(template, context)
        return template.nodelist.render(context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render)
        yield
