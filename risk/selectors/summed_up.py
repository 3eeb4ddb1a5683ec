"""What the rules for large values summed up with a movement: what moved in the 24 hours before it, as the counters tell it.

The shipped rules (`risk.rules.shipped.large_value`) sum a customer's cash, in and out; of a transfer, all that the account of
ours that pays has paid (`sum(payer, "24h")`), or, where another bank's pays, all that the one that is paid got. Counters do not
tell one kind of payment from another: a refund, cash or a transfer to the same customer counts in the sum of what the account
paid, and stands here because it did. What has no rate adds nothing to a sum, and is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accounts.models import Account
from bankops.core import ids
from risk.facts import MovementKind
from risk.models import MovedMoney
from risk.models.moved import MOVEMENT_PREFIX
from risk.velocity.windows import began

WINDOW: Final = "24h"
_CASH: Final = (MovementKind.DEPOSIT, MovementKind.WITHDRAWAL)
_OURS: Final = f"{Account.ID_PREFIX}_"


@dataclass(frozen=True, slots=True)
class Summed:
    """A movement with which others were summed up; sides and customer by their public ids.

    Attributes:
        at: when it moved, or was to move: where the window ends.

    """

    movement: str
    at: datetime
    kind: str
    payer: str
    payee: str
    customer: str

    @property
    def key(self) -> tuple[str, str]:
        """By which column of `MovedMoney`, and for whom, it is summed up."""
        if self.kind in _CASH:
            return "customer", self.customer
        return ("payer", self.payer) if self.payer.startswith(_OURS) else ("payee", self.payee)


def summed_up(asked: Sequence[Summed]) -> list[list[str]]:
    """Return the movements that were summed up with each of these, by public id, in the order of time; three queries at most.

    The windows of `asked` should not lie far apart: what moved between the first and the last of them is looked through.
    """
    moved = _moved(asked)
    return [list(_before(one, moved.get(one.key, ()))) for one in asked]


def _before(one: Summed, moved: Iterable[tuple[datetime, str]]) -> Iterator[str]:
    """Yield what moved in the window before a movement; of one moment, as of a batch, what was made before it."""
    since = began(WINDOW, one.at)
    for moment, movement in moved:
        if since <= moment and (moment, movement) < (one.at, one.movement):
            yield movement


def _moved(asked: Sequence[Summed]) -> dict[tuple[str, str], list[tuple[datetime, str]]]:
    """Return what moved in the windows, by key, in the order of time."""
    wanted: defaultdict[str, list[Summed]] = defaultdict(list)
    for one in asked:
        if one.key[1]:
            wanted[one.key[0]].append(one)
    found: defaultdict[tuple[str, str], list[tuple[datetime, str]]] = defaultdict(list)
    for column, ones in wanted.items():
        since, until = began(WINDOW, min(one.at for one in ones)), max(one.at for one in ones)
        counted = MovedMoney.objects.filter(moment__gte=since, moment__lte=until, base_amount__gt=0)
        if column == "customer":
            counted = counted.filter(kind__in=_CASH)
        rows = counted.filter(**{f"{column}__in": {one.key[1] for one in ones}}).order_by("moment", "id")
        for who, moment, key in rows.values_list(column, "moment", "id"):
            found[column, who].append((moment, ids.encode(MOVEMENT_PREFIX, key)))
    return found
