"""Who may read what a request is about, and which requests are about a record."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from approvals.models import OPEN, ApprovalRequest, Assignment, Decision, RequestConcern
from bankops.core import operations
from staff.models import User

VIEW_PAYLOAD = "approvals.view_payload"
PERSON = "user"
"""What the audit trail calls a member of staff."""

# What the people somebody stands in for at present are asked to decide, where the policy lets them.
_STOOD_IN_FOR = """
    SELECT g.content_object_id FROM approvals_reviewgrant g
      JOIN approvals_approvalrequest r ON r.id = g.content_object_id
      JOIN approvals_requestversion v ON v.request_id = r.id AND v.number = r.version
     WHERE g.user_id IN (SELECT approvals_stands_in_for(%s)) AND (v.chain ->> 'stand_ins')::boolean
"""


def readable_by(person: User) -> Q:
    """Return the condition for requests whose payload somebody may read.

    Its maker, whoever is or was asked to decide it, whoever decided it, whoever stands in now for somebody asked; and
    the holders of `approvals.view_payload`, all of them.
    """
    return Q() if person.has_perm(VIEW_PAYLOAD) else _with_a_part_for(person)


def readable_ids(requests: Iterable[ApprovalRequest], person: User) -> set[UUID]:
    """Return which of `requests` somebody may read, in one query."""
    chosen = ApprovalRequest.objects.filter(pk__in=[request.pk for request in requests])
    return set(chosen.filter(readable_by(person)).values_list("pk", flat=True))


def may_read(request: ApprovalRequest, person: User) -> bool:
    """Tell whether somebody may read what a request is about."""
    return request.pk in readable_ids([request], person)


def takes_part(request: ApprovalRequest, person: User) -> bool:
    """Tell whether somebody made a request, or was asked about it: who only looks on does not join in."""
    return ApprovalRequest.objects.filter(_with_a_part_for(person), pk=request.pk).exists()


def open_about(subject_type: str, subject_id: str) -> QuerySet[ApprovalRequest]:
    """Return the undecided requests that are about a record, the next to expire first."""
    concerned = ApprovalRequest.objects.filter(concerns__subject_type=subject_type, concerns__subject_id=subject_id)
    return concerned.filter(state__in=OPEN).order_by("expires_at", "id")


def open_as_shown_to(person: User, subject_type: str, subject_id: str) -> QuerySet[ApprovalRequest]:
    """Return those of `open_about` that a record's page shows to somebody.

    A person's page does not say that something discreet is decided about them.
    """
    requests = open_about(subject_type, subject_id)
    if subject_type != PERSON or person.has_perm(VIEW_PAYLOAD):
        return requests
    return requests.filter(~Q(operation__in=operations.told_to_few()) | readable_by(person))


def open_for(operation: str, subject_type: str, subject_ids: Iterable[str]) -> dict[str, ApprovalRequest]:
    """Return the undecided requests for an operation on some records, by the record's public id; one query."""
    concerns = RequestConcern.objects.filter(subject_type=subject_type, subject_id__in=list(subject_ids))
    undecided = concerns.filter(request__operation=operation, request__state__in=OPEN).select_related("request")
    return {concern.subject_id: concern.request for concern in undecided}


def _with_a_part_for(person: User) -> Q:
    asked = Assignment.objects.filter(request=OuterRef("pk"), reviewer=person)
    decided = Decision.objects.filter(request=OuterRef("pk"), reviewer=person)
    stands_in = RawSQL(_STOOD_IN_FOR, [person.pk])  # noqa: S611  # a constant, with its parameter apart
    return Q(maker_user=person) | Q(Exists(asked)) | Q(Exists(decided)) | Q(pk__in=stands_in)
