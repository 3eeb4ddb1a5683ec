"""What the product announces to anybody outside, in any test, is of a declared type and has exactly the declared fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bankops.core import outbox
from bankops.core.models import OutboxMessage
from notifications import event_types

OF_TESTS = "tests."
"""How topics begin that only tests announce."""
_announce = outbox.announce


@pytest.fixture(scope="session", autouse=True)
def announcements_are_declared() -> Iterator[None]:
    """Look at every announcement of this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "announce", _looked_at)
        yield


def _looked_at(topic: str, *, payload: Mapping[str, Any], audience: str = "", **told: Any) -> OutboxMessage:
    if audience and not topic.startswith(OF_TESTS):
        check(topic, payload)
    return _announce(topic, payload=payload, audience=audience, **told)


def check(topic: str, payload: Mapping[str, Any]) -> None:
    """Fail when a partner would be told what no declaration has."""
    declared = event_types.declared().get(topic)
    assert declared, f"{topic} is announced to partners and not declared: see notifications.event_types"
    misfits = declared.misfits(payload)
    assert not misfits, f"{topic} is announced with other fields than are declared: {', '.join(misfits)}"
