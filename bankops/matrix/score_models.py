"""Score models for the doors on them: one just learnt, and one that runs in shadow."""

from __future__ import annotations

from datetime import datetime, timedelta

from risk.models import ScoreModelVersion, ScoreState
from risk.score import features
from risk.score.model import ScoreModel, Term, hash_of

_FIGURES = {"auc": 0.9, "auc_low": 0.85, "average_precision": 0.4, "precision": 0.5, "recall": 0.6}


def learnt(now: datetime) -> dict[str, ScoreModelVersion]:
    """Write them, as training would have."""
    candidate, shadow = _kept(1, 1.0, now), _kept(2, 2.0, now)
    shadow.state, shadow.shadow_since = ScoreState.SHADOW, now
    shadow.save(update_fields=["state", "shadow_since"])
    return {"candidate": candidate, "shadow": shadow}


def _kept(number: int, slope: float, now: datetime) -> ScoreModelVersion:
    terms = tuple(Term(name, slope, 0.0, 0.5, 0.0, 0.0) for name in features.BY_NAME)
    content = ScoreModel(-3.0, terms).as_content()
    since = now - timedelta(days=300)
    part = {
        "since": since.isoformat(),
        "until": now.isoformat(),
        "confirmed": 60,
        "not_confirmed": 900,
        "movements": 900,
    }
    return ScoreModelVersion.objects.create(
        number=number,
        features_version=features.VERSION,
        content=content,
        content_hash=hash_of(content),
        learnt_since=since,
        learnt_until=now,
        parts=dict.fromkeys(("learn", "calibrate", "measure"), part),
        metrics={"capacity": 50, "model": _FIGURES, "rules": _FIGURES, "calibration": []},
        trained_at=now,
        trained_by_id="train_score_model",
        trained_by_name="train_score_model",
    )
