"""Who is asked to decide: rotation over the duty roster, and a supervisor's hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from approvals import errors, events, locks, notice_kinds
from approvals.eligibility import exclusions, refusal_by
from approvals.models import ApprovalRequest, Assignment, RequestVersion, ReviewGrant, State
from approvals.services.notices import tell
from bankops.core import audit, outbox
from bankops.core.actor import Actor
from bankops.core.db import prepared, transaction_required
from bankops.core.models import AuditEvent
from bankops.core.texts import require_reason
from staff.models import User
from staff.roles import Role
from staff.selectors import active_holders

ROTATION = Actor.system("rotation")

# On duty first, then those who are not away, then whoever was asked least recently. Nobody on duty leaves all the others.
# Whether the rules exclude somebody takes several queries, so they are asked in turn, until enough are found.
_CANDIDATES = """
    WITH in_turn AS MATERIALIZED (
        SELECT u.id, u.full_name
          FROM staff_user u
          JOIN staff_user_groups m ON m.user_id = u.id
          JOIN auth_group g ON g.id = m.group_id AND g.name = %(role)s
          LEFT JOIN LATERAL (SELECT a.assigned_at, a.id FROM approvals_assignment a WHERE a.reviewer_id = u.id
                              ORDER BY a.assigned_at DESC, a.id DESC LIMIT 1) last ON true
         WHERE u.is_active
           AND NOT EXISTS (SELECT FROM approvals_reviewgrant h WHERE h.content_object_id = %(request)s AND h.user_id = u.id)
         -- Who was asked when the maker asked for the very same before, and withdrew it: nobody shops for reviewers.
         ORDER BY u.id IN (SELECT a.reviewer_id
                             FROM approvals_approvalrequest r
                             JOIN approvals_approvalrequest w
                                  ON w.maker_id = r.maker_id AND w.created_at > r.created_at - interval '1 day'
                                     AND w.state = 'WITHDRAWN' AND w.content_hash = r.content_hash
                             JOIN approvals_assignment a ON a.request_id = w.id
                            WHERE r.id = %(request)s) DESC,
                  EXISTS (SELECT FROM approvals_duty d
                           WHERE d.user_id = u.id AND d.role = %(role)s AND d.since <= %(today)s
                             AND (d.until IS NULL OR %(today)s <= d.until)
                             AND strpos(d.weekdays, extract(isodow FROM %(today)s::date)::text) > 0) DESC,
                  EXISTS (SELECT FROM approvals_standin s
                           WHERE s.absent_id = u.id AND s.ended_at IS NULL AND s.starts_at <= now() AND now() < s.ends_at),
                  last.assigned_at NULLS FIRST, last.id, u.employee_number)
    SELECT u.id, u.full_name
      FROM in_turn u
     WHERE (SELECT approvals_exclusion(r, v.chain, u.id) FROM approvals_approvalrequest r
              JOIN approvals_requestversion v ON v.request_id = r.id AND v.number = r.version
             WHERE r.id = %(request)s) IS NULL
     LIMIT greatest(%(wanted)s - (SELECT count(*) FROM approvals_reviewgrant h WHERE h.content_object_id = %(request)s), 0)
"""

# The right to decide and the record that they were asked, in the order of `people`.
_ASK = """
    WITH asked AS (
        SELECT person FROM unnest(%(people)s::uuid[]) WITH ORDINALITY AS p (person, turn) ORDER BY turn),
    granted AS (
        INSERT INTO approvals_reviewgrant (permission_id, user_id, content_object_id)
        SELECT p.id, person, %(request)s
          FROM asked, auth_permission p JOIN django_content_type c ON c.id = p.content_type_id
         WHERE p.codename = 'decide_request' AND c.app_label = 'approvals'
        RETURNING user_id),
    assigned AS (
        INSERT INTO approvals_assignment (request_id, version, stage, reviewer_id, assigned_at, assigned_by_id, reason)
        SELECT %(request)s, %(version)s, %(stage)s, person, %(now)s, %(by)s::uuid, %(reason)s FROM asked)
    SELECT count(*) FROM granted
