"""When a list changes: who of all customers is met by what was added or changed. In parts, by any number of workers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F

from bankops.core.db import transaction_required
from risk.models import DueBecause, ListEdition, ListKind, RescreenChunk, RescreenRun
from risk.services.list_contents import Moved

CHUNK = 5_000
"""How many customers one part has: under a second of work, so that little is done twice when a worker is killed."""

_CUT = """
    INSERT INTO risk_rescreenchunk (run_id, after, upto)
    SELECT %(run)s, lag(id) OVER (ORDER BY id), id
      FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM accounts_customer) c WHERE n %% %(chunk)s = 0
"""
_MET_BEFORE = """
    INSERT INTO risk_screeningdue (customer_id, because)
    SELECT DISTINCT customer_id, %(because)s FROM risk_screeninghit
     WHERE watch_list_id = %(list)s AND entry_key = ANY (%(keys)s::text[])
"""


@transaction_required
def begin(edition: ListEdition, moved: Moved, *, now: datetime) -> RescreenRun | None:
    """Have all customers screened against what an edition added or changed, and those it met before once more.

    Part of taking the edition on: both are committed, or neither. None when nobody can be met by what changed.
    """
    watch_list = edition.watch_list
    if watch_list.kind not in (ListKind.SANCTIONS, ListKind.PEP):
        return None
    _look_again(edition, [*moved.mattering, *moved.removed])
    if not moved.to_screen:
        return None
    run = RescreenRun.objects.create(
        edition=edition, entries=len(moved.to_screen), chunks=1, chunks_left=1, started_at=now
    )
    with connection.cursor() as cursor:
        cursor.execute(_CUT, {"run": run.pk, "chunk": CHUNK})
        parts = cursor.rowcount + 1
    last = RescreenChunk.objects.filter(run=run).order_by("-upto").values_list("upto", flat=True).first()
    RescreenChunk.objects.create(run=run, after=last, upto=None)  # and whoever comes meanwhile
    RescreenRun.objects.filter(pk=run.pk).update(chunks=parts, chunks_left=parts)
    return run


@transaction_required
def one_done(chunk: RescreenChunk, *, new_hits: int, now: datetime) -> None:
    """Take a part away that was screened; the last one ends its run."""
    run = chunk.run_id
    chunk.delete()
    RescreenRun.objects.filter(pk=run).update(chunks_left=F("chunks_left") - 1, hits=F("hits") + new_hits)
    RescreenRun.objects.filter(pk=run, chunks_left=0, finished_at=None).update(finished_at=now)


def _look_again(edition: ListEdition, keys: list[str]) -> None:
    told: dict[str, Any] = {"because": DueBecause.LISTED.value, "list": edition.watch_list_id, "keys": keys}
    with connection.cursor() as cursor:
        cursor.execute(_MET_BEFORE, told)
