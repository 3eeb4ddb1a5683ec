"""A shape that was found, before it is decided whether anybody is told."""

from __future__ import annotations

from dataclasses import dataclass

from risk.patterns.records import Account, Family


@dataclass(frozen=True, slots=True)
class Finding:
    """A shape in the window.

    Attributes:
        grade: how remarkable it is within its family (see `settings.DEFAULT_SIZES`).
        subject: the account that the shape is about.
        transfers: numbers of the window, in any order, each once.
        usual: how many new partners the subject has otherwise in so long a time.

    """

    family: Family
    grade: int
    subject: Account
    transfers: tuple[int, ...]
    usual: float = 0.0
