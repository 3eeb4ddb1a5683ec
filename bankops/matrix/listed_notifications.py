"""The doors on webhook endpoints and what is sent to them, and the operations behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bankops.core import clock
from bankops.matrix.listing import (
    Arguments,
    Form,
    Listed,
    Payload,
    Submitted,
    door,
    may,
    only,
    reading_room,
    reason,
    with_reason,
)
from bankops.matrix.people import Persona, code_of
from bankops.matrix.stage import Stage
from bankops.matrix.webhooks import ADDRESS

_TERMS = {"description": "", "max_in_flight": "4", "timeout_seconds": "15", "waits": "1m 5m"}


def notifications() -> Iterator[Listed]:
    """Yield every door."""
    yield from reading_room(
        "notifications_endpoint",
        may("notifications.view_endpoint"),
        lambda stage: stage.endpoints["active"],
        versions=True,
    )
    yield from door("partners_partner_add_endpoint", may("notifications.add_endpoint"), _new, _partner)
    yield from _on_endpoint()


def _on_endpoint() -> Iterator[Listed]:
    doors: dict[str, tuple[str, Form]] = {
        "change_endpoint": ("active", with_reason(url=f"{ADDRESS}elsewhere", **_TERMS)),
        "rotate_endpoint_secret": ("active", with_reason(overlap_hours="24")),
        "pause_endpoint": ("active", reason),
        "resume_endpoint": ("paused", reason),
        "disable_endpoint": ("active", reason),
        "send_test_event": ("active", _nothing),
    }
    for name, (which, form) in doors.items():
        yield from door(f"notifications_endpoint_{name}", may(f"notifications.{name}"), form, _endpoint(which))
    whose = only("whom the reviewers agreed to", "administrator")
    yield from door("notifications_endpoint_pick_up_endpoint_secret", whose, _code, _endpoint("waiting"))


def submitted() -> Iterator[Submitted]:
    """Yield the operations behind them."""
    yield Submitted("notifications.add_endpoint", _wanted)
    yield Submitted("notifications.change_endpoint", _named("active", url=f"{ADDRESS}elsewhere"))
    yield Submitted("notifications.rotate_endpoint_secret", _named("active"))
    yield Submitted("notifications.resume_endpoint", _named("paused"))
    yield Submitted("notifications.pause_endpoint", _named("active"), "carried out")
    yield Submitted("notifications.disable_endpoint", _named("active"), "carried out")


def _wanted(stage: Stage) -> dict[str, Any]:
    picker = stage.staff["administrator"].public_id
    return {"partner": stage.partners["active"].public_id, "url": f"{ADDRESS}new", "secret_for": picker}


def _named(which: str, **more: Any) -> Payload:
    return lambda stage: {"endpoint": stage.endpoints[which].public_id, **more}


def _partner(stage: Stage) -> list[object]:
    return [stage.partners["active"].pk]


def _endpoint(which: str) -> Arguments:
    return lambda stage: [stage.endpoints[which].pk]


def _new(stage: Stage, persona: Persona) -> dict[str, Any]:
    wanted = {**_TERMS, "url": f"{ADDRESS}new", "secret_for": stage.staff["administrator"].pk}
    return {**reason(stage, persona), **wanted}


def _nothing(_stage: Stage, persona: Persona) -> dict[str, Any]:
    return {"idempotency_key": f"matrix-{persona.key}"}


def _code(stage: Stage, persona: Persona) -> dict[str, Any]:
    """Fill in a code that is right for whoever has a phone."""
    user = stage.staff.get(persona.key)
    return {"code": code_of(user, now=clock.now()) if user and persona.is_in else "000000"}
