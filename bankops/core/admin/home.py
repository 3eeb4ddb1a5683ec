"""The first page after signing in: a search, what this person can do next, and what has happened lately.

The kernel knows no app, so each app brings its part when its admin modules are loaded:

    home.add_steps(10, steps)           # (request) -> the things this person may do, best first
    home.add_panel(latest)              # (request) -> Panel | None
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bankops.core.admin.extensions import Panel


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do next: a verb, a sentence about it, where it is done."""

    label: str | Promise
    explanation: str | Promise
    url: str
    icon: str


MakeSteps = Callable[[HttpRequest], Iterable[Step]]
MakePanel = Callable[[HttpRequest], Panel | None]

_steps: list[tuple[int, MakeSteps]] = []
_panels: list[MakePanel] = []


def add_steps(order: int, make: MakeSteps) -> None:
    """Offer things to do; those of a lower `order` come first."""
    _steps.append((order, make))


def add_panel(make: MakePanel) -> None:
    """Show something below the steps; `make` returns None where this person may not see it."""
    _panels.append(make)


def respond(site: Any, request: HttpRequest) -> HttpResponse:
    """Return the page for the person at the keyboard."""
    makers = [make for _order, make in sorted(_steps, key=lambda pair: pair[0])]
    panels = [make(request) for make in _panels]
    context = {
        **site.each_context(request),
        "title": _("Start"),
        "person": request.user,
        "steps": [step for make in makers for step in make(request)],
        "panels": [panel for panel in panels if panel is not None],
    }
    request.current_app = site.name
    return TemplateResponse(request, "bankops/home.html", context)
