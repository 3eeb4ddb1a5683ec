"""Operations: known by key, done only through the gate, and never when there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest

from bankops.core import operations
from bankops.core.actor import Actor
from bankops.core.errors import ReasonRequired
from tests.accounts.factories import NOW, TANG_LING
from tests.unchanged import refused


class TurnKey(operations.Operation):
    key = "tests.turn_key"
    label = "Turn the key"
    turned: list[str] = []

    def clean(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        if not payload.get("why"):
            raise ReasonRequired
        return {"door": int(payload["door"])}

    def describe(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        return {"summary": f"Open door {payload['door']}", "changes": {"open": [False, True]}}

    def preconditions(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        return {"turned": len(self.turned)}

    def execute(self, payload: Mapping[str, Any], *, actor: Actor, now: datetime, idempotency_key: str) -> str:
        self.turned.append(f"{actor} opened door {payload['door']}")
        return self.turned[-1]


class OpenGate:
    """A gate that lets everything through at once."""

    def submit(self, operation: operations.Operation, payload: dict[str, Any], *, actor: Actor, now: datetime) -> Any:
        return operation.execute(payload, actor=actor, now=now, idempotency_key="k")


@pytest.fixture
def turn_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[TurnKey]:
    monkeypatch.setattr(operations, "_registry", {})
    operation = TurnKey()
    operation.turned.clear()
    operations.register(operation)
    before = operations.install_gate(None)
    yield operation
    operations.install_gate(before)


def submit(key: str = "tests.turn_key", **payload: Any) -> Any:
    return operations.submit(key, {"door": "2", "why": "opening hour"} | payload, actor=TANG_LING, now=NOW)


@pytest.mark.django_db
def test_without_a_gate_nothing_is_done(turn_key: TurnKey) -> None:
    with refused("no_approval_gate"):
        submit()
    assert turn_key.turned == []


def test_the_gate_decides_and_receives_the_clean_payload(turn_key: TurnKey) -> None:
    operations.install_gate(OpenGate())
    assert submit() == "Tang Ling opened door 2"


@pytest.mark.django_db
def test_a_payload_that_is_not_acceptable_never_reaches_the_gate(turn_key: TurnKey) -> None:
    operations.install_gate(OpenGate())
    with refused("reason_required"):
        submit(why="")
    assert turn_key.turned == []


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
