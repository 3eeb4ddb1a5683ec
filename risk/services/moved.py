"""Remember what moved, in the transaction in which it moves."""

from __future__ import annotations

from collections.abc import Sequence

from bankops.core import ids, together
from bankops.core.db import transaction_required
from risk.facts import Facts
from risk.models import MovedMoney
from risk.models.moved import MOVEMENT_PREFIX
from risk.velocity.recording import record
from risk.velocity.subjects import token_of


@transaction_required
def note_moved(*, movements: Sequence[Facts]) -> None:
    """Count movements that the caller's transaction carries out, and keep what monitoring looks at; each once.

    Inside `together.written_together` it costs no round trip. It waits for nobody.

    :raises InvalidId: when `Facts.movement` is not a transaction's id.
    :raises IntegrityError: for one that was noted before.
    """
    if movements:
        record(movements=movements)
        together.write([_row(facts) for facts in movements])


def _row(facts: Facts) -> MovedMoney:
    return MovedMoney(
        id=ids.decode(MOVEMENT_PREFIX, facts.movement),
        kind=facts.kind.value,
        channel=facts.channel,
        moment=facts.moment,
        payer=token_of(facts.payer),
        payee=token_of(facts.payee),
        customer=facts.customer or "",
        amount=facts.amount.minor,
        currency=facts.amount.currency,
        base_amount=facts.base_amount.minor if facts.base_amount else None,
    )
