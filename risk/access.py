"""Which alerts and cases somebody may see: of their branch or of all. A case is seen by those who may see all of its alerts.

That one names a confidential account hides neither: whoever pays into such an account would be hidden with it from everybody
without a grant. What they read of the account is another question: `risk.confidential`.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import ALL_BRANCHES, Person
from risk.models import Alert, Case
from staff.models import User


def visible_alerts(person: Person, among: QuerySet[Alert] | None = None) -> QuerySet[Alert]:
    """Return the alerts of `among` (default: all) that somebody may see."""
    alerts = Alert.objects.all() if among is None else among
    return alerts.filter(_in_scope(person)) if isinstance(person, User) else alerts.none()


def visible_cases(person: Person, among: QuerySet[Case] | None = None) -> QuerySet[Case]:
    """Return the cases of `among` (default: all) that somebody may see."""
    cases = Case.objects.all() if among is None else among
    if not isinstance(person, User):
        return cases.none()
    if person.has_perm(ALL_BRANCHES):
        return cases
    strange = Alert.objects.filter(case=OuterRef("pk")).exclude(_in_scope(person))
    return cases.filter(_in_scope(person), ~Exists(strange))


def _in_scope(person: User) -> Q:
    if person.has_perm(ALL_BRANCHES):
        return Q()
    return Q(branch=person.branch_id) if person.branch_id else Q(pk__in=[])
