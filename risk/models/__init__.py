"""Risk's tables."""

from risk.models.moved import MovedMoney
from risk.models.pattern import MonitorState, Pattern
from risk.models.velocity import VelocityCounter, VelocityFold, VelocityKind, VelocityTail

__all__ = [
    "MonitorState",
    "MovedMoney",
    "Pattern",
    "VelocityCounter",
    "VelocityFold",
    "VelocityKind",
    "VelocityTail",
]
