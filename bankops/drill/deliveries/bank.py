"""Partners and their endpoints in a database that is thrown away, and what is announced to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.management import call_command
from django.db import transaction

from bankops.core import clock, ids, outbox
from bankops.core.actor import Actor
from bankops.drill import systems
from bankops.drill.deliveries import plan
from bankops.drill.deliveries.plan import Planned
from notifications import event_types
from notifications.models import Endpoint, EndpointHealth, EndpointSecret, EndpointState
from partners.models import Partner
from staff.models import User
from staff.roles import Role
from staff.services import hire_user, open_branch

_ACTOR, _REASON = Actor.system("drill"), "drill"
_TOPIC = "transactions.transfer.posted"
_TIMEOUT_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Announced:
    """An event that was announced; `number` counts those of the drill."""

    number: int
    phase: str
    partner: int
    event_id: str
    subject: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Placed:
    """An endpoint as it stands in the database."""

    planned: Planned
    key: UUID
    added_at: datetime


class Bank:
    """The partners of a drill, in a migrated, empty database."""

    def __init__(self, *, partners: int, secret: str) -> None:
        """Found it; every endpoint will have the same secret."""
        call_command("sync_roles", verbosity=0)
        now = clock.now()
        branch = open_branch(code="001", name="Drill", actor=_ACTOR, reason=_REASON, now=now)
        self._secret, self._operator = secret, _operator(branch, now)
        self._partners = [systems.partner_that_waits(now=now) for _number in range(partners)]
        self._announced = 0

    def place(self, planned: Sequence[Planned], *, addresses: Sequence[str]) -> list[Placed]:
        """Write endpoints, as if they had been agreed to, and return them."""
        now = clock.now()
        with systems.guards_asleep(Endpoint, EndpointSecret):
            return [self._placed(each, url, now) for each, url in zip(planned, addresses, strict=True)]

    def announce(self, phase: str) -> Announced:
        """Announce the next event in a transaction of its own."""
        number, self._announced = self._announced, self._announced + 1
        partner, subject = plan.subject(number, partners=len(self._partners))
        now = clock.now()
        with transaction.atomic():
            message = outbox.announce(
                _TOPIC,
                subject_id=subject,
                payload=event_types.declared()[_TOPIC].example(),
                now=now,
                audience=self._partners[partner].public_id,
            )
        message.refresh_from_db(fields=["event_id"])  # which the database drew
        event_id = ids.encode(message.ID_PREFIX, message.event_id)
        return Announced(number, phase, partner, event_id, subject, now)

    def _placed(self, planned: Planned, url: str, now: datetime) -> Placed:
        partner: Partner = self._partners[planned.partner]
        agreed = ids.uuid7()
        endpoint = Endpoint.objects.create(
            partner=partner,
            url=url,
            state=EndpointState.ENABLED,
            waits=plan.WAITS,
            timeout_seconds=_TIMEOUT_SECONDS,
            added_at=now,
            approval_request_id=agreed,
            terms_request_id=agreed,
        )
        EndpointHealth.objects.create(endpoint=endpoint)
        EndpointSecret.objects.create(
            endpoint=endpoint,
            secret=self._secret,
            hint=self._secret[-4:],
            valid_from=now,
            picked_up_by=self._operator,
            approval_request_id=ids.uuid7(),
        )
        return Placed(planned, endpoint.pk, now)


def _operator(branch: object, now: datetime) -> User:
    return hire_user(
        employee_number="DRILL1",
        full_name="Drill Operator",
        branch=branch,  # type: ignore[arg-type]
        roles=[Role.OPERATOR],
        actor=_ACTOR,
        reason=_REASON,
        now=now,
    ).user
