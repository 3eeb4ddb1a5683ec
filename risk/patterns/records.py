"""What goes into monitoring and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class Family(StrEnum):
    """The shapes that are looked for."""

    FAN_OUT = "fan_out"
    FAN_IN = "fan_in"
    GATHER_SCATTER = "gather_scatter"
    SCATTER_GATHER = "scatter_gather"
    CYCLE = "cycle"
    CHAIN = "chain"
    BIPARTITE = "bipartite"
    STACK = "stack"
    STRUCTURING = "structuring"


class Account(NamedTuple):
    """An account by its number at its bank: the same number at another bank is another account."""

    bank: str
    number: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money that went from one account to another.

    Attributes:
        amount: minor units of the bank's base currency; positive.
        at: an aware moment.

    """

    id: UUID
    payer: Account
    payee: Account
    amount: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PatternAlert:
    """Transfers that make up a suspicious shape together.

    Attributes:
        key: stays the same while the shape grows: an alert whose key came before takes the earlier one's place.
        subject: the account that the shape is about: the payer of a fan-out, the hub, the start of a chain.
        transfers: in order of time.
        accounts: in order of their first appearance.
        amount: sum of the transfers, minor units of the base currency.
        score: 0–999; 500 is a shape just large enough for a bank that monitoring does not know yet.
        usual: how many new partners the subject has otherwise in so long a time; of fans and hubs only.

    """

    key: str
    family: Family
    subject: Account
    accounts: tuple[Account, ...]
    transfers: tuple[UUID, ...]
    began: datetime
    ended: datetime
    amount: int
    score: int
    usual: float

    @property
    def why(self) -> str:
        """Why this is suspicious, in a sentence in the reader's language."""
        from risk.patterns.wording import sentence

        return sentence(self)
