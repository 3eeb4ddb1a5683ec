"""Risk's tables."""

from risk.models.backtests import BacktestState, RuleBacktest
from risk.models.rules import Family, Rule, RuleSetVersion, RuleSnooze, RuleVersion, SourceKind, VersionState
from risk.models.velocity import VelocityCounter, VelocityFold, VelocityKind, VelocityTail

__all__ = [
    "BacktestState",
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
