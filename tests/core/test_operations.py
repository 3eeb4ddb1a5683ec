"""Operations: known by key, done only through the gate, and never when there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pytest
from django.contrib import messages
from hypothesis import given
from hypothesis import strategies as st

from bankops.core import context, operations
from bankops.core.actor import Actor
from bankops.core.admin.submitting import told
from bankops.core.errors import ReasonRequired
from tests.accounts.factories import NOW, TANG_LING
from tests.committed import at_once
from tests.consent import OpenGate, as_if_consented
from tests.unchanged import refused

turned: list[str] = []


@operations.only_through_gate("tests.turn_key")
def turn(*, door: int, actor: Actor) -> str:
    """Open a door."""
    turned.append(f"{actor} opened door {door} under {context.approval_request_id() or 'no request'}")
    return turned[-1]


@operations.only_through_gate("tests.other")
def other() -> None:
    """Do something else that needs consent."""


class TurnKey(operations.Operation):
    key = "tests.turn_key"
    label = "Turn the key"

    def clean(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        if not payload.get("why"):
            raise ReasonRequired
        return {"door": int(payload["door"])}

    def describe(self, payload: Mapping[str, Any]) -> operations.Description:
        return operations.Description(f"Open door {payload['door']}", {"Door": ("closed", "open")})

    def preconditions(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        return {"turned": len(turned)}

    def execute(self, payload: Mapping[str, Any], order: operations.Order) -> str:
        return turn(door=payload["door"], actor=order.actor)


@pytest.fixture
def turn_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[TurnKey]:
    monkeypatch.setattr(operations, "_registry", {})
    operation = TurnKey()
    turned.clear()
    operations.register(operation)
    before = operations.install_gate(None)
    yield operation
    operations.install_gate(before)


ORDER = operations.Order(actor=TANG_LING, now=NOW, idempotency_key="k-1", reason="opening hour")


def submit(key: str = "tests.turn_key", **payload: Any) -> operations.Outcome:
    return operations.submit(key, {"door": "2", "why": "opening hour"} | payload, ORDER)


# -- Submitting --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_without_a_gate_nothing_is_done(turn_key: TurnKey) -> None:
    with refused("no_approval_gate"):
        submit()
    assert turned == []


def test_the_gate_decides_and_receives_the_clean_payload_and_the_order(turn_key: TurnKey) -> None:
    gate = OpenGate()
    operations.install_gate(gate)
    outcome = submit()
    assert (outcome.done, outcome.result) == (True, "Tang Ling opened door 2 under no request")
    assert gate.orders == [ORDER]


@pytest.mark.django_db
def test_a_payload_that_is_not_acceptable_never_reaches_the_gate(turn_key: TurnKey) -> None:
    gate = OpenGate()
    operations.install_gate(gate)
    with refused("reason_required"):
        submit(why="")
    assert (gate.orders, turned) == ([], [])


@pytest.mark.django_db
def test_an_unknown_operation_is_refused(turn_key: TurnKey) -> None:
    operations.install_gate(OpenGate())
    with refused("unknown_operation"):
        submit("tests.blow_up_vault")


def test_a_key_belongs_to_one_operation(turn_key: TurnKey) -> None:
    operations.register(TurnKey())  # an app's ready() may run twice
    assert operations.get("tests.turn_key") is turn_key
    assert operations.registered() == {"tests.turn_key": turn_key}
    impostor = type("Impostor", (TurnKey,), {})
    with pytest.raises(ValueError, match="registered already by TurnKey"):
        operations.register(impostor())


def test_the_gate_that_was_there_can_be_put_back(turn_key: TurnKey) -> None:
    first, second = OpenGate(), OpenGate()
    assert operations.install_gate(first) is None
    assert operations.install_gate(second) is first
    assert operations.install_gate(None) is second


def test_the_right_to_submit_has_the_operations_name_unless_it_says_another() -> None:
    class Spare(TurnKey):
        key = "tests.spare"
        permission = "tests.turn_any_key"

    assert (TurnKey.permission, Spare.permission) == ("tests.turn_key", "tests.turn_any_key")


# -- The guard on the service --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_gated_service_refuses_whoever_calls_it_past_the_gate(turn_key: TurnKey) -> None:
    with refused("consent_required"):
        turn(door=2, actor=TANG_LING)
    assert turned == []


@pytest.mark.django_db
def test_consent_to_one_operation_opens_no_other_service(turn_key: TurnKey) -> None:
    with operations.carrying_out("tests.turn_key"), refused("consent_required"):
        other()


@pytest.mark.django_db
def test_consent_ends_with_what_was_consented_to_even_when_that_fails(turn_key: TurnKey) -> None:
    with pytest.raises(KeyError), operations.carrying_out("tests.turn_key", request_id="apr_1"):
        raise KeyError
    assert context.approval_request_id() == ""
    with refused("consent_required"):
        turn(door=2, actor=TANG_LING)


def test_what_is_carried_out_knows_the_request_it_was_consented_to(turn_key: TurnKey) -> None:
    operations.install_gate(OpenGate("apr_1"))
    assert submit().result == "Tang Ling opened door 2 under apr_1"


def test_consent_does_not_reach_another_thread(committed_db: None, turn_key: TurnKey) -> None:
    with operations.carrying_out("tests.turn_key"):
        (result,) = at_once(lambda: turn(door=2, actor=TANG_LING))
    assert isinstance(result, operations.ConsentRequired)


def test_the_tests_own_consent_reaches_threads_and_ends(committed_db: None, turn_key: TurnKey) -> None:
    with as_if_consented():
        results = at_once(*[lambda: turn(door=2, actor=TANG_LING)] * 2)
    assert results == ["Tang Ling opened door 2 under no request"] * 2
    with pytest.raises(operations.ConsentRequired):
        turn(door=2, actor=TANG_LING)


# -- What is approved ----------------------------------------------------------------------------------------------------


def test_the_hash_of_what_is_approved_is_that_of_its_canonical_json() -> None:
    wish = {"user": "usr_1", "role": "出纳", "n": 1}
    written = '["staff.grant_role",1,{"n":1,"role":"出纳","user":"usr_1"}]'
    assert operations.payload_hash("staff.grant_role", 1, wish) == sha256(written.encode()).digest()


_PAYLOADS = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.booleans(), max_size=4)


@given(_PAYLOADS, _PAYLOADS)
def test_two_payloads_have_one_hash_only_when_they_are_one(left: dict[str, Any], right: dict[str, Any]) -> None:
    def hashed(payload: dict[str, Any]) -> bytes:
        return operations.payload_hash("tests.turn_key", 1, payload)

    backwards = dict(reversed(left.items()))
    assert hashed(left) == hashed(backwards)
    same = [(key, type(value), value) for key, value in sorted(left.items())] == [
        (key, type(value), value) for key, value in sorted(right.items())
    ]
    assert (hashed(left) == hashed(right)) is same


def test_operation_and_version_are_part_of_what_is_approved() -> None:
    hashes = {operations.payload_hash(*which, {"door": 2}) for which in [("a.b", 1), ("a.b", 2), ("a.c", 1)]}
    assert len(hashes) == 3


# -- What a door says ----------------------------------------------------------------------------------------------------


@dataclass
class Parked:
    state: str
    standing: str
    reference: str = "AP-2026-000123"

    def where_it_stands(self) -> str:
        return self.standing


def test_a_door_says_done_only_when_it_is() -> None:
    done = told(operations.Outcome(done=True), done="The door is open.")
    assert (done.message, done.record, done.level) == ("The door is open.", None, messages.SUCCESS)


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (
            Parked("PENDING", "first review"),
            "Waits for approval: AP-2026-000123 (first review). It has not been carried out yet.",
        ),
        (Parked("REJECTED", "rejected"), "AP-2026-000123 was not carried out (rejected). Nothing has been changed."),
    ],
)
def test_a_door_leads_to_the_request_and_says_where_it_stands(request_: Parked, sentence: str) -> None:
    not_done = told(operations.Outcome(done=False, request=request_), done="The door is open.")
    assert (not_done.message, not_done.level) == (sentence, messages.WARNING)
    assert not_done.record is request_  # type: ignore[comparison-overlap]  # known by its shape
