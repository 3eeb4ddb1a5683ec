"""Risk's tables."""

from risk.lists.values import ValueType
from risk.models.own_list import OwnListMember
from risk.models.screening import (
    DueBecause,
    HitState,
    HitStrength,
    Lapse,
    RescreenChunk,
    RescreenRun,
    ScreeningDue,
    ScreeningHit,
    ScreeningState,
)
from risk.models.velocity import VelocityCounter, VelocityFold, VelocityKind, VelocityTail
from risk.models.watch_list import (
    Colour,
    EditionState,
    ListEdition,
    ListEntry,
    ListFormat,
    ListKind,
    ListsVersion,
    RefusedContent,
    WatchList,
)

__all__ = [
    "Colour",
    "DueBecause",
    "EditionState",
    "HitState",
    "HitStrength",
    "Lapse",
    "ListEdition",
    "ListEntry",
    "ListFormat",
    "ListKind",
    "ListsVersion",
    "OwnListMember",
    "RefusedContent",
    "RescreenChunk",
    "RescreenRun",
    "ScreeningDue",
    "ScreeningHit",
    "ScreeningState",
    "ValueType",
    "VelocityCounter",
    "VelocityFold",
    "VelocityKind",
    "VelocityTail",
    "WatchList",
]
