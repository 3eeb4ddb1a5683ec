"""One request's page: what it is, what it is about, who decided, who may decide, and why the reader cannot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext

from approvals import eligibility, selectors
from approvals.admin.about import about
from approvals.admin.deciding import refusal_for
from approvals.admin.maker_doors import CommentForm
from approvals.admin.wording import label_of, standing, time_left, undone
from approvals.models import ApprovalRequest, Decision, RequestVersion, State
from approvals.selectors.chains import steps
from bankops.core import clock
from bankops.core.admin.records import address_of
from bankops.core.selectors import Change, TimelineEntry, timeline
from staff.actors import person_at
from staff.models import User


def page_of(site: AdminSite, request: HttpRequest, row: ApprovalRequest) -> dict[str, Any]:
    """Return what everybody with access to the page sees, and for readers what it is about."""
    versions = list(row.versions.order_by("-number"))
    decisions = list(row.decisions.select_related("reviewer", "in_place_of").order_by("id"))
    now = clock.now()
    readable = selectors.may_read(row, person_at(request))
    public = {
        "approval": row,
        "label": label_of(row),
        "standing": standing(row),
        "time_left": time_left(row, now),
        "steps": steps(row, versions[0], decisions),
        "readable": readable,
        **_deciding(row, person_at(request)),
    }
    return {**public, **_for_readers(site, request, row, versions, decisions)} if readable else public


def _deciding(row: ApprovalRequest, person: User) -> dict[str, Any]:
    """Return whether this person may decide now, else why not, and who can."""
    now = clock.now()
    refusal = refusal_for(row, person, now=now)
    return {
        "may_decide": refusal is None,
        "why_not": refusal if row.is_open else None,
        "deciders": eligibility.deciders(row, now=now),
    }


def _for_readers(
    site: AdminSite,
    request: HttpRequest,
    row: ApprovalRequest,
    versions: Sequence[RequestVersion],
    decisions: Sequence[Decision],
) -> dict[str, Any]:
    return {
        "about": about(row, versions[0]),
        "version": versions[0],
        "older": [_older(row, version, decisions) for version in versions[1:]],
        "fired": [_with_link(site, request, fired) for fired in versions[0].fired],
        "concerns": _links(site, request, row),
        "comments": list(row.comments.select_related("author").order_by("written_at", "id")),
        "comment_form": CommentForm(record=row) if selectors.takes_part(row, person_at(request)) else None,
        "result_url": address_of(site, request, row.result_type, row.result_id),
        "undone": undone(row),
        "timeline": _timeline(row),
    }


def _timeline(row: ApprovalRequest) -> list[TimelineEntry]:
    """Return what happened. An approval that is not the last goes from a state to itself, which is nothing to read."""
    return [
        replace(entry, changes=[_in_words(change) for change in entry.changes if change.before != change.after])
        for entry in timeline("approval_request", row.public_id)
    ]


def _in_words(change: Change) -> Change:
    if change.field != "state":
        return change
    return Change(gettext("state"), State(change.before).label, State(change.after).label)


def _older(row: ApprovalRequest, version: RequestVersion, decisions: Sequence[Decision]) -> dict[str, Any]:
    return {"version": version, "about": about(row, version), "steps": steps(row, version, decisions)}


def _with_link(site: AdminSite, request: HttpRequest, fired: dict[str, Any]) -> dict[str, Any]:
    return {**fired, "url": address_of(site, request, "policy", fired["public_id"])}


def _links(site: AdminSite, request: HttpRequest, row: ApprovalRequest) -> list[tuple[str, str]]:
    """Return the records it is about: how people call them, and where they are."""
    concerned: Iterable[Any] = row.concerns.order_by("subject_type", "subject_label")
    return [(one.subject_label, address_of(site, request, one.subject_type, one.subject_id)) for one in concerned]
