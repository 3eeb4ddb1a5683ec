"""What the database itself refuses of the counters' tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from risk.velocity.recording import record
from tests.risk.velocity.movements import movement
from tests.unchanged import refused_by_database

pytestmark = pytest.mark.django_db

_TAIL = (
    "INSERT INTO risk_velocitytail (key, kind, moment, slot, amount, country)"
    " VALUES (gen_random_uuid(), %s, now(), 1, %s, '')"
)
_COUNTER = (
    "INSERT INTO risk_velocitycounter (key, kind, first_seen, last_seen, country, slots, counts, sums, payees, payees_at, payers,"
    " payers_at) VALUES (gen_random_uuid(), 'payer', now(), now(), '', %s, %s, '{1}', '{}', '{}', '{}', '{}')"
)


def run(statement: str, *values: Any) -> Callable[[], None]:
    def action() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    return action


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("velocity_amount_not_negative", run(_TAIL, "payer", -1)),
        ("velocity_kind_known", run(_TAIL, "anybody", 1)),
        ("velocity_arrays_match", run(_COUNTER, [1], [1, 2])),
        ("append_only", run("UPDATE risk_velocitytail SET amount = 0")),
        ("append_only", run("TRUNCATE risk_velocitytail")),
        ("append_only", run("TRUNCATE risk_velocitycounter")),
    ],
    ids=["amount", "kind", "arrays", "changed", "emptied", "counters emptied"],
)
def test_the_database_refuses(words: str, action: Callable[[], None]) -> None:
    with transaction.atomic():
        record(movements=[movement()])
    with refused_by_database(words):
        action()


def test_what_is_well_formed_is_taken() -> None:
    run(_TAIL, "payer", 0)()
    run(_COUNTER, [1], [1])()
