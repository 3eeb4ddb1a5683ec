"""A small bank with reviewers: an operation worth asking about, and what people say to requests for it.

`tests.open_door` leaves its traces in the audit trail, so that a test sees what was really committed: parked, released,
opened. What it looks at is in `DOORS`, which a test can change while reviewers are thinking.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction

from approvals.models import ApprovalRequest, RequestVersion, ReviewGrant, StandIn, Verdict
from approvals.services import Decided, Seen, decide
from approvals.services.policies import lock_policies, write_version
from bankops.core import audit, clock, operations, outbox
from bankops.core.actor import Actor
from bankops.core.audit import Subject
from bankops.core.errors import BankOpsError
from bankops.core.models import AuditEvent
from bankops.core.money import Money
from bankops.core.operations import Description, Facts, Operation, Order, Outcome
from staff import one_time_codes
from staff.models import Branch, OneTimeCodeDevice, User
from staff.roles import Role
from staff.services.second_factor import secret_of
from tests.personas import code_of, give_phone, hire

OPEN_DOOR = "tests.open_door"
OPENED = audit.event_type("tests.door.opened", "Door opened")
PARKED = audit.event_type("tests.door.parked", "Door reserved")
RELEASED = audit.event_type("tests.door.released", "Door given back")


@dataclass
class Doors:
    """What the operation meets.

    Attributes:
        locks: what is seen of a door; whoever changes it makes requests stale.
        jammed: doors whose opening is refused, after something was written already.
        broken: doors whose opening ends in a fault nobody expected.
        bolted: doors that cannot be given back.
        scarce: a reserved door is refused to whoever asks for it next.

    """

    locks: dict[int, str] = field(default_factory=dict)
    jammed: set[int] = field(default_factory=set)
    broken: set[int] = field(default_factory=set)
    bolted: set[int] = field(default_factory=set)
    scarce: bool = False

    def reset(self) -> None:
        self.__init__()  # type: ignore[misc]


DOORS = Doors()


class DoorJammed(BankOpsError):
    code = "door_jammed"
    message = "Door %(door)s is jammed."


class DoorTaken(BankOpsError):
    code = "door_taken"
    message = "Door %(door)s is reserved."


@operations.only_through_gate(OPEN_DOOR)
@transaction.atomic
def open_door(*, door: int, actor: Actor, now: datetime) -> Subject:
    """Open a door."""
    _trace(OPENED, door, actor, now)
    outbox.announce(OPENED.name, subject_id=str(door), payload={"door": door}, now=now)
    if door in DOORS.jammed:
        raise DoorJammed(door=door)
    if door in DOORS.broken:
        raise RuntimeError("the hinges came off")
    return _door(door)


class OpenDoor(Operation):
    """Payload: `{"door": 7, "amount": "50000.00"}`; the amount, in CNY, may be empty. With `"of"`, whose room it leads to."""

    key = OPEN_DOOR
    label = "Open a door"
    permission = "approvals.view_approvalrequest"

    def clean(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        of = {"of": payload["of"]} if payload.get("of") else {}
        return {"door": int(payload["door"]), "amount": str(payload.get("amount", "")), **of}

    def describe(self, payload: Mapping[str, Any]) -> Description:
        return Description(f"Open door {payload['door']}", {"Door": ("closed", "open")}, ["It is dark behind it."])

    def preconditions(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        return {"lock": DOORS.locks.get(payload["door"], "shut")}

    def facts(self, payload: Mapping[str, Any]) -> Facts:
        amount = Money.parse(payload["amount"], "CNY") if payload["amount"] else None
        return Facts(amount=amount, branch="001")

    def concerns(self, payload: Mapping[str, Any]) -> Sequence[Subject]:
        people = [Subject("user", payload["of"], "")] if "of" in payload else []
        return [_door(payload["door"]), *people]

    def refuse(self, payload: Mapping[str, Any], order: Order) -> None:
        if DOORS.scarce and traces_of(payload["door"])[PARKED.name]:
            raise DoorTaken(door=payload["door"])

    def park(self, payload: Mapping[str, Any], order: Order) -> None:
        _trace(PARKED, payload["door"], order.actor, order.now, key=order.idempotency_key)

    def release(self, payload: Mapping[str, Any], order: Order, ending: str) -> None:
        if payload["door"] in DOORS.bolted:
            raise RuntimeError("the bolt is stuck")
        _trace(RELEASED, payload["door"], order.actor, order.now, key=order.idempotency_key, ending=ending)

    def execute(self, payload: Mapping[str, Any], order: Order) -> Subject:
        return open_door(door=payload["door"], actor=order.actor, now=order.now)

    def subject_of(self, result: Any) -> Subject | None:
        return result  # type: ignore[no-any-return]


@contextmanager
def door_registered() -> Iterator[None]:
    """Make the operation known for as long as a test takes."""
    DOORS.reset()
    operations.register(OpenDoor())
    try:
        yield
    finally:
        operations._registry.pop(OPEN_DOOR, None)


def traces_of(door: int) -> Counter[str]:
    """Count what happened to a door, as committed: parked, released, opened."""
    return Counter(
        AuditEvent.objects.filter(subject_type="door", subject_id=str(door)).values_list("event_type", flat=True)
    )


def endings_of(door: int) -> list[str]:
    """Return with which endings a door was given back, in order."""
    events = AuditEvent.objects.filter(event_type=RELEASED.name, subject_id=str(door)).order_by("id")
    return [event.detail["ending"] for event in events]


def _door(number: int) -> Subject:
    return Subject("door", str(number), f"Door {number}")


@transaction.atomic
def _trace(event: audit.EventType, door: int, actor: Actor, now: datetime, **detail: str) -> None:
    audit.record(event, actor=actor, subject=_door(door), now=now, detail=detail)


# -- People ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bank:
    """Who works here: a maker, three reviewers for either stage, one to manage and one to look."""

    branch: Branch
    maker: User
    first: list[User]
    final: list[User]
    administrator: User
    auditor: User


def found_bank(branch: Branch) -> Bank:
    """Hire the people of `Bank`. The roles must be there."""
    return Bank(
        branch=branch,
        maker=hire("M1", "Ma Ke", Role.TELLER, branch),
        first=[hire(f"F{n}", f"Fang {n}", Role.FIRST_REVIEWER, branch) for n in (1, 2, 3)],
        final=[hire(f"L{n}", f"Luo {n}", Role.FINAL_REVIEWER, branch) for n in (1, 2, 3)],
        administrator=hire("A1", "An Min", Role.ADMINISTRATOR, branch),
        auditor=hire("S1", "Shen Ji", Role.AUDITOR, branch),
    )


def also(person: User, role: Role) -> User:
    """Give somebody a second role, as if it had been consented to; return them as they are then."""
    person.groups.add(Group.objects.get(name=role.value))
    return User.objects.get(pk=person.pk)


def no_longer(person: User, role: Role) -> User:
    """Take a role from somebody, as if it had been consented to; return them as they are then."""
    person.groups.remove(Group.objects.get(name=role.value))
    return User.objects.get(pk=person.pk)


def disabled(person: User) -> User:
    """Disable somebody's sign-in, as if it had been consented to; return them as they are then."""
    person.is_active = False
    person.save(update_fields=["is_active"])
    return User.objects.get(pk=person.pk)


