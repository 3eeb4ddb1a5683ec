"""The models that score now: kept by each process like the rules, under the same number, and read again only when that moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import connection

from risk.language.schema import Counter
from risk.models import ScoreModelVersion, ScoreState
from risk.score.features import COUNTERS
from risk.score.model import ModelUnreadable, Scorer, hash_of, read_model
from risk.selectors.rules import ruleset_version

UNREADABLE: Final = "score_model_unusable"


@dataclass(frozen=True, slots=True)
class LiveModel:
    """A model that is asked.

    Attributes:
        scorer: None when what is kept cannot be read: it adds nothing, and assessments say so.

    """

    number: int
    scorer: Scorer | None


@dataclass(frozen=True, slots=True)
class LiveModels:
    """What scores.

    Attributes:
        active: what it says counts; None while no model does.
        shadow: it is asked beside the other, and nothing comes of it.
        version: of the set of rules they belong to.
        counters: what they look at. Read whether there is a model or not: what is not kept today cannot be learnt from later.

    """

    active: LiveModel | None = None
    shadow: LiveModel | None = None
    counters: frozenset[Counter] = COUNTERS
    version: int = 0


_kept: dict[str, LiveModels] = {}  # by the name of the database, of which a process has one


def live(*, version: int | None = None) -> LiveModels:
    """Return the models that score. No statement, but one after a change.

    :param version: of the set of rules, as `risk.selectors.rules.VERSION_SQL` told just now; without it, it is asked for.
    """
    version = ruleset_version() if version is None else version
    kept = latest()
    if kept is None or kept.version != version:
        kept = _kept[_database()] = _load(version)
    return kept


def latest() -> LiveModels | None:
    """Return what this process loaded last, without asking whether it still counts."""
    return _kept.get(_database())


def _database() -> str:
    return str(connection.settings_dict["NAME"])


def _load(version: int) -> LiveModels:
    rows = ScoreModelVersion.objects.filter(state__in=(ScoreState.ACTIVE, ScoreState.SHADOW))
    found = {row.state: LiveModel(row.number, _scorer(row)) for row in rows}
    return LiveModels(found.get(ScoreState.ACTIVE), found.get(ScoreState.SHADOW), version=version)


def _scorer(row: ScoreModelVersion) -> Scorer | None:
    """Return the model; None when it is not what was agreed to, or of no use to this version of the product."""
    if hash_of(row.content) != row.content_hash:
        return None
    try:
        return read_model(row.content, features_version=row.features_version)
    except ModelUnreadable:
        return None
