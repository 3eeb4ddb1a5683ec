"""Risk's tables."""

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
from risk.models.backtests import BacktestState, RuleBacktest
from risk.models.rules import Family, Rule, RuleSetVersion, RuleSnooze, RuleVersion, SourceKind, VersionState
from risk.models.velocity import VelocityCounter, VelocityFold, VelocityKind, VelocityTail

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
    "BacktestState",
    "ConflictCause",
    "Family",
    "Rule",
    "RuleBacktest",
    "RuleSetVersion",
    "RuleSnooze",
    "RuleVersion",
    "SourceKind",
    "VelocityCounter",
    "VelocityFold",
    "VelocityKind",
    "VelocityTail",
    "VersionState",
]
