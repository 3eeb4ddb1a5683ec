"""Risk's tables."""

from risk.lists.values import ValueType
from risk.models.alert import (
    IN_QUEUE,
    OPEN_ALERT,
    Alert,
    AlertAccount,
    AlertConflict,
    AlertCustomer,
    AlertKind,
    AlertOutcome,
    AlertReason,
    AlertState,
    ConflictCause,
)
from risk.models.assessment import Assessment, RuleHit
from risk.models.backtests import BacktestState, RuleBacktest
from risk.models.moved import MovedMoney
from risk.models.own_list import OwnListMember
from risk.models.pattern import MonitorState, Pattern
from risk.models.rules import Family, Rule, RuleSetVersion, RuleSnooze, RuleVersion, SourceKind, VersionState
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
    "IN_QUEUE",
    "OPEN_ALERT",
    "Alert",
    "AlertAccount",
    "AlertConflict",
    "AlertCustomer",
    "AlertKind",
    "AlertOutcome",
    "AlertReason",
    "AlertState",
    "Assessment",
    "BacktestState",
    "Colour",
    "ConflictCause",
    "DueBecause",
    "EditionState",
    "Family",
    "HitState",
    "HitStrength",
    "Lapse",
    "ListEdition",
    "ListEntry",
    "ListFormat",
    "ListKind",
    "ListsVersion",
    "MonitorState",
    "MovedMoney",
    "OwnListMember",
    "Pattern",
    "RefusedContent",
    "RescreenChunk",
    "RescreenRun",
    "Rule",
    "RuleBacktest",
    "RuleHit",
    "RuleSetVersion",
    "RuleSnooze",
    "RuleVersion",
    "ScreeningDue",
    "ScreeningHit",
    "ScreeningState",
    "SourceKind",
    "ValueType",
    "VelocityCounter",
    "VelocityFold",
    "VelocityKind",
    "VelocityTail",
    "VersionState",
    "WatchList",
]
