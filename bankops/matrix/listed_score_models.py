"""The doors on score models, and the operations behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bankops.matrix.listing import Listed, Submitted, door, may, reading_room, reason
from bankops.matrix.people import Persona
from bankops.matrix.stage import Stage

_STATES = {"start_model_shadow": "candidate", "activate_model": "shadow", "retire_model": "shadow"}


def score_models() -> Iterator[Listed]:
    rows = "risk_scoremodelversion"
    yield from reading_room(rows, may("risk.view_scoremodelversion"), lambda stage: stage.score_models["candidate"])
    for verb, state in _STATES.items():
        yield from door(f"{rows}_{verb}", may(f"risk.{verb}"), _keyed, _in_state(state))


def submitted() -> Iterator[Submitted]:
    for verb, state in _STATES.items():
        yield Submitted(f"risk.{verb}", _wish(state))


def _in_state(state: str) -> Any:
    return lambda stage: [stage.score_models[state].pk]


def _wish(state: str) -> Any:
    def payload(stage: Stage) -> dict[str, Any]:
        model = stage.score_models[state]
        return {"model": model.number, "content": model.content_hash}

    return payload


def _keyed(stage: Stage, persona: Persona) -> dict[str, Any]:
    return {**reason(stage, persona), "idempotency_key": "a key of the form"}
