"""What happened between an endpoint's being added and its being seen.

An endpoint gets what is announced since it was added, but whoever carries sees it only when the transaction that added it has
committed. What was carried out in between went past it, and is made up for when its secret is picked up: nothing is sent to it
before.
"""

from __future__ import annotations

from bankops.core import ids, sql_arrays
from bankops.core.db import busy_is_an_answer, prepared, transaction_required
from notifications import event_types
from notifications.models import Endpoint
from notifications.places import LONGEST, place_before

# Nobody carries these meanwhile: where somebody is about to, it is waited for, and the endpoint's delivery may be theirs.
_PASSED_BY = """
    WITH unseen AS MATERIALIZED (
        SELECT m.id, m.dispatched_at FROM core_outboxmessage m
         WHERE m.audience = %(audience)s AND m.audience <> '' AND (m.xid, m.id) > (%(xid)s::bigint, %(key)s::bigint)
           AND m.announced_at >= %(added_at)s AND m.announced_at < %(until)s
           AND m.topic <> %(test)s AND (%(topics)s::text[] = '{}' OR m.topic = ANY (%(topics)s::text[]))
           AND NOT EXISTS (SELECT FROM notifications_delivery d WHERE d.message_id = m.id AND d.endpoint_id = %(endpoint)s)
         ORDER BY m.id
           FOR KEY SHARE OF m
    )
    SELECT id FROM unseen WHERE dispatched_at IS NOT NULL ORDER BY id
"""
# As they would have been written had the endpoint been seen: due since then, and in their order among the others.
_DELIVER = """
    INSERT INTO notifications_delivery (id, endpoint_id, message_id, event_id, topic, subject_id, sequence, announced_at,
                                        state, why, tries, attempts, created_at, next_attempt_at)
    SELECT t.id, %(endpoint)s, m.id, m.event_id, m.topic, m.subject_id,
           (SELECT count(*) FROM core_outboxmessage o
             WHERE o.audience = m.audience AND o.audience <> '' AND o.subject_id = m.subject_id AND o.id <= m.id),
           m.announced_at, 'PENDING', '', 0, 0, m.dispatched_at, m.dispatched_at
      FROM unnest(%(ids)s::uuid[], %(messages)s::bigint[]) AS t(id, message_id)
      JOIN core_outboxmessage m ON m.id = t.message_id
        ON CONFLICT (message_id, endpoint_id) DO NOTHING
"""


@transaction_required
def make_up_for(endpoint: Endpoint) -> int:
    """Give an endpoint, which its caller has locked, what went past it in its first moment; return how many events that were.

    :param endpoint: with its partner.
    :raises Busy: when somebody carries some of it for too long.
    """
    missed = _passed_by(endpoint)
    if missed:
        told = {
            "endpoint": endpoint.pk,
            "ids": sql_arrays.of_uuids(ids.uuid7s(len(missed))),
            "messages": sql_arrays.of_words(missed),
        }
        prepared(_DELIVER, told)
    return len(missed)


def _passed_by(endpoint: Endpoint) -> list[int]:
    xid, key = place_before(endpoint.added_at)
    asked = {
        "endpoint": endpoint.pk,
        "audience": endpoint.partner.public_id,
        "xid": xid,
        "key": key,
        "added_at": endpoint.added_at,
        "until": endpoint.added_at + LONGEST,
        "test": event_types.TEST,
        "topics": list(endpoint.event_types),
    }
    with busy_is_an_answer():
        return [key for (key,) in prepared(_PASSED_BY, asked)]
