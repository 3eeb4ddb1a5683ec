"""Operations of other apps that are ordered from a case: each runs through its own gate, and the case keeps what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction

from bankops.core import operations
from bankops.core.operations import Order, Outcome
from bankops.core.texts import require_reason
from risk import errors, events
from risk.models import Case, CaseAction
from risk.services.cases import check_case_visible, check_open, tell
from staff.models import User


@transaction.atomic
def order_from_case(
    *, case_id: UUID, key: str, payload: Mapping[str, Any], about: tuple[str, str], order: Order, person: User
) -> Outcome:
    """Submit an operation from a case, and return where it stands. Writes `risk.case.operation_ordered`.

    Its reason begins with the case's reference. The case is not locked before: whoever decides about its closing holds the
    maker's turn first, and a submission takes that, too. The row that is written here sees that it is still open.

    :param about: public id of the record it is done to, and what people call it.
    :raises ReasonRequired: when the order says no reason.
    :raises UnknownCase, CaseClosed, CaseNotYours: when it is not an open one in this person's hands.
    :raises BankOpsError: whatever the operation refuses; nothing is kept of it then.
    """
    case = Case.objects.select_related("assignee").filter(pk=case_id).first()
    if case is None:
        raise errors.UnknownCase
    check_case_visible(case, person)
    check_open(case)
    if case.assignee_id != person.pk:
        raise errors.CaseNotYours(case=case.reference, name=case.assignee.full_name)
    said = f"{case.reference}: {require_reason(order.reason)}"
    outcome = operations.submit(key, payload, replace(order, reason=said))
    _keep(case, key, about, order, outcome)
    return outcome


def _keep(case: Case, key: str, about: tuple[str, str], order: Order, outcome: Outcome) -> None:
    """Write the line, once for one click."""
    _line, made = CaseAction.objects.get_or_create(
        case=case,
        operation=key,
        order_key=order.idempotency_key,
        defaults={
            "subject_id": about[0],
            "subject_label": about[1],
            "approval_request": outcome.request,
            "done": outcome.done,
            "ordered_at": order.now,
            "ordered_by_id": order.actor.id,
            "ordered_by_name": order.actor.name,
        },
    )
    if made:
        tell(
            events.CASE_ACTION,
            case,
            actor=order.actor,
            now=order.now,
            reason=order.reason,
            detail={"operation": key, "record": about[0], "done": outcome.done},
        )
