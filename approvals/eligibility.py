"""Who may decide a request, and why others may not.

The rules stand once, in the database (`approvals_exclusion`, `migrations/request_guards.sql`), where the guards of
decisions and grants use them too. Here they get their words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from approvals import errors
from approvals.models import ApprovalRequest, ReviewGrant, State
from bankops.core.db import prepared
from bankops.core.errors import BankOpsError
from staff.models import User
from staff.roles import Role

_BY_CODE: Mapping[str, type[BankOpsError]] = {
    refusal.code: refusal
    for refusal in (
        errors.OwnRequest,
        errors.ConcernsReviewer,
        errors.ReviewerDisabled,
        errors.WrongRole,
        errors.RoleExcluded,
        errors.DecidedAlready,
        errors.PairTooOften,
        errors.NotAssigned,
        errors.StandInNotAllowed,
        errors.NotAStandIn,
        errors.RequestNotPending,
        errors.RequestExpired,
        errors.RequestChanged,
        errors.StageNotOpen,
        errors.CodeRequired,
        errors.CodeForSomethingElse,
        errors.CodeTooOld,
    )
}


@dataclass(frozen=True, slots=True)
class Authority:
    """Whether somebody may decide a request now: `refusal` says why not, `in_place_of` whose place they take."""

    refusal: BankOpsError | None
    in_place_of: User | None = None


def authority(request: ApprovalRequest, reviewer: User, *, now: datetime) -> Authority:
    """Look whether somebody may decide a request at `now`: the state of things, the person, their grant, in this order."""
    if refusal := _closed(request, now):
        return Authority(refusal)
    code, is_assigned = _standing(request, reviewer)
    if code:
        return Authority(refusal_by(code, request, reviewer))
    return Authority(None) if is_assigned else _as_stand_in(request, reviewer)


def exclusions(request: ApprovalRequest, people: Iterable[UUID]) -> dict[UUID, str]:
    """Return the code why, for each of `people` who may not decide the request's present stage, whoever assigns them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, approvals_exclusion(r, v.chain, p.id) FROM approvals_approvalrequest r"
            " JOIN approvals_requestversion v ON v.request_id = r.id AND v.number = r.version"
            " CROSS JOIN unnest(%s::uuid[]) p (id) WHERE r.id = %s",
            [list(people), request.pk],
        )
        return {person: code for person, code in cursor.fetchall() if code}


def deciders(request: ApprovalRequest, *, now: datetime) -> list[User]:
    """Return who may decide a request now, by name: those assigned and those who stand in for them."""
    if _closed(request, now):
        return []
    assigned = ReviewGrant.objects.filter(content_object=request).values_list("user_id", flat=True)
    people = {*assigned, *_standing_in_for(assigned)} - {request.maker_user_id}
    found = User.objects.filter(pk__in=people).order_by("full_name")
    return [person for person in found if authority(request, person, now=now).refusal is None]


def refusal_by(code: str, request: ApprovalRequest, person: User) -> BankOpsError:
    """Return the refusal for a code of the database's guards, in words about this request and person.

    :raises KeyError: when the guards say something nobody has words for.
    """
    return _BY_CODE[code](
        reference=request.reference,
        name=person.full_name,
        maker=request.maker_name,
        role=Role(request.stage_role).label,
        state=State(request.state).label,
        who=_names(request),
    )


def _standing(request: ApprovalRequest, reviewer: User) -> tuple[str | None, bool]:
    """Return why somebody is excluded from the present stage, if they are, and whether they were asked to decide it."""
    ((code, is_assigned),) = prepared(
        "SELECT approvals_exclusion(r, v.chain, %(person)s), EXISTS (SELECT FROM approvals_reviewgrant g"
        " WHERE g.content_object_id = r.id AND g.user_id = %(person)s) FROM approvals_approvalrequest r"
        " JOIN approvals_requestversion v ON v.request_id = r.id AND v.number = r.version WHERE r.id = %(request)s",
        {"person": reviewer.pk, "request": request.pk},
    )
    return code, is_assigned


def _closed(request: ApprovalRequest, now: datetime) -> BankOpsError | None:
    if request.state != State.PENDING:
        return errors.RequestNotPending(reference=request.reference, state=State(request.state).label)
    if now >= request.expires_at:
        return errors.RequestExpired(reference=request.reference)
    return None


def _as_stand_in(request: ApprovalRequest, reviewer: User) -> Authority:
    holders = set(ReviewGrant.objects.filter(content_object=request).values_list("user_id", flat=True))
    absent = [person for person in _stands_in_for(reviewer, request) if person in holders]
    if not absent:
        return Authority(refusal_by(errors.NotAssigned.code, request, reviewer))
    if not request.versions.get(number=request.version).chain["stand_ins"]:
        return Authority(refusal_by(errors.StandInNotAllowed.code, request, reviewer))
    excluded = exclusions(request, absent)
    for person in User.objects.filter(pk__in=absent).order_by("employee_number"):
        if excluded.get(person.pk) in (None, errors.PairTooOften.code):
            return Authority(None, in_place_of=person)
    return Authority(refusal_by(next(iter(excluded.values())), request, reviewer))


def _stands_in_for(reviewer: User, request: ApprovalRequest) -> list[UUID]:
    """Return whom somebody stands in for at this moment, through chains too, as far as a request is concerned.

    Whoever made it, or whom it is about, has no say in who decides it: arrangements they named do not count.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT approvals_stands_in_for(%s, approvals_interested(r)) FROM approvals_approvalrequest r WHERE r.id = %s",
            [reviewer.pk, request.pk],
        )
        return [person for (person,) in cursor.fetchall()]


def _standing_in_for(people: Iterable[UUID]) -> list[UUID]:
    """Return who stands in for any of `people` at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT s.stand_in_id FROM approvals_standin s"
            " WHERE s.ended_at IS NULL AND s.starts_at <= now() AND now() < s.ends_at"
            " AND EXISTS (SELECT FROM approvals_stands_in_for(s.stand_in_id) a (id) WHERE a.id = ANY (%s::uuid[]))",
            [list(people)],
        )
        return [person for (person,) in cursor.fetchall()]


def _names(request: ApprovalRequest) -> str:
    holders = User.objects.filter(review_grants__content_object=request).order_by("full_name")
    return ", ".join(person.full_name for person in holders) or "—"
