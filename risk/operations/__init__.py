"""What risk asks others' consent for."""

from __future__ import annotations

from bankops.core.operations import register
from risk.operations.cases import CloseCase, CloseHighRiskCase


def register_all() -> None:
    """Make them known; called once, when the app is ready."""
    for operation in (CloseCase(), CloseHighRiskCase()):
        register(operation)
