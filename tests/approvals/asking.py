"""Requests to look after in tests: somebody is to be given a role, and no policy says more than the bank's strict default."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import Group

from approvals.models import ApprovalRequest, ReviewGrant
from bankops.core import clock, operations
from staff.models import User
from staff.roles import Role


def ask_for_role(maker: User, user: User, role: Role = Role.TELLER, now: datetime | None = None) -> ApprovalRequest:
    """Submit it through the real gate and return the request it waits in: first review, then final review, 24 hours."""
    order = operations.Order(actor=maker.as_actor(), now=now or clock.now(), reason="hired for the counter")
    outcome = operations.submit("staff.grant_role", {"user": user.public_id, "role": role.value}, order)
    assert isinstance(outcome.request, ApprovalRequest)
    return outcome.request


def take_role(user: User, role: Role) -> None:
    """Take a role away as its service does at the end, without the consent that it needs before."""
    user.groups.remove(Group.objects.get(name=role.value))


def asked(request: ApprovalRequest) -> set[str]:
    """Return the names of those who have the right to decide."""
    names = ReviewGrant.objects.filter(content_object=request).values_list("user__full_name", flat=True)
    return set(names)