def stand_in(absent: User, by: User, *, hours: int = 24, since: int = 1, named_by: User | None = None) -> StandIn:
    """Let `by` stand in for `absent`, from `since` hours ago for `hours` more, as `named_by` or themselves arranged it."""
    now = clock.now()
    return StandIn.objects.create(
        absent=absent,
        stand_in=by,
        starts_at=now - timedelta(hours=since),
        ends_at=now + timedelta(hours=hours),
        reason="holiday",
        named_by=named_by or absent,
        named_at=now,
    )


# -- Policies ----------------------------------------------------------------------------------------------------------


def stage(role: Role, quorum: int = 1, *, code: bool = True, assigned: int | None = None) -> dict[str, Any]:
    return {"role": role.value, "quorum": quorum, "one_time_code": code, "assigned": assigned or quorum + 1}


FIRST_AND_FINAL = (stage(Role.FIRST_REVIEWER), stage(Role.FINAL_REVIEWER))


@transaction.atomic
def policy(*stages: dict[str, Any], name: str = "Doors", from_amount: str = "", **terms: Any) -> None:
    """Put a policy about doors into force, as if it had been consented to; first and final review, unless said otherwise.

    :param from_amount: decimal string in CNY: below it the policy does not fire.
    :param terms: any of the definition's other fields (approvals.policies.definition).
    """
    amount = {"field": "amount", "operator": "at_least", "value": f"{from_amount} CNY"}
    definition = {
        "operations": [OPEN_DOOR],
        "blocks": [[amount]] if from_amount else [],
        "stages": list(stages or FIRST_AND_FINAL),
        "expires_after_minutes": 24 * 60,
        "pair_limit": 3,
        "stand_ins": True,
        "excluded": {"teller": ["teller"]},
    } | terms
    lock_policies()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        write_version(name=name, definition=definition, actor=Actor.system("tests"), reason="test", now=clock.now())
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


