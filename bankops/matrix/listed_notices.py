"""The staff inbox, of which everybody sees their own, and incidents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from bankops.matrix.listing import SIGNED_IN, Listed, door, may, only, page, reading_room, reason
from bankops.matrix.people import Persona
from bankops.matrix.stage import Stage
from bankops.matrix.tries import Expected
from notifications.models import Notice

_TOLD = ("teller", "operator", "administrator", "first_reviewer", "final_reviewer", "risk_analyst", "stand_in")


def notices() -> Iterator[Listed]:
    """Yield every door. The record is a notice of the first reviewer's."""
    own = only("whose it is", "first_reviewer")
    for entry in reading_room("notifications_notice", SIGNED_IN, _notice):
        is_page = entry.door in ("admin:notifications_notice_change", "admin:notifications_notice_history")
        yield replace(entry, who=own) if is_page and entry.method == "GET" else entry
    yield from door("notifications_notice_mark_read", own, _nothing, lambda stage: [_notice(stage).pk])
    yield page("notifications_notice_mark_all_read", SIGNED_IN)
    told = only("who has unread ones", *_TOLD)
    mark_all = "admin:notifications_notice_mark_all_read"
    yield Listed(mark_all, "POST", told, Expected.ACT, form=_nothing, shown=SIGNED_IN)
    yield from door("notifications_notice_preferences", SIGNED_IN, _preferences)


def incidents() -> Iterator[Listed]:
    """Yield every door."""
    work = may("notifications.work_incident")
    yield from reading_room(
        "notifications_incident", may("notifications.view_incident"), lambda stage: stage.sent.incident
    )
    yield from door("notifications_incident_take_over_incident", work, _nothing, _incident)
    yield from door("notifications_incident_close_incident", work, reason, _incident)


def _notice(stage: Stage) -> Notice:
    return Notice.objects.filter(recipient=stage.staff["first_reviewer"]).order_by("pk")[0]


def _incident(stage: Stage) -> Sequence[Any]:
    return [stage.sent.incident.pk]


def _nothing(_stage: Stage, persona: Persona) -> dict[str, Any]:
    return {"idempotency_key": f"matrix-{persona.key}"}


def _preferences(stage: Stage, persona: Persona) -> dict[str, Any]:
    return {**_nothing(stage, persona), "mail_from": "URGENT", "quiet_from": "22:00", "quiet_until": "07:00"}
