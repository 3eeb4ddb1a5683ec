"""Partners are told of what is declared, all of it and nothing else, each event as the API's description has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from bankops.core import clock, ids, outbox
from bankops.core.actor import Actor
from bankops.core.models import OutboxMessage
from notifications import event_types
from notifications.errors import UnknownEventType
from notifications.event_body import shown
from notifications.event_types import EventType, Field, Kind
from partners.services.allowance import take_allowance
from risk.outcomes import Outcome
from tests.announced import check
from tests.api.callers import key_of, said, schema
from tests.api.conftest import Desk
from tests.api.world import WHY, World
from tests.risk.assessment.movements import active
from tests.transactions.requests import make_request
from transactions import services as transaction_services
from transactions.models import Channel, Hold, State, Transaction

MACHINE = Actor("partner", "crd_of_a_test", "Harbour Pay · terminal")
NOT_TOLD = {"debit_account", "credit_account", "account", "payee", "narrative", "counterparty", "name", "number"}


# -- What is told --------------------------------------------------------------------------------------------------------


def events_of(world: World) -> list[outbox.Event]:
    """Return what a partner was told, whether or not all that began before has ended."""
    audience = world.owner.partner.public_id
    told = OutboxMessage.objects.filter(audience=audience).order_by("id")
    found = [outbox.event_for(audience, ids.encode(OutboxMessage.ID_PREFIX, each.event_id)) for each in told]
    return [each for each in found if each and not each.topic.startswith("tests.")]


def make_everything(world: World) -> None:
    """Let everything come of what a partner orders that can."""
    for held in (world.twin, world.deposit_twin, world.withdrawal_twin):
        transaction_services.cancel_held(
            transaction_id=key_of(held, "tr"),
            partner_id=world.owner.partner.pk,
            reason="twice",
            actor=MACHINE,
            now=clock.now(),
        )
    end_what_is_parked(world)
    end_holds(world)
    stop_some_of_each(world)
    reversed_one = world.made("transfers", amount="7.00")
    circumstances: Any = {"actor": MACHINE, "now": clock.now(), "business_date": clock.business_date()}
    transaction_services.reverse(transaction_id=key_of(reversed_one, "tr"), reason="typed wrong", **circumstances)
    batch = world.batch_body()
    batch["items"][0]["amount"] = "2000000.00"
    parked = said(world.owner.post("transfer-batches", batch), 202)
    said(world.owner.post(f"transfer-batches/{parked['id']}/cancel", WHY))
    said(world.owner.post(f"webhook-endpoints/{world.endpoint.public_id}/test-events", {}), 202)


def end_what_is_parked(world: World) -> None:
    """Have one payment of each kind wait, and end, in each way in which one ends that waits."""
    original = world.made("transfers", amount="8.00")
    payer, payee = world.desk.payer.pk, world.desk.payee.pk
    for number, state in enumerate((State.REJECTED, State.EXPIRED, State.FAILED)):
        terms: Any = {
            "partner_id": world.owner.partner.pk,
            "channel": Channel.PARTNER,
            "actor": MACHINE,
            "now": clock.now(),
            "business_date": clock.business_date(),
        }
        parking: dict[str, Callable[..., Transaction]] = {
            "transfer": transaction_services.park_transfer,
            "deposit": transaction_services.park_agent_deposit,
            "withdrawal": transaction_services.park_agent_withdrawal,
            "refund": transaction_services.park_refund,
        }
        for noun, park in parking.items():
            sides: Any = {
                "transfer": {"from_account_id": payer, "to_account_id": payee},
                "deposit": {"float_account_id": payer, "account_id": payee},
                "withdrawal": {"account_id": payer, "float_account_id": payee},
                "refund": {"transaction_id": key_of(original, "tr")},
            }[noun]
            amount = Transaction.objects.get(pk=key_of(original, "tr")).money
            request = make_request(amount).public_id
            with transaction.atomic():
                take_allowance(partner_id=world.owner.partner.pk, amount=amount, day=clock.business_date())
                park(
                    **sides,
                    **terms,
                    amount=amount,
                    approval_request_id=request,
                    external_reference=f"{noun}-{number}",
                )
            transaction_services.end_parked(
                approval_request_id=request, state=state, reason="as a test wants", actor=MACHINE, now=clock.now()
            )


def stop_some_of_each(world: World) -> None:
    """Have risk hold back one payment of each kind, which is then cancelled, and decline another."""
    original = world.made("transfers", amount="80.00")
    for path in ("transfers", "deposits", "withdrawals", f"transfers/{original}/refunds"):
        held = said(world.owner.post(path, world.sum(path, amount="6.66")), 202)
        said(world.owner.post(f"{held['links']['self'].removeprefix('/api/v1/')}/cancel", WHY))
        said(world.owner.post(path, world.sum(path, amount="9.99")), 422)


def end_holds(world: World) -> None:
    captured, released = world.captured, world.released
    said(world.owner.post(f"holds/{captured}/capture", world.sum("")), 201)
    said(world.owner.post(f"holds/{released}/release", WHY))
    transaction_services.expire_due_holds(now=clock.now() + timedelta(days=40), actor=Actor.system("tests"))


@pytest.mark.django_db
@pytest.mark.usefixtures("consented")
def test_partners_are_told_of_all_that_is_declared_as_it_is_described(desk: Desk) -> None:
    active("held_by_the_tests", 'amount == money("6.66 CNY")', outcome=Outcome.BLOCK_AND_REVIEW)
    active("declined_by_the_tests", 'amount == money("9.99 CNY")', outcome=Outcome.DECLINE)
    world = World(desk)
    make_everything(world)
    told = events_of(world)
    assert sorted({event.topic for event in told}) == list(event_types.declared())
    webhooks, components = schema()["webhooks"], schema()["components"]
    for event in told:
        body = webhooks[event.topic]["post"]["requestBody"]["content"]["application/json"]["schema"]
        Draft202012Validator({**body, "components": components}).validate(shown(event))
        assert not NOT_TOLD & set(event.payload), event.topic


@pytest.mark.django_db
@pytest.mark.usefixtures("consented")
def test_whoever_ordered_a_payment_hears_that_it_was_reversed(desk: Desk) -> None:
    world = World(desk)
    one = world.made("transfers", amount="7.00")
    now, today = clock.now(), clock.business_date()
    reversal = transaction_services.reverse(
        transaction_id=key_of(one, "tr"), reason="typed wrong", actor=MACHINE, now=now, business_date=today
    )
    posted, told = [event for event in events_of(world) if event.subject_id == one]
    assert (told.topic, told.sequence) == ("transactions.transaction.reversed", 2)
    assert told.payload == {**posted.payload, "state": "reversed"}
    assert reversal.public_id not in str(told.payload)


@pytest.mark.django_db
@pytest.mark.usefixtures("consented")
def test_a_partner_is_not_told_of_a_transfer_that_is_not_its_own(desk: Desk) -> None:
    """A member of staff captures its hold: the transfer is the bank's, and the partner could not read it."""
    world = World(desk)
    hold = Hold.objects.get(pk=key_of(world.captured, "hold"))
    now, today = clock.now(), clock.business_date()
    made = transaction_services.capture_hold(
        hold_id=hold.pk, amount=hold.money, actor=Actor("staff", "usr_1", "Ou Yan"), now=now, business_date=today
    )
    (told,) = [event for event in events_of(world) if event.topic == "transactions.hold.posted"]
    assert (told.payload["hold"], told.payload["captured"], told.payload["transaction"]) == (world.captured, "1.00", "")
    assert OutboxMessage.objects.get(subject_id=made.public_id).audience == ""
    assert said(world.owner.get(f"holds/{world.captured}"))["transfer"] is None


