"""Partners asking whether a name fits an account number: each question on record, and so many wrong guesses an hour.

Guesses are counted in the audit trail, which has them anyway and forgets none of them when Redis is away. A guess costs a
caller ten reads of its rate besides, so the count is small and one index finds it.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts import events, payees
from accounts.errors import PayeeCheckExhausted
from accounts.payees import Match
from bankops.core import audit, encryption
from bankops.core.db import prepared
from bankops.core.models import AuditEvent
from partners.caller import Caller

MISSES_MAX: Final = 50
WINDOW: Final = timedelta(hours=1)

_IN_TURN = "SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0))"
_MISSED, _FOUND = "payee_miss", "payee_check"


@transaction.atomic
def check_payee(*, caller: Caller, number: str, name: str, now: datetime) -> Match:
    """Tell how well `name` fits account `number`. Writes `accounts.payee.checked`, with the number hashed and without the name.

    The checks of one credential wait for each other, so that none is asked beside the count.

    :raises PayeeCheckExhausted: after `MISSES_MAX` checks without a match within an hour, saying when it can go on.
    """
    prepared(_IN_TURN, {"name": f"accounts.payee_check:{caller.credential}"})
    _refuse_exhausted(caller.credential, now)
    found = payees.match(number=number, name=name)
    compact = "".join(number.split())
    audit.record(
        events.PAYEE_CHECKED,
        actor=caller.actor,
        subject=audit.Subject(_MISSED if found is Match.NONE else _FOUND, caller.credential, caller.actor.name),
        now=now,
        detail={"result": str(found), "number": encryption.fingerprint(compact, context="accounts.payee_check")},
    )
    return found


def _refuse_exhausted(credential: str, now: datetime) -> None:
    """Refuse when the last so many misses were all within the window; they are the newest rows of one index range."""
    misses = AuditEvent.objects.filter(subject_type=_MISSED, subject_id=credential).order_by("-id")
    oldest = misses.values_list("occurred_at", flat=True)[MISSES_MAX - 1 : MISSES_MAX].first()
    if oldest is not None and oldest > now - WINDOW:
        raise PayeeCheckExhausted(seconds=math.ceil((oldest + WINDOW - now).total_seconds()), limit=MISSES_MAX)
