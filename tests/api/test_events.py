"""What became of a partner's orders, fetched: in an order that stays, without a gap, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from bankops.core import clock, outbox
from tests.api.callers import System, code_of, said
from tests.api.conftest import Desk
from tests.committed import wait_for_the_feed
from tests.unchanged import nothing_changes

# The feed shows what is committed, and only when all that began before it is too.
pytestmark = pytest.mark.usefixtures("committed_db")


def fetch(system: System, **wanted: Any) -> dict[str, Any]:
    wait_for_the_feed()
    page: dict[str, Any] = said(system.get("events", wanted))
    return page


def tell(system: System, subject: str, topic: str = "tests.order.moved", **facts: Any) -> None:
    with transaction.atomic():
        outbox.announce(topic, subject_id=subject, payload=facts, now=clock.now(), audience=system.partner.public_id)


def test_a_transfer_is_told_to_whoever_ordered_it(desk: Desk) -> None:
    with nothing_changes():
        assert fetch(desk.system) == {"data": [], "has_more": False, "next_after": None}
    made = said(desk.system.post("transfers", desk.transfer("1250.00")), 201)
    held = said(desk.system.post("transfers", desk.transfer("1250.00", reference="INV-2")), 202)
    posted, parked = fetch(desk.system)["data"]
    assert posted == {
        "id": posted["id"],
        "object": "event",
        "schema_version": 1,
        "type": "transactions.transfer.posted",
        "timestamp": posted["created_at"],
        "created_at": posted["created_at"],
        "subject": made["id"],
        "sequence": 1,
        "data": {
            "transaction": made["id"],
            "kind": "TRANSFER",
            "state": "posted",
            "amount": "1250.00",
            "currency": "CNY",
            "booking_date": made["booking_date"],
            "reference": "INV-1",
            "bank_reference": made["bank_reference"],
        },
    }
    assert posted["id"].startswith("evt_")
    assert (parked["type"], parked["subject"]) == ("transactions.transfer.held", held["id"])
    assert parked["data"]["possible_duplicate_of"] == made["id"]
    assert said(desk.system.get(f"events/{parked['id']}")) == parked


def test_events_of_one_order_are_counted(desk: Desk) -> None:
    waiting = said(desk.system.post("transfers", desk.transfer("2000000.00")), 202)
    said(desk.system.post(f"transfers/{waiting['id']}/cancel", {"reason": "a mistake"}))
    told = fetch(desk.system)["data"]
    assert [(event["subject"], event["sequence"]) for event in told] == [(waiting["id"], 1), (waiting["id"], 2)]
    assert told[1]["type"] == "transactions.transfer.rejected"


def test_it_is_read_on_from_the_last_one(desk: Desk) -> None:
    for number in range(5):
        tell(desk.system, f"tr_{number % 2}")
    first = fetch(desk.system, limit=2)
    assert (len(first["data"]), first["has_more"], first["next_after"]) == (2, True, first["data"][-1]["id"])
    rest = fetch(desk.system, after=first["next_after"], limit=3)
    assert (len(rest["data"]), rest["has_more"]) == (3, False)
    read = first["data"] + rest["data"]
    assert [(event["subject"], event["sequence"]) for event in read] == [
        ("tr_0", 1),
        ("tr_1", 1),
        ("tr_0", 2),
        ("tr_1", 2),
        ("tr_0", 3),
    ]
    nothing_new = fetch(desk.system, after=rest["next_after"])
    assert nothing_new == {"data": [], "has_more": False, "next_after": rest["next_after"]}


def test_one_kind_of_event_can_be_asked_for(desk: Desk) -> None:
    tell(desk.system, "tr_1", "tests.order.moved")
    tell(desk.system, "tr_1", "tests.order.lost")
    (told,) = fetch(desk.system, type="tests.order.lost")["data"]
    assert (told["type"], told["sequence"]) == ("tests.order.lost", 2)
    assert fetch(desk.system, type="tests.order.found")["data"] == []


def test_another_partners_events_are_not_there(desk: Desk) -> None:
    other = System()
    tell(desk.system, "tr_1")
    with transaction.atomic():
        outbox.announce("tests.key.turned", subject_id="vlt_1", payload={}, now=clock.now())
    (own,) = fetch(desk.system)["data"]
    with nothing_changes():
        assert fetch(other)["data"] == []
        answer = other.get(f"events/{own['id']}")
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
        assert code_of(other.get("events", {"after": own["id"]})) == "parameter_invalid"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"after": "evt_00000000000000000000000000"}, "parameter_invalid"),
        ({"after": "1"}, "parameter_invalid"),
        ({"after": "x" * 41}, "text_too_long"),
        ({"type": "' OR 1=1"}, "field_invalid"),
        ({"limit": "0"}, "parameter_invalid"),
        ({"cursor": "x", "subject": "tr_1"}, "unknown_filter"),
    ],
)
def test_what_makes_no_sense_is_refused(desk: Desk, wanted: dict[str, str], code: str) -> None:
    assert code_of(desk.system.get("events", wanted)) == code


@pytest.mark.parametrize("event", ["evt_1", "1", "tr_00000000000000000000000000"])
def test_an_id_that_names_no_event_is_not_found(desk: Desk, event: str) -> None:
    assert code_of(desk.system.get(f"events/{event}")) == "not_found"


def test_it_takes_a_scope_of_its_own(desk: Desk) -> None:
    system = System(desk.system.partner, "transfers:read")
    assert code_of(system.get("events")) == "scope_missing"
