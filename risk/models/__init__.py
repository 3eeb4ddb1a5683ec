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
from risk.models.moved import MovedMoney
from risk.models.pattern import MonitorState, Pattern
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
    "ConflictCause",
    "MonitorState",
    "MovedMoney",
    "Pattern",
    "VelocityCounter",
    "VelocityFold",
    "VelocityKind",
    "VelocityTail",
]
