"""Which alerts somebody may see: of their branch or of all, and none that names a confidential account not granted to them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import ALL_BRANCHES, Person, granted_to
from risk.models import Alert, AlertAccount
from staff.models import User


def visible_alerts(person: Person, among: QuerySet[Alert] | None = None) -> QuerySet[Alert]:
    """Return the alerts of `among` (default: all) that somebody may see; one query for their grants at most."""
    alerts = Alert.objects.all() if among is None else among
    if not isinstance(person, User):
        return alerts.none()
    return alerts.filter(_in_scope(person), ~Exists(_hidden(person).filter(alert=OuterRef("pk"))))


def _in_scope(person: User) -> Q:
    if person.has_perm(ALL_BRANCHES):
        return Q()
    return Q(branch=person.branch_id) if person.branch_id else Q(pk__in=[])


def _hidden(person: User) -> QuerySet[AlertAccount]:
    """Return the alerts' accounts that are confidential and not this person's to see."""
    return AlertAccount.objects.filter(account__is_confidential=True).exclude(account__in=granted_to(person))
