"""Operations: what may need somebody else's consent before it is done.

Each app registers its own in `apps.py`; whoever wants one done calls `submit` by key and need not know the app. The gate
(`approvals`) installs itself when its app is ready and decides whether an operation runs now or waits for reviewers.
With no gate installed nothing runs: a bank that lost its approvals must not fall back to none.

The service behind an operation is marked `@only_through_gate(key)`. It refuses to run unless the gate is just carrying
out that operation, so a door that forgets to submit is refused instead of slipping past the reviewers.
"""

from __future__ import annotations

import functools
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, ParamSpec, Protocol, Self, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core import context
from bankops.core.actor import Actor
from bankops.core.audit import Subject
from bankops.core.errors import BankOpsError
from bankops.core.money import Money

P = ParamSpec("P")
R = TypeVar("R")


class UnknownOperation(BankOpsError):
    code = "unknown_operation"
    message = _("No operation is registered under “%(key)s”.")


class NoApprovalGate(BankOpsError):
    code = "no_approval_gate"
    message = _("Approvals are not running, so “%(key)s” was refused. Nothing was changed; tell the administrator.")
    http_status = 503
    transient = True


class ConsentRequired(BankOpsError):
    code = "consent_required"
    message = _("“%(key)s” is done through approvals only. Submit it as an operation instead of calling its service.")
    http_status = 403


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants an operation done, when and why.

    Attributes:
        actor: the maker. Stays the maker when others consent and it is carried out later.
        now: when it was ordered; when it is carried out later, then.
        channel: the way it came in: `staff`, `partner` or `system`.
        idempotency_key: the maker's own, so that an order sent twice is one; empty when it cannot repeat.
        reason: in the maker's words; empty where the bank need not record one.
        request_id: the approval request it waits in or was consented to (`apr_…`); empty when it needed none.

    """

    actor: Actor
    now: datetime
    channel: str = "staff"
    idempotency_key: str = ""
    reason: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the bank's approval policies look at.

    Attributes:
        amount: the money concerned, or None when the operation is not about money.
        branch: code of the branch whose business it is, or empty.
        risk_band: `low`, `medium` or `high`; empty while nobody assesses it.

    """

    amount: Money | None = None
    branch: str = ""
    risk_band: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """What a reviewer reads.

    Attributes:
        summary: one sentence that says what will happen, in plain language.
        changes: `{field: (before, after)}`, in words people know.
        warnings: sentences a reviewer must not miss, for instance a look-alike payment.

    """

    summary: str
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a submission stands. Never take one that is not `done` for success.

    Attributes:
        done: it was carried out; `result` is what its service returned.
        request: the approval request it waits in, or was consented to; None when it needed none. Neither done nor a request:
            it is on record as `result`, and held back or declined (`Operation.is_done`, `Operation.stop`).

    """

    done: bool
    result: Any = None
    request: Any = None


class Ending:
    """How a parked operation ended without being carried out: what `Operation.release` is told."""

    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    STALE = "STALE"
    FAILED = "FAILED"
    AMENDED = "AMENDED"  # replaced by a new version, which is parked next


class Review(Enum):
    """What the policies that a bank starts with ask for an operation; the bank changes them as it likes."""

    ALWAYS = "always"
    """First and final review, whoever asks."""
    FROM_AMOUNT = "from_amount"
    """First and final review from a threshold on, done at once below."""
    FROM_PARTNERS = "from_partners"
    """Done at once when staff ask, reviewed when a partner does: what must not wait, such as a freeze."""


class Operation(ABC):
    """One kind of action that can be submitted for approval.

    Attributes:
        key: `app.verb`, the name it has everywhere (service, permission, audit event).
        version: raised when the payload's shape changes; a stored request is executed only by the version it was made for.
        label: what people call it.
        permission: the right a member of staff needs to submit it; the key, unless said otherwise.
        usual_review: what the shipped policies ask for it.
        moves_money: money moves by it, or may from then on: the shipped policy about very large movements covers it, whatever
            `usual_review` says, so `facts` names the amount.
        always_two: two people must agree, and no policy can ask for less: whoever could do it alone could undo a control.
        discreet: on the page of a person whom it concerns, only those who may read the request learn that it waits.
        partner_scope: the scope with which a partner may ask for it; empty: no partner may.
        locks_first: a partner's order locks what it touches before policies look at it, so that it is read once.

    """

    key: ClassVar[str]
    version: ClassVar[int] = 1
    label: ClassVar[str | Promise]
    permission: ClassVar[str] = ""
    usual_review: ClassVar[Review] = Review.ALWAYS
    moves_money: ClassVar[bool] = False
    always_two: ClassVar[bool] = False
    discreet: ClassVar[bool] = False
    partner_scope: ClassVar[str] = ""
    locks_first: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.permission = cls.permission or getattr(cls, "key", "")

    def for_one_order(self) -> Self:
        """Return the operation as the gate uses it for one order: it may remember what it has read, until it locks.

        The registered one serves everybody at the same time, so it remembers nothing.
        """
        return self

    @classmethod
    def partner_scopes(cls) -> frozenset[str]:
        """Return the scopes of which a partner needs one to ask for it; what it asks for may take a certain one of them."""
        return frozenset({cls.partner_scope} - {""})

    # -- Before it is decided ------------------------------------------------------------------------------------

    @abstractmethod
    def clean(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the payload validated and reduced to JSON primitives and ids, the same for the same wish.

        :raises BankOpsError: when it is not acceptable, with the reason.
        """

    @abstractmethod
    def describe(self, payload: Mapping[str, Any]) -> Description:
        """Return what a reviewer reads."""

    @abstractmethod
    def preconditions(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return a fingerprint of the records it touches, JSON primitives; if it differs later, the request is stale."""

    def facts(self, payload: Mapping[str, Any]) -> Facts:
        """Return what policies look at."""
        return Facts()

    def parts(self, payload: Mapping[str, Any]) -> Iterable[tuple[str, Facts]]:
        """Return what policies look at beside it, where it does many things at once: the key of another operation and its facts.

        What any of them needs the whole needs, so that nothing large hides among many.
        """
        return ()

    def concerns(self, payload: Mapping[str, Any]) -> Sequence[Subject]:
        """Return the records whose pages show that this is pending."""
        return ()

    def refuse(self, payload: Mapping[str, Any], order: Order) -> None:  # noqa: B027 - most have nothing to do here
        """Refuse, before it is parked, what is sure to fail. What runs at once is refused by its service.

        :raises BankOpsError: the refusal the service would give.
        """

    def stop(self, payload: Mapping[str, Any], order: Order) -> Any:
        """Record, and return, what must not be carried out nor put before reviewers; None to let it go on.

        The gate asks it once for each order, before any policy, and takes what it returns as not done: no way leads through
        here to the effect. What the operation learns of the order here, `facts` may tell the policies.

        :raises BankOpsError: what `execute` would refuse.
        """
        return None

    def foresee(self, payload: Mapping[str, Any], order: Order) -> None:  # noqa: B027 - most have nothing to do here
        """Learn of an amended order what `facts` may tell the policies, as `stop` does of a new one; record nothing of it."""

    def earlier(self, payload: Mapping[str, Any], order: Order) -> Any:
        """Return what an equal order under the same idempotency key led to, or None."""
        return None

    # -- While it waits ------------------------------------------------------------------------------------------

    def park(self, payload: Mapping[str, Any], order: Order) -> None:  # noqa: B027 - most have nothing to do here
        """Reserve what must not be used up while reviewers decide, in the transaction of the submission.

        Called under the request's id (`order.request_id`); by then `refuse` has had its say.
        """

    def release(self, payload: Mapping[str, Any], order: Order, ending: str) -> None:  # noqa: B027 - most have nothing to do here
        """Give back what `park` reserved: the operation will not be carried out. `ending` is one of `Ending`."""

    # -- When it is carried out ----------------------------------------------------------------------------------

    def lock(self, payload: Mapping[str, Any]) -> None:  # noqa: B027 - most have nothing to do here
        """Lock the records that `preconditions` reads, in the house's order (docs/architecture.md)."""

    @abstractmethod
    def execute(self, payload: Mapping[str, Any], order: Order) -> Any:
        """Do it: one service call, with the same effect however often it is called with the same key."""

    def is_done(self, result: Any) -> bool:
        """Tell whether what `execute` returned has been carried out; otherwise it is on record and held back."""
        return True

    def where_it_stands(self, result_id: str) -> str:
        """Return where the record stands that `execute` made, in words for all who read the request; empty when it is done."""
        return ""

    def subject_of(self, result: Any) -> Subject | None:
        """Return the record that `execute` made or changed, for the request's page; None when there is none to show."""
        return None


class Gate(Protocol):
    """What decides between now, later and never."""

    def submit(self, operation: Operation, payload: dict[str, Any], order: Order) -> Outcome:
        """Carry it out or park it, and say honestly which."""


_registry: dict[str, Operation] = {}
_gate: Gate | None = None
_running: ContextVar[str] = ContextVar("operation", default="")


def register(operation: Operation) -> None:
    """Make an operation known. Called from an app's `ready()`; registering another one under the same key is a fault."""
    known = _registry.setdefault(operation.key, operation)
    if type(known) is not type(operation):
        raise ValueError(f"operation {operation.key!r} is registered already by {type(known).__qualname__}")


def registered() -> dict[str, Operation]:
    """Return every registered operation by key, in order of the keys."""
    return dict(sorted(_registry.items()))


def get(key: str) -> Operation:
    """Return the operation registered under `key`.

    :raises UnknownOperation: when there is none.
    """
    try:
        return _registry[key]
    except KeyError:
        raise UnknownOperation(key=key) from None


def always_two_people() -> frozenset[str]:
    """Return the keys of the registered operations that two people must always agree to."""
    return frozenset(key for key, operation in _registry.items() if operation.always_two)


def told_to_few() -> frozenset[str]:
    """Return the keys of the registered operations that are discreet."""
    return frozenset(key for key, operation in _registry.items() if operation.discreet)


def moving_money() -> frozenset[str]:
    """Return the keys of the registered operations by which money moves, or may from then on."""
    return frozenset(key for key, operation in _registry.items() if operation.moves_money)


def usually_reviewed(review: Review) -> list[str]:
    """Return the keys of the registered operations for which the shipped policies ask this, in their order."""
    return sorted(key for key, operation in _registry.items() if operation.usual_review is review)


def install_gate(gate: Gate | None) -> Gate | None:
    """Make `gate` decide about every submission from now on; return the one before, so that a test can put it back."""
    global _gate
    before, _gate = _gate, gate
    return before


def submit(key: str, payload: Mapping[str, Any], order: Order) -> Outcome:
    """Ask for an operation; return where it stands.

    :raises UnknownOperation: when no app registered `key`.
    :raises NoApprovalGate: when no gate is installed.
    :raises BankOpsError: whatever the operation's `clean`, the gate or, when it runs now, the service refuses.
    """
    operation = get(key)
    if _gate is None:
        raise NoApprovalGate(key=key)
    return _gate.submit(operation, operation.clean(payload), order)


@contextmanager
def carrying_out(key: str, *, request_id: str = "") -> Iterator[None]:
    """Let the service behind `key` run inside. For the gate, and for nobody else (tests/architecture)."""
    token = _running.set(key)
    try:
        with context.under_request(request_id):
            yield
    finally:
        _running.reset(token)


def refuse_around_gate(key: str) -> None:
    """:raises ConsentRequired: unless the gate is carrying out the operation `key`."""
    if _running.get() != key:
        raise ConsentRequired(key=key)


def only_through_gate(key: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a service refuse to run unless the gate is carrying out the operation `key`.

    :raises ConsentRequired: from the service, when somebody calls it directly.
    """

    def decorate(service: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(service)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            refuse_around_gate(key)
            return service(*args, **kwargs)

        return guarded

    return decorate


def payload_hash(operation: str, version: int, payload: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of what is approved: operation, version and payload as canonical JSON (keys sorted, no spaces)."""
    canonical = json.dumps([operation, version, payload], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).digest()
