"""Score models as they stand in the database, past the services; and small ones whose scores are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from risk.models import ScoreModelVersion, ScoreState
from risk.score import features
from risk.score.model import ScoreModel, Term, hash_of

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
_WAY = {ScoreState.SHADOW: "shadow_since", ScoreState.ACTIVE: "active_since", ScoreState.RETIRED: "retired_at"}
_NOTHING = (0.0, 0.0, 0.0, 0.0, 0.0)
QUALITY = {"auc": 0.9, "auc_low": 0.85, "average_precision": 0.4, "precision": 0.5, "recall": 0.6}
PART = {
    "since": "2026-01-01T00:00:00+00:00",
    "until": "2026-06-01T00:00:00+00:00",
    "confirmed": 60,
    "not_confirmed": 900,
    "movements": 9_000,
}


def small_model(intercept: float = -3.0, **slopes: float) -> ScoreModel:
    """Return a model of flags with these slopes, of which an average movement has none."""
    known = {name: Term(name, slope, 0.0, 0.5, 0.0, 0.0) for name, slope in slopes.items()}
    return ScoreModel(intercept, tuple(known.get(name, Term(name, *_NOTHING)) for name in features.BY_NAME))


def told(model: ScoreModel | None = None, **changed: Any) -> dict[str, Any]:
    """Return what a row holds in these tests."""
    content = (model or small_model(payee_new=2.0)).as_content()
    usual = {
        "number": ScoreModelVersion.objects.count() + 1,
        "features_version": features.VERSION,
        "content": content,
        "content_hash": hash_of(content),
        "learnt_since": NOW - timedelta(days=300),
        "learnt_until": NOW - timedelta(days=1),
        "parts": dict.fromkeys(("learn", "calibrate", "measure"), PART),
        "metrics": {
            "capacity": 50,
            "model": QUALITY,
            "rules": QUALITY | {"auc": 0.7},
            "brier": 0.01,
            "brier_of_share": 0.02,
            "calibration": [{"from": 0.01, "to": 0.05, "movements": 300, "said": 0.02, "was": 0.03}],
        },
        "trained_at": NOW,
        "trained_by_id": "train_score_model",
        "trained_by_name": "train_score_model",
    }
    return usual | changed


def make_model(
    model: ScoreModel | None = None, state: ScoreState = ScoreState.CANDIDATE, **changed: Any
) -> ScoreModelVersion:
    """Return a model in a state, on the way that leads there."""
    row = ScoreModelVersion.objects.create(**told(model, **changed))
    for step in (ScoreState.SHADOW, ScoreState.ACTIVE, ScoreState.RETIRED):
        if row.state != state:
            move(row, step)
    return row


def move(row: ScoreModelVersion, state: ScoreState) -> ScoreModelVersion:
    """Move a model on past every service."""
    row.state = state
    setattr(row, _WAY[state], NOW)
    row.save(update_fields=["state", _WAY[state]])
    return row
