"""The one error of the embedded services.

It does not join the product's error family: this package is imported by the settings, before Django is there.
"""

from __future__ import annotations


class EmbeddedError(RuntimeError):
    """An embedded server cannot be started, stopped or found; the message says what to do about it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def __str__(self) -> str:
        return f"{self.args[0]} [{self.code}]"
