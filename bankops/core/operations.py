"""Operations: what may need somebody else's consent before it is done.

Each app registers its own in `apps.py`; whoever wants one done calls `submit` by key and need not know the app. The gate
(`approvals`) installs itself when its app is ready and decides whether an operation runs now or waits for reviewers.
With no gate installed nothing runs: a bank that lost its approvals must not fall back to none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core.actor import Actor
from bankops.core.errors import BankOpsError


class UnknownOperation(BankOpsError):
    code = "unknown_operation"
    message = _("No operation is registered under “%(key)s”.")


class NoApprovalGate(BankOpsError):
    code = "no_approval_gate"
    message = _("Approvals are not running, so “%(key)s” was refused. Nothing was changed; tell the administrator.")
    http_status = 503


class Operation(ABC):
    """One kind of action that can be submitted for approval.

    Attributes:
        key: `app.verb`, the name it has everywhere (service, permission, audit event).
        version: raised when the payload's shape changes; a stored request is executed only by the version it was made for.
        label: what people call it.

    """

    key: ClassVar[str]
    version: ClassVar[int] = 1
    label: ClassVar[str | Promise]

    @abstractmethod
    def clean(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the payload validated and reduced to JSON primitives and ids.

        :raises BankOpsError: when it is not acceptable, with the reason.
        """

    @abstractmethod
    def describe(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a reviewer reads: `{"summary": sentence, "changes": {field: [before, after]}}`."""

    @abstractmethod
    def preconditions(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return a fingerprint of the records the operation touches; if it differs later, the request is stale."""

    @abstractmethod
    def execute(self, payload: Mapping[str, Any], *, actor: Actor, now: datetime, idempotency_key: str) -> Any:
        """Do it: one service call, with the same effect however often it is called with the same key."""


class Gate(Protocol):
    """What decides between now, later and never."""

    def submit(self, operation: Operation, payload: dict[str, Any], *, actor: Actor, now: datetime) -> Any:
        """Return a request that says honestly where it stands."""


_registry: dict[str, Operation] = {}
_gate: Gate | None = None


def register(operation: Operation) -> None:
    """Make an operation known. Called from an app's `ready()`; registering another one under the same key is a fault."""
    known = _registry.setdefault(operation.key, operation)
    if type(known) is not type(operation):
        raise ValueError(f"operation {operation.key!r} is registered already by {type(known).__qualname__}")


def registered() -> dict[str, Operation]:
    """Return every registered operation by key."""
    return dict(_registry)


def get(key: str) -> Operation:
    """Return the operation registered under `key`.

    :raises UnknownOperation: when there is none.
    """
    try:
        return _registry[key]
    except KeyError:
        raise UnknownOperation(key=key) from None


def install_gate(gate: Gate | None) -> Gate | None:
    """Make `gate` decide about every submission from now on; return the one before, so that a test can put it back."""
    global _gate
    before, _gate = _gate, gate
    return before


def submit(key: str, payload: Mapping[str, Any], *, actor: Actor, now: datetime) -> Any:
    """Ask for an operation; return what the gate answers.

    :raises UnknownOperation: when no app registered `key`.
    :raises NoApprovalGate: when no gate is installed.
    :raises BankOpsError: whatever the operation's `clean` refuses.
    """
    operation = get(key)
    if _gate is None:
        raise NoApprovalGate(key=key)
    return _gate.submit(operation, operation.clean(payload), actor=actor, now=now)
