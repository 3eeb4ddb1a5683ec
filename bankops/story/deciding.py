"""How reviewers decide in the story: on the request's page, each with the code their phone shows."""

from __future__ import annotations

import time

from django.urls import reverse

from approvals.eligibility import deciders
from approvals.models import ApprovalRequest, State
from bankops.core import clock
from bankops.core.visitor import UnexpectedPage
from bankops.story.told import Story, code_of, has_fresh_code


def decide(told: Story, name: str, *, refused: bool = False) -> str:
    """Let somebody who may, approve; return who, and where the request stands afterwards."""
    able = [person.employee_number for person in deciders(refreshed(told, name), now=clock.now())]
    number = min(able, key=lambda one: (not has_fresh_code(one), one in told.people))
    reviewer, door = told.person(number), door_of(told, name, "approve")
    code, form = code_of(number), reviewer.get(door)
    started = time.monotonic()
    reviewer.submit(form, {"code": code}, refused=refused)
    told.reviews_ms.setdefault(name, []).append((time.monotonic() - started) * 1000)
    told.deciders[name] = number
    return f"{number}: {where(told, name)}"


def two_reviews(told: Story, name: str) -> str:
    """Let two people approve a request, which is then carried out; return who they were."""
    first, final = decide(told, name), decide(told, name)
    must_be(told, name, State.EXECUTED)
    return f"{first}; {final}"


def where(told: Story, name: str) -> str:
    """Say where a request stands."""
    request = refreshed(told, name)
    return f"{request.reference}, {request.where_it_stands()}"


def must_be(told: Story, name: str, state: State) -> ApprovalRequest:
    """:raises UnexpectedPage: when a request is in another state."""
    request = refreshed(told, name)
    if request.state != state:
        raise UnexpectedPage(f"{request.reference} is {request.state}: {request.closing_note}")
    return request


def refreshed(told: Story, name: str) -> ApprovalRequest:
    """Return a request as it is now."""
    told.requests[name].refresh_from_db()
    return told.requests[name]


def latest(operation: str) -> ApprovalRequest:
    """Return the request that was made last for an operation."""
    return ApprovalRequest.objects.filter(operation=operation).latest("created_at")


def page_of(told: Story, name: str) -> str:
    """Return the address of a request's page."""
    return reverse("admin:approvals_approvalrequest_change", args=[told.requests[name].pk])


def door_of(told: Story, name: str, door: str) -> str:
    """Return the address of a door on a request."""
    return reverse(f"admin:approvals_approvalrequest_{door}", args=[told.requests[name].pk])
