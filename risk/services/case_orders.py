"""Operations of other apps that are ordered from a case: each runs through its own gate, and the case keeps what was asked.

What the other app records is read on the account's and the customer's page by whoever talks to them. So it is told nothing of the
case and none of the analyst's words: those stay with the case (tipping off: People's Republic of China, Anti-Money Laundering
Law, article 54; 31 U.S.C. 5318(g)(2)). Reviewers of the request who may see the case find it there (`risk.admin.case_behind`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bankops.core import operations
from bankops.core.operations import Order, Outcome
from bankops.core.texts import require_reason
from risk import errors, events
from risk.models import Case, CaseAction, CaseState
from risk.services.cases import check_case_visible, check_open, tell
from staff.models import User


@transaction.atomic
def order_from_case(
    *, case_id: UUID, key: str, payload: Mapping[str, Any], about: tuple[str, str], order: Order, person: User
) -> Outcome:
    """Submit an operation from a case, and return where it stands. Writes `risk.case.operation_ordered`.

    The operation is given a reason that says nothing; the order's is kept with the case. The case is not locked before: whoever
    decides about its closing holds the maker's turn first, and a submission takes that, too. The row that is written here sees
    that it is still open.

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
    order = replace(order, reason=require_reason(order.reason))
    outcome = operations.submit(key, payload, replace(order, reason=said_elsewhere()))
    _keep(case, key, about, order, outcome)
    return outcome


def said_elsewhere() -> str:
    """Return the reason that other apps are given."""
    return _("By decision of the bank.")


def _keep(case: Case, key: str, about: tuple[str, str], order: Order, outcome: Outcome) -> None:
    """Write the line, once for one click.

    :raises CaseClosed: when the case was closed meanwhile (`case_is_open`).
    """
    try:
        with transaction.atomic():
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
                    "reason": order.reason,
                },
            )
    except IntegrityError as refused:
        if Case.objects.filter(pk=case.pk, state=CaseState.CLOSED).exists():
            raise errors.CaseClosed(case=case.reference) from refused
        raise
    if made:
        tell(
            events.CASE_ACTION,
            case,
            actor=order.actor,
            now=order.now,
            reason=order.reason,
            detail={"operation": key, "record": about[0], "done": outcome.done},
        )