# -- What is declared ----------------------------------------------------------------------------------------------------

LOST = EventType(
    "tests.key.lost",
    "Key lost",
    "key_1",
    (Field("key", "Its id.", "key_1"), Field("doors", "How many it opens.", 2, Kind.COUNT, required=False)),
)


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> EventType:
    monkeypatch.setattr(event_types, "_declared", {**event_types.declared()})
    event_types.declare(LOST)
    return LOST


@pytest.mark.parametrize(
    ("data", "misfits"),
    [
        ({"key": "key_1"}, []),
        ({"key": "key_1", "doors": 0}, []),
        ({"doors": 2}, ["key"]),
        ({"key": None}, ["key"]),
        ({"key": "key_1", "doors": "2"}, ["doors"]),
        ({"key": "key_1", "doors": True}, ["doors"]),
        ({"key": "key_1", "doors": 2.0}, ["doors"]),
        ({"key": "key_1", "owner": "Li"}, ["owner"]),
    ],
)
def test_what_is_announced_has_the_declared_fields(lost: EventType, data: dict[str, Any], misfits: list[str]) -> None:
    assert lost.misfits(data) == misfits


def test_an_announcement_that_is_not_declared_is_found(lost: EventType) -> None:
    check(lost.topic, {"key": "key_1"})
    with pytest.raises(AssertionError, match="not declared"):
        check("tests.key.found", {"key": "key_1"})
    with pytest.raises(AssertionError, match="other fields than are declared: owner"):
        check(lost.topic, {"key": "key_1", "owner": "Li"})


@pytest.mark.django_db
def test_every_announcement_in_the_tests_is_looked_at() -> None:
    with transaction.atomic(), pytest.raises(AssertionError, match="not declared"):
        outbox.announce("transactions.key.turned", subject_id="k", payload={}, now=clock.now(), audience="ptn_1")


def test_a_type_is_declared_once(lost: EventType) -> None:
    event_types.declare(lost)
    with pytest.raises(ValueError, match=r"tests\.key\.lost"):
        event_types.declare(EventType(lost.topic, "Key lost", "key_1", ()))


def test_chosen_types_are_known_ones() -> None:
    chosen = ["transactions.transfer.posted", "transactions.hold.placed", "transactions.transfer.posted"]
    assert event_types.known(chosen) == ["transactions.hold.placed", "transactions.transfer.posted"]
    assert event_types.known([]) == []
    with pytest.raises(UnknownEventType) as caught:
        event_types.known([*chosen, "transactions.transfer.lost"])
    assert caught.value.context["types"] == "transactions.transfer.lost"
    assert "transactions.hold.placed" in str(caught.value)
