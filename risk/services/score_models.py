"""The only writer of score models: what was learnt is kept as a candidate, and counts by consent only."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bankops.core import audit, context, operations
from bankops.core.actor import Actor
from bankops.core.texts import require_reason
from risk import errors, events, locks
from risk.models import ScoreModelVersion, ScoreState
from risk.score import features
from risk.score.model import ModelUnreadable, hash_of, read_model
from risk.score.training import Trained

_DATED = {
    ScoreState.SHADOW: "shadow_since",
    ScoreState.ACTIVE: "active_since",
    ScoreState.RETIRED: "retired_at",
}


@transaction.atomic
def register_model(*, trained: Trained, actor: Actor, now: datetime) -> ScoreModelVersion:
    """Keep what was learnt, as a candidate; it scores nothing yet. Writes `risk.score_model.registered`."""
    locks.score_models_for_update()
    content, parts = trained.model.as_content(), {name: part.as_json() for name, part in trained.parts.items()}
    latest = ScoreModelVersion.objects.order_by("-number").values_list("number", flat=True).first()
    model = ScoreModelVersion.objects.create(
        number=(latest or 0) + 1,
        features_version=features.VERSION,
        content=content,
        content_hash=hash_of(content),
        learnt_since=trained.parts["learn"].rows[0].moment,
        learnt_until=trained.parts["measure"].rows[-1].moment,
        parts=parts,
        metrics=trained.metrics(),
        trained_at=now,
        trained_by_id=actor.id,
        trained_by_name=actor.name,
    )
    detail = {"content": model.content_hash, "parts": parts, "quality": model.metrics["model"]}
    subject = events.about_score_model(model)
    audit.record(events.SCORE_MODEL_REGISTERED, actor=actor, subject=subject, now=now, detail=detail)
    return model


@operations.only_through_gate("risk.start_model_shadow")
@transaction.atomic
def start_model_shadow(*, number: int, content: str, reason: str, actor: Actor, now: datetime) -> ScoreModelVersion:
    """Let a candidate score beside the active model, where nothing comes of it. Writes `risk.score_model.shadowed`.

    A model that was in shadow before is retired.

    :param content: the hash of what was agreed to.
    :raises ReasonRequired: when `reason` is blank.
    :raises ScoreModelNotFound, ScoreModelMoved, ScoreModelNotInState, ScoreModelUnusable: as `refuse_start`.
    """
    reason = require_reason(reason)
    locks.score_models_for_update()
    model = refuse_start(number, content)
    return _take_the_place(model, ScoreState.SHADOW, events.SCORE_MODEL_SHADOWED, reason=reason, actor=actor, now=now)


@operations.only_through_gate("risk.activate_model")
@transaction.atomic
def activate_model(*, number: int, content: str, reason: str, actor: Actor, now: datetime) -> ScoreModelVersion:
    """Let a model that ran in shadow count, in place of the one that does. Writes `risk.score_model.activated`.

    :param content: the hash of what was agreed to.
    :raises ReasonRequired: when `reason` is blank.
    :raises ScoreModelNotFound, ScoreModelMoved, ScoreModelNotInState, ScoreModelUnusable: as `refuse_activation`.
    """
    reason = require_reason(reason)
    locks.score_models_for_update()
    model = refuse_activation(number, content)
    return _take_the_place(model, ScoreState.ACTIVE, events.SCORE_MODEL_ACTIVATED, reason=reason, actor=actor, now=now)


@operations.only_through_gate("risk.retire_model")
@transaction.atomic
def retire_model(*, number: int, reason: str, actor: Actor, now: datetime) -> ScoreModelVersion:
    """Let a model count no more, nor run in shadow; a candidate is put away. Writes `risk.score_model.retired`.

    :raises ReasonRequired: when `reason` is blank.
    :raises ScoreModelNotFound, ScoreModelNotInState: as `refuse_retirement`.
    """
    reason = require_reason(reason)
    locks.score_models_for_update()
    model = refuse_retirement(number)
    before = model.state
    _move(model, ScoreState.RETIRED, now)
    _record(events.SCORE_MODEL_RETIRED, model, {"state": (before, model.state)}, reason=reason, actor=actor, now=now)
    return model


def model_numbered(number: int) -> ScoreModelVersion:
    """:raises ScoreModelNotFound: when there is none."""
    model = ScoreModelVersion.objects.filter(number=number).first()
    if model is None:
        raise errors.ScoreModelNotFound(number=number)
    return model


def refuse_start(number: int, content: str) -> ScoreModelVersion:
    """Return the model.

    :raises ScoreModelNotFound, ScoreModelMoved, ScoreModelNotInState, ScoreModelUnusable: when it cannot go into shadow.
    """
    return _usable(number, content, ScoreState.CANDIDATE)


def refuse_activation(number: int, content: str) -> ScoreModelVersion:
    """Return the model.

    :raises ScoreModelNotFound, ScoreModelMoved, ScoreModelNotInState, ScoreModelUnusable: when it cannot begin to count.
    """
    return _usable(number, content, ScoreState.SHADOW)


def refuse_retirement(number: int) -> ScoreModelVersion:
    """Return the model.

    :raises ScoreModelNotFound, ScoreModelNotInState: when it cannot be retired.
    """
    model = model_numbered(number)
    _require(model, ScoreState.CANDIDATE, ScoreState.SHADOW, ScoreState.ACTIVE)
    return model


def _usable(number: int, content: str, state: ScoreState) -> ScoreModelVersion:
    model = model_numbered(number)
    if model.content_hash != content or hash_of(model.content) != content:
        raise errors.ScoreModelMoved(number=number)
    _require(model, state)
    try:
        read_model(model.content, features_version=model.features_version)
    except ModelUnreadable as problem:
        raise errors.ScoreModelUnusable(number=number, problem=str(problem)) from problem
    return model


def _require(model: ScoreModelVersion, *states: ScoreState) -> None:
    if model.state not in states:
        wanted = ", ".join(str(state.label) for state in states)
        raise errors.ScoreModelNotInState(number=model.number, state=model.get_state_display(), wanted=wanted)


def _take_the_place(
    model: ScoreModelVersion,
    state: ScoreState,
    event: audit.EventType,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> ScoreModelVersion:
    replaced = ScoreModelVersion.objects.filter(state=state).first()
    if replaced:
        _move(replaced, ScoreState.RETIRED, now)
    _move(model, state, now)
    _record(event, model, {"number": (replaced and replaced.number, model.number)}, reason=reason, actor=actor, now=now)
    return model


def _move(model: ScoreModelVersion, state: ScoreState, now: datetime) -> None:
    model.state = state
    model.approval_request_id = context.approval_request_id()
    setattr(model, _DATED[state], now)
    model.save(update_fields=["state", _DATED[state], "approval_request_id"])


def _record(
    event: audit.EventType,
    model: ScoreModelVersion,
    changes: dict[str, tuple[object, object]],
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    subject, detail = events.about_score_model(model), {"content": model.content_hash}
    audit.record(event, actor=actor, subject=subject, now=now, reason=reason, changes=changes, detail=detail)
