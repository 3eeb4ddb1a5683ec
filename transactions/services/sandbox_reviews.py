"""Reviews in the sandbox, where nobody sits: partners' payments of some amounts are approved or rejected by themselves.

The reviewers are the sandbox's own staff, and decide with the codes that their phones would show, so everything that holds
for a decision holds for these. Live books know none of it (`bankops.core.sandbox`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings

from approvals.eligibility import deciders
from approvals.models import ApprovalRequest, State, Verdict
from approvals.services import Seen, decide
from bankops.core import sandbox
from bankops.core.errors import BankOpsError
from bankops.core.money import Money
from partners.models import Installation
from staff import one_time_codes
from staff.models import OneTimeCodeDevice
from staff.services.second_factor import secret_of

logger = logging.getLogger(__name__)
_VERDICTS = {sandbox.APPROVED: Verdict.APPROVE, sandbox.REJECTED: Verdict.REJECT}
_AFTER = timedelta(seconds=2)  # so that whoever asked sees it wait first
_COMMENT = "Decided by the sandbox: the amount stands for it"


def decide_in_sandbox(*, now: datetime) -> int:
    """Take the next decision on every partner's payment whose amount stands for one; return how many were taken.

    Not to be called inside a transaction. Nothing is decided in live books, nor by a reviewer whose code of the moment is
    used up: the next run is soon.
    """
    if not sandbox.is_on() or not Installation.objects.filter(is_sandbox=True).exists():
        return 0
    return sum(_decided(request, verdict, now) for request, verdict in _waiting(now))


def _waiting(now: datetime) -> Iterator[tuple[ApprovalRequest, Verdict]]:
    currency = settings.BANKOPS_BASE_CURRENCY
    for amount, verdict in _VERDICTS.items():
        rows = ApprovalRequest.objects.filter(
            state=State.PENDING,
            channel="partner",
            amount=Money.parse(amount, currency).minor,
            currency=currency,
            created_at__lte=now - _AFTER,
        )
        yield from ((request, verdict) for request in rows.order_by("created_at")[:50])


def _decided(request: ApprovalRequest, verdict: Verdict, now: datetime) -> bool:
    able = OneTimeCodeDevice.objects.filter(
        user__in=deciders(request, now=now), confirmed=True, last_step__lt=one_time_codes.step_at(now)
    )
    device = able.select_related("user").order_by("last_step").first()
    if device is None:
        return False
    code = one_time_codes.code_at(secret_of(device), now)
    try:
        seen = Seen(request.pk, request.sight)
        decide(seen=seen, verdict=verdict, reviewer=device.user, code=code, comment=_COMMENT, now=now)
    except BankOpsError:
        logger.warning("sandbox_decision_refused", extra={"request": request.reference}, exc_info=True)
        return False
    return True
