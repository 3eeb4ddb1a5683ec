"""Where in the outbox a moment is. Its keys rise with time, nearly: a transaction may end an hour after it began, not more."""

from __future__ import annotations

from datetime import datetime, timedelta

from bankops.core.models import OutboxMessage

LONGEST = timedelta(hours=1)
"""A transaction, from the time it was told to its end."""
_NEAR = 1_000


def place_before(moment: datetime) -> tuple[int, int]:
    """Return a place in the feeds' order, transaction and key, behind which everything is that was announced since a moment.

    Found in some twenty steps by key: the outbox has no index of times, and a partner's feed may be years long.
    """
    place, low, high = (0, 0), 0, _last_key()
    while high - low > _NEAR:
        middle = (low + high) // 2
        beyond = OutboxMessage.objects.filter(pk__gt=middle).order_by("pk").only("pk", "xid", "announced_at").first()
        if beyond is None or beyond.announced_at >= moment - LONGEST:
            high = middle
        else:
            low, place = beyond.pk, (beyond.xid, 0)
    return place


def _last_key() -> int:
    newest = OutboxMessage.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0
