"""Approval requests for tests of what waits in one; how requests are really made and decided is tests/approvals' business."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from django.db import transaction

from approvals.models import ApprovalRequest, RequestVersion, State
from approvals.policies.chain import Chain, Stage
from bankops.core import clock
from bankops.core.money import Money
from staff.roles import Role
from tests.accounts.factories import TANG_LING
from tests.transactions.raw_books import execute
from tests.unchanged import check_deferred

_serial = count(1)
_CHAIN = Chain(
    stages=(Stage(role=Role.FIRST_REVIEWER.value, quorum=1, one_time_code=True, assigned=1),),
    expires_after_minutes=24 * 60,
    pair_limit=3,
    stand_ins=True,
)


@transaction.atomic
def make_request(amount: Money, operation: str = "transactions.transfer") -> ApprovalRequest:
    """Write a request with one stage, undecided."""
    now, number = clock.now(), next(_serial)
    expires_at, content_hash = now + timedelta(days=1), number.to_bytes(32, "big")
    request = ApprovalRequest.objects.create(
        reference=f"AP-TEST-{number:06d}",
        operation=operation,
        amount=amount.minor,
        currency=amount.currency,
        content_hash=content_hash,
        stage_count=1,
        stage_role=Role.FIRST_REVIEWER.value,
        channel="staff",
        maker_kind=TANG_LING.kind,
        maker_id=TANG_LING.id,
        maker_name=TANG_LING.name,
        created_at=now,
        expires_at=expires_at,
    )
    RequestVersion.objects.create(
        request=request,
        number=1,
        operation_version=1,
        payload={},
        content_hash=content_hash,
        description={},
        facts={},
        fired=[],
        chain=_CHAIN.to_json(),
        preconditions={},
        made_at=now,
        expires_at=expires_at,
    )
    return request


@transaction.atomic
def allow(request: ApprovalRequest) -> None:
    """Bring a request where its reviewers would, without them: with the guards asleep."""
    check_deferred()
    execute("SET LOCAL session_replication_role = replica")
    execute("UPDATE approvals_approvalrequest SET state = %s WHERE id = %s", State.APPROVED, request.pk)
    execute("SET LOCAL session_replication_role = DEFAULT")


def finish(request: ApprovalRequest, state: State = State.EXECUTED) -> None:
    """End a request as the gate does once it is carried out, or as its maker does who withdraws it."""
    execute("UPDATE approvals_approvalrequest SET state = %s, closed_at = now() WHERE id = %s", state, request.pk)