"""


class Candidate(NamedTuple):
    """Somebody who may be asked to decide."""

    pk: UUID
    full_name: str


@transaction_required
def assign_stage(
    request: ApprovalRequest, version: RequestVersion, *, now: datetime, business_date: date
) -> list[Candidate]:
    """Ask reviewers to decide the present stage, as many as the chain says beyond those asked already; return the new ones.

    Writes `approvals.request.assigned`; when nobody may be asked at all, `approvals.request.unassignable` and a notice to the
    administrators. The request waits then: the sweep tries again.
    """
    stage = version.chain["stages"][request.stage - 1]
    chosen = _candidates(request, stage["role"], stage["assigned"], business_date)
    if chosen:
        _ask(request, [person.pk for person in chosen], now=now)
        detail = {"stage": request.stage, "role": stage["role"], "reviewers": [person.full_name for person in chosen]}
        audit.record(
            events.ASSIGNED,
            actor=ROTATION,
            subject=request.subject(),
            now=now,
            detail=detail,
            approval_request_id=request.public_id,
        )
    elif not ReviewGrant.objects.filter(content_object=request).exists():
        _nobody(request, now)
    return chosen


@transaction.atomic
def reassign_request(
    *, request_id: UUID, to: User, instead_of: User | None, supervisor: User, reason: str, now: datetime
) -> Assignment:
    """Ask somebody else to decide, in addition or instead of one who was asked. Writes `approvals.request.reassigned`.

    :raises ReasonRequired: without a reason.
    :raises CannotReassignOwn: by the maker of the request.
    :raises RequestNotPending, RequestExpired: when there is nothing to decide.
    :raises AssignedAlready: when they were asked already.
    :raises OwnRequest, WrongRole, RoleExcluded, DecidedAlready, PairTooOften, ReviewerDisabled: whom the rules exclude
        stays excluded, whoever assigns.
    :raises NotAssigned: when `instead_of` was not asked.
    """
    reason = require_reason(reason)
    request = locks.request_for_update(request_id)
    _refuse_reassigning(request, to, supervisor, now)
    if instead_of is not None and not end_grants(request, [instead_of.pk], now=now):
        raise errors.NotAssigned(reference=request.reference, name=instead_of.full_name, who="—")
    _ask(request, [to.pk], now=now, by=supervisor, reason=reason)
    changes = {"reviewer": (instead_of.full_name if instead_of else None, to.full_name)}
    audit.record(
        events.REASSIGNED,
        actor=supervisor.as_actor(),
        subject=request.subject(),
        now=now,
        reason=reason,
        changes=changes,
        approval_request_id=request.public_id,
    )
    return request.assignments.get(reviewer=to, ended_at__isnull=True)


@transaction_required
def end_grants(request: ApprovalRequest, people: Iterable[UUID] | None = None, *, now: datetime) -> int:
    """Take the right to decide from `people` (default: everybody who has it); return from how many."""
    grants = ReviewGrant.objects.filter(content_object=request)
    open_assignments = request.assignments.filter(ended_at__isnull=True)
    if people is not None:
        chosen = list(people)
        grants, open_assignments = grants.filter(user__in=chosen), open_assignments.filter(reviewer__in=chosen)
    open_assignments.update(ended_at=now)
    return grants.delete()[0]


def _refuse_reassigning(request: ApprovalRequest, to: User, supervisor: User, now: datetime) -> None:
    if request.maker_user_id == supervisor.pk or request.concerns.filter(person=supervisor).exists():
        raise errors.CannotReassignOwn(reference=request.reference)
    if request.state != State.PENDING:
        raise errors.RequestNotPending(reference=request.reference, state=State(request.state).label)
    if now >= request.expires_at:
        raise errors.RequestExpired(reference=request.reference)
    if code := exclusions(request, [to.pk]).get(to.pk):
        raise refusal_by(code, request, to)
    if ReviewGrant.objects.filter(content_object=request, user=to).exists():
        raise errors.AssignedAlready(reference=request.reference, name=to.full_name)


def _candidates(request: ApprovalRequest, role: str, wanted: int, today: date) -> list[Candidate]:
    """Return whom to ask, so that `wanted` are asked with those who were before, in the order of the rotation.

    Of two asked at the same moment the first is asked again first.
    """
    asked = {"role": role, "request": request.pk, "today": today, "wanted": wanted}
    return [Candidate(*row) for row in prepared(_CANDIDATES, asked)]


def _ask(
    request: ApprovalRequest, people: Sequence[UUID], *, now: datetime, by: User | None = None, reason: str = ""
) -> None:
    """Ask `people` to decide the present stage and tell them: of all submissions, this is what takes longest."""
    asked = {
        "request": request.pk,
        "people": list(people),
        "version": request.version,
        "stage": request.stage,
        "now": now,
        "by": by and by.pk,
        "reason": reason,
    }
    ((granted,),) = prepared(_ASK, asked)
    assert granted == len(people)  # the permission is there
    tell(people, notice_kinds.ASSIGNED, request, now=now)


def _nobody(request: ApprovalRequest, now: datetime) -> None:
    """Say once for each version and stage that nobody may be asked, however often the sweep comes by."""
    where = {"version": request.version, "stage": request.stage, "role": request.stage_role}
    subject = request.subject()
    said = AuditEvent.objects.filter(subject_type=subject.type, subject_id=subject.id)
    if said.filter(event_type=events.UNASSIGNABLE.name, detail=where).exists():
        return
    audit.record(
        events.UNASSIGNABLE,
        actor=ROTATION,
        subject=subject,
        now=now,
        detail=where,
        approval_request_id=request.public_id,
    )
    outbox.announce(events.UNASSIGNABLE.name, subject_id=request.public_id, payload=where, now=now)
    tell(active_holders(Role.ADMINISTRATOR).values_list("pk", flat=True), notice_kinds.NOBODY, request, now=now)
