"""What an operation on a movement remembers while the gate asks it about one order."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from accounts.models import Account, Balance
from risk.assessment.answer import Assessment


@dataclass(slots=True)
class Memory:
    """What a movement has read and done for one order.

    Attributes:
        accounts: the customers' accounts, the payer's first; empty until they are read.
        locked: their balances by account, once they are locked.
        is_parked: it has parked the order itself.
        assessment: what risk says of it, once it was asked.
        assessed_locked: it was asked behind the accounts' locks, so that nothing has moved on them since.
        may_order: whoever orders it has been asked about their rights.

    """

    accounts: list[Account] = field(default_factory=list)
    locked: dict[UUID, Balance] = field(default_factory=dict)
    is_parked: bool = False
    assessment: Assessment | None = None
    assessed_locked: bool = False
    may_order: bool = False
