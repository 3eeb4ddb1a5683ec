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
from risk.models.case import (
    Case,
    CaseAction,
    CaseFile,
    CaseFileContent,
    CaseLink,
    CaseNote,
    CaseReport,
    CaseState,
    LinkKind,
)
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
    "Case",
    "CaseAction",
    "CaseFile",
    "CaseFileContent",
    "CaseLink",
    "CaseNote",
    "CaseReport",
    "CaseState",
    "ConflictCause",
    "LinkKind",
    "VelocityCounter",
    "VelocityFold",
    "VelocityKind",
    "VelocityTail",
]
