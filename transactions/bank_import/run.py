"""What every step of one import is told: whose files, who asked, when, and where to write down what happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.services.taking_over import Source
from bankops.core.actor import Actor
from transactions.bank_import.intake import Intake, RowT
from transactions.bank_import.parsing import RowParser
from transactions.bank_import.profile import Profile
from transactions.bank_import.reader import BankFile, Record
from transactions.bank_import.report import Report

REFERENCE_BATCH = 1_000
"""How many customers, accounts or orders are written in one database transaction."""


@dataclass(frozen=True)
class ImportRun:
    """One run over one bank's files.

    Attributes:
        pays_orders: whether standing orders begin in the present month and are paid up to today, or begin in the next.

    """

    profile: Profile
    files: dict[str, BankFile]
    parser: RowParser
    report: Report
    actor: Actor
    now: datetime
    pays_orders: bool = False

    @property
    def source(self) -> Source:
        """The bank, as `accounts` knows it."""
        return Source(self.profile.key, self.profile.name)

    def has(self, role: str) -> bool:
        """Whether the profile describes a file of this kind."""
        return role in self.files

    def intake(self, role: str, parse: Callable[[Record], RowT]) -> Intake[RowT]:
        """Return the rows of one file, counted in the report as they come."""
        return Intake(self.files[role], parse, self.report)
