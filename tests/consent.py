"""Consent for tests: of what a gated service does, and of operations, as if nobody's consent were missing.

`consented` is for tests that call a gated service themselves. The guard stays as it is in the product; what it compares
with is exchanged for the length of a test, in every thread, so that two services can race:

    pytestmark = pytest.mark.usefixtures("consented")       # in a module: for every test there

`open_gate` is for tests that submit: a gate without policies or reviewers, which carries everything out at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bankops.core import operations


class _EveryKey:
    """Equal to the key of any operation."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str)

    __hash__ = None  # type: ignore[assignment]


class _Consent:
    """In the place of the variable that names the operation being carried out."""

    def get(self) -> _EveryKey:
        return _EveryKey()

    def set(self, key: str) -> str:
        return key

    def reset(self, token: str) -> None:
        """Take nothing back: consent lasts as long as the test wants."""


@contextmanager
def as_if_consented() -> Iterator[None]:
    """Let gated services run inside, whoever calls them, in any thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "_running", _Consent())
        yield


@pytest.fixture
def consented() -> Iterator[None]:
    """Let gated services run in this test as if the gate carried them out."""
    with as_if_consented():
        yield


class OpenGate:
    """A gate that lets everything through which the operation does not refuse itself, and remembers the orders.

    :param request_id: the approval request under which it pretends to have consent.
    """

    def __init__(self, request_id: str = "") -> None:
        self.request_id = request_id
        self.orders: list[operations.Order] = []

    def submit(
        self, operation: operations.Operation, payload: dict[str, Any], order: operations.Order
    ) -> operations.Outcome:
        operation.refuse(payload, order)
        self.orders.append(order)
        with operations.carrying_out(operation.key, request_id=self.request_id):
            return operations.Outcome(done=True, result=operation.execute(payload, order))


@pytest.fixture
def open_gate() -> Iterator[OpenGate]:
    """Install an open gate for this test, and put back the one before."""
    gate = OpenGate("apr_of_a_test")
    before = operations.install_gate(gate)
    yield gate
    operations.install_gate(before)
