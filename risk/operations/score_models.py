"""A score model goes into shadow, begins to count, or stops counting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bankops.core.audit import Subject
from bankops.core.operations import Description, Operation, Order
from bankops.core.texts import require_reason
from risk import events, locks
from risk.models import ScoreModelVersion, ScoreState
from risk.operations.payloads import Payload, whole
from risk.score.wording import compared
from risk.services import score_models


class _OfModel(Operation):
    """Payload: `{"model": 3, "content": "<SHA-256 of what it holds>"}`; the order says why."""

    place: ClassVar[ScoreState]

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises ScoreModelNotFound: when there is no such model."""
        model = _model(payload)
        return {"model": model.number, "content": str(payload.get("content", ""))}

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [events.about_score_model(_model(payload))]

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        replaced = _in_place(self.place)
        return {"state": str(_model(payload).state), "replaces": replaced and replaced.number}

    def lock(self, payload: Payload) -> None:
        locks.score_models_for_update()

    def subject_of(self, result: Any) -> Subject:
        return events.about_score_model(result)


class StartModelShadow(_OfModel):
    """See `_OfModel`."""

    key = "risk.start_model_shadow"
    label = gettext_lazy("Run a score model in shadow")
    place = ScoreState.SHADOW

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, ScoreModelMoved, ScoreModelNotInState, ScoreModelUnusable: as the service would."""
        require_reason(order.reason)
        score_models.refuse_start(payload["model"], payload["content"])

    def describe(self, payload: Payload) -> Description:
        model = _model(payload)
        text = _(
            "Let score model %(number)s score every movement beside the active one. Nothing comes of what it says."
        )
        return Description(text % {"number": model.number}, _changes(model))

    def execute(self, payload: Payload, order: Order) -> ScoreModelVersion:
        return score_models.start_model_shadow(**_order(payload, order))


class ActivateModel(_OfModel):
    """See `_OfModel`. Never by one person: what it says decides whether money is stopped."""

    key = "risk.activate_model"
    label = gettext_lazy("Activate a score model")
    always_two = True
    place = ScoreState.ACTIVE

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, ScoreModelMoved, ScoreModelNotInState, ScoreModelUnusable: as the service would."""
        require_reason(order.reason)
        score_models.refuse_activation(payload["model"], payload["content"])

    def describe(self, payload: Payload) -> Description:
        model = _model(payload)
        text = _(
            "Let score model %(number)s count from now on: a movement's score is its own or the rules', the higher."
        )
        return Description(text % {"number": model.number}, _changes(model), _warnings(model))

    def execute(self, payload: Payload, order: Order) -> ScoreModelVersion:
        return score_models.activate_model(**_order(payload, order))


class RetireModel(Operation):
    """Payload: `{"model": 3}`; the order says why. Never by one person: it is a control undone."""

    key = "risk.retire_model"
    label = gettext_lazy("Retire a score model")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises ScoreModelNotFound: when there is no such model."""
        return {"model": _model(payload).number}

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [events.about_score_model(_model(payload))]

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, ScoreModelNotInState: as the service would."""
        require_reason(order.reason)
        score_models.refuse_retirement(payload["model"])

    def describe(self, payload: Payload) -> Description:
        model = _model(payload)
        text = _(
            "Let score model %(number)s, which is %(state)s, count no more. Without an active one the rules alone score."
        )
        return Description(text % {"number": model.number, "state": model.get_state_display()})

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        return {"state": str(_model(payload).state)}

    def lock(self, payload: Payload) -> None:
        locks.score_models_for_update()

    def execute(self, payload: Payload, order: Order) -> ScoreModelVersion:
        return score_models.retire_model(number=payload["model"], reason=order.reason, actor=order.actor, now=order.now)

    def subject_of(self, result: Any) -> Subject:
        return events.about_score_model(result)


def _model(payload: Payload) -> ScoreModelVersion:
    return score_models.model_numbered(whole(payload, "model"))


def _in_place(state: ScoreState) -> ScoreModelVersion | None:
    return ScoreModelVersion.objects.filter(state=state).first()


def _changes(model: ScoreModelVersion) -> Mapping[str, tuple[str, str]]:
    active = _in_place(ScoreState.ACTIVE)
    return compared(active.metrics if active else None, model.metrics)


def _warnings(model: ScoreModelVersion) -> list[str]:
    """Return what a reviewer must not miss: that the rules alone do better, by one of the figures."""
    mine, rules = model.metrics["model"], model.metrics["rules"]
    worse = any(mine[figure] < rules[figure] for figure in ("auc", "average_precision", "recall"))
    return [_("On what it was measured by, the rules alone do better by at least one figure.")] if worse else []


def _order(payload: Payload, order: Order) -> dict[str, Any]:
    return {
        "number": payload["model"],
        "content": payload["content"],
        "reason": order.reason,
        "actor": order.actor,
        "now": order.now,
    }
