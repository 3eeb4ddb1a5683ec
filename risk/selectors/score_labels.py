"""Past movements with what people came to: what a score model learns from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from risk.assessment.scoring import points_of_rules
from risk.facts import Facts
from risk.models import AlertOutcome
from risk.score.training import Labelled

_CHUNK: Final = 2_000
_OF_THAT_TIME: Final = "a.assessed_at >= %(since)s AND a.assessed_at < %(until)s AND a.number = 1 AND a.failure = ''"
# The last word about a movement is that of the alert closed last; while one about it is open, nobody knows yet.
_DECIDED: Final = f"""
SELECT a.facts, a.reasons::text, d.outcome
  FROM risk_assessment a
  CROSS JOIN LATERAL (SELECT outcome, count(*) FILTER (WHERE state <> 'CLOSED') OVER () AS open
                        FROM risk_alert WHERE movement_id = a.movement AND movement_id <> ''
                       ORDER BY closed_at DESC NULLS LAST LIMIT 1) d
 WHERE {_OF_THAT_TIME} AND d.open = 0
"""  # noqa: S608 - statements of ours
_UNALERTED: Final = f"""
  FROM risk_assessment a
 WHERE {_OF_THAT_TIME}
   AND NOT EXISTS (SELECT FROM risk_alert WHERE movement_id = a.movement AND movement_id <> '')
"""
# The same movements are taken each time: those whose id, hashed, is small enough.
_TAKEN: Final = "('x' || left(md5(a.movement), 7))::bit(28)::int < %(below)s"
_HASHES: Final = 2**28
_CONFIRMED: Final = (AlertOutcome.CONFIRMED, AlertOutcome.REPORTED)


def labelled(*, since: datetime, until: datetime, sample: int) -> Iterator[Labelled]:
    """Yield the movements of that time whose alerts were all closed, and a sample of those that raised none, in no order.

    What was confirmed or reported is 1, a false positive 0, and what raised no alert 0 as well: nobody looked at it, so what
    the rules missed is learnt as harmless. What could not be assessed is left out; so is what somebody still looks at.

    :param sample: about how many of those without an alert are read. Each stands for as many as there are for one of them.
    """
    asked: dict[str, Any] = {"since": since, "until": until}
    for facts, reasons, outcome in _rows(_DECIDED, asked):
        yield _row(facts, reasons, confirmed=outcome in _CONFIRMED, stands_for=1.0)
    total = _count(_UNALERTED, asked)
    asked["below"] = round(min(1.0, sample / total) * _HASHES) if total else 0
    taken = f"{_UNALERTED} AND {_TAKEN}"
    stands_for = total / max(1, _count(taken, asked))
    for facts, reasons in _rows(f"SELECT a.facts, a.reasons::text {taken}", asked):
        yield _row(facts, reasons, confirmed=False, stands_for=stands_for)


def _count(of: str, asked: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {of}", asked)
        return int(cursor.fetchone()[0])


def _rows(statement: str, asked: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(statement, asked)
        while found := cursor.fetchmany(_CHUNK):
            yield from found


def _row(facts: str, reasons: str, *, confirmed: bool, stands_for: float) -> Labelled:
    rules = points_of_rules(json.loads(reasons))
    return Labelled.of(Facts.from_json(facts), confirmed=confirmed, stands_for=stands_for, rules=rules)