# -- Asking and deciding -----------------------------------------------------------------------------------------------


def submit(
    maker: User,
    *,
    door: int = 1,
    amount: str = "",
    of: User | None = None,
    key: str = "",
    now: datetime | None = None,
    reason: str = "opening hour",
) -> Outcome:
    """Ask for a door to be opened, which may lead to somebody's room."""
    order = Order(actor=maker.as_actor(), now=now or clock.now(), idempotency_key=key, reason=reason)
    payload = {"door": door, "amount": amount, "of": of and of.public_id}
    return operations.submit(OPEN_DOOR, payload, order)


def ask(maker: User, **wish: Any) -> ApprovalRequest:
    """Ask for a door to be opened, and return the request it waits in."""
    outcome = submit(maker, **wish)
    assert not outcome.done
    request: ApprovalRequest = outcome.request
    return request


def assigned(request: ApprovalRequest) -> list[User]:
    """Return who may decide a request by a right of their own, by employee number."""
    grants = ReviewGrant.objects.filter(content_object=request).order_by("user__employee_number")
    return [grant.user for grant in grants.select_related("user")]


def again(request: ApprovalRequest) -> ApprovalRequest:
    """Return a request as it is now."""
    return ApprovalRequest.objects.get(pk=request.pk)


def version_of(request: ApprovalRequest) -> RequestVersion:
    """Return the version that a request speaks of now."""
    request = again(request)
    return request.versions.get(number=request.version)


def seen(request: ApprovalRequest) -> Seen:
    """Return a request as a reviewer's page would show it: as the object has it, not as it is by now."""
    return Seen(request.pk, request.sight)


def fresh_code(person: User) -> str:
    """Return a code that is right now and unused; with a new phone, when this half minute's is used up already."""
    now = clock.now()
    device = OneTimeCodeDevice.objects.get(user=person)
    if device.last_step >= one_time_codes.step_at(now):
        device.delete()
        device = give_phone(person, now)
    return one_time_codes.code_at(secret_of(device), now)


def say(
    verdict: Verdict,
    request: ApprovalRequest,
    by: User,
    *,
    code: str | None = None,
    comment: str = "",
    now: datetime | None = None,
) -> Decided:
    """Decide a request as its object shows it. The code is the one the phone shows, used up already or not."""
    now = now or clock.now()
    answer = code_of(by, now) if code is None else code
    return decide(seen=seen(request), verdict=verdict, reviewer=by, code=answer, comment=comment, now=now)


def approve(request: ApprovalRequest, by: User | None = None) -> Decided:
    """Approve a request with a fresh code, as `by` or as the first of those assigned."""
    request = again(request)
    by = by or assigned(request)[0]
    return say(Verdict.APPROVE, request, by, code=fresh_code(by))


def reject(request: ApprovalRequest, by: User | None = None, comment: str = "wrong door") -> Decided:
    """Reject a request with a fresh code, as `by` or as the first of those assigned."""
    by = by or assigned(request)[0]
    return say(Verdict.REJECT, again(request), by, code=fresh_code(by), comment=comment)


def send_back(request: ApprovalRequest, by: User | None = None, comment: str = "which one?") -> Decided:
    """Return a request to its maker with a fresh code, as `by` or as the first of those assigned."""
    by = by or assigned(request)[0]
    return say(Verdict.RETURN, again(request), by, code=fresh_code(by), comment=comment)


def approve_all(request: ApprovalRequest) -> ApprovalRequest:
    """Let those assigned approve a request, stage by stage, and return it as it is then."""
    while again(request).state == "PENDING":
        approve(request)
    return again(request)


def granted(bank: Bank, door: int, to: User) -> ApprovalRequest:
    """Return a new request that `to` may decide, whomever the rotation asked."""
    request = ask(bank.maker, door=door)
    if to not in assigned(request):
        grant(request, to)
    return request


def grant(request: ApprovalRequest, to: User) -> ReviewGrant:
    """Give somebody the right to decide a request, past the service; the database looks whether they may have it."""
    permission = Permission.objects.get(codename="decide_request", content_type__app_label="approvals")
    given: ReviewGrant = ReviewGrant.objects.create(permission=permission, user=to, content_object=request)
    return given
