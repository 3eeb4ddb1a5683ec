"""Lists that are missing or too old are told of, once, and once more when they are there again."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from bankops.core import audit, outbox
from bankops.core.actor import Actor
from bankops.core.audit import EventType
from risk import events, locks
from risk.lists.known import known_lists
from risk.models import WatchList
from risk.selectors.lists import problems
from risk.services.list_editions import list_of, subject_of

AGES: Final = Actor.system("list_ages")


def look_after_lists(*, now: datetime) -> int:
    """Tell of lists that are overdue since the last look, and of those that are no more; return how many. Safe to run twice.

    A list that is required and was never loaded gets its row here, so that it stands on the page of lists.
    """
    overdue = {one.key for one in problems(now)}
    known = known_lists()
    for key in overdue & known.keys():
        with transaction.atomic():
            list_of(known[key])
    told = WatchList.objects.order_by("key").values_list("key", "overdue_since")
    moved = [key for key, since in told if (key in overdue) != (since is not None)]
    return sum(_tell(key, now) for key in moved)


@transaction.atomic
def not_fetched(*, key: str, problem: str, now: datetime) -> None:
    """Tell that a list could not be fetched, or not be read. Writes `risk.list.not_fetched`."""
    known = known_lists()
    if key in known:
        _announce(events.LIST_NOT_FETCHED, list_of(known[key]), now, problem=problem[:300])


@transaction.atomic
def _tell(key: str, now: datetime) -> bool:
    watch_list = locks.list_for_update(key)
    if watch_list is None:
        return False
    overdue = any(one.key == key for one in problems(now))
    if overdue == (watch_list.overdue_since is not None):
        return False
    watch_list.overdue_since = now if overdue else None
    watch_list.save(update_fields=["overdue_since"])
    _announce(events.LIST_OVERDUE if overdue else events.LIST_RECOVERED, watch_list, now)
    return True


def _announce(event: EventType, watch_list: WatchList, now: datetime, **more: str) -> None:
    audit.record(event, actor=AGES, subject=subject_of(watch_list), now=now, detail=dict(more))
    payload = {"list": watch_list.label, **more}
    outbox.announce(event.name, subject_id=watch_list.public_id, payload=payload, now=now)
