"""Which alerts, cases and assessed movements somebody may see: of their branch or of all. A case is seen by those who may see all
of its alerts.

That one names a confidential account hides neither alert nor case: whoever pays into such an account would be hidden with it from
everybody without a grant. What they read of the account is another question: `risk.confidential`.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import ALL_BRANCHES, Person, may_see
from risk.facts import Facts
from risk.models import Alert, Case
from risk.selectors.patterns import accounts_of
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


def sees_movement(person: Person, facts: Facts) -> bool:
    """Tell whether somebody may see what is known of a movement: of one of its customers' accounts at least, and of every one
    that is confidential. What concerns no customer's account here is seen by everybody who may ask.
    """
    return sees_between(person, [side.account or "" for side in (facts.payer, facts.payee) if side.ours])


def sees_between(person: Person, sides: Iterable[str]) -> bool:
    """Tell the same of a movement between these sides, as movements name them; what is no account of ours does not count."""
    accounts = [one for one in accounts_of(sides).values() if one.is_customer_account]
    seen = [one for one in accounts if may_see(person, one)]
    return not accounts or (bool(seen) and all(one in seen for one in accounts if one.is_confidential))


def _in_scope(person: User) -> Q:
    if person.has_perm(ALL_BRANCHES):
        return Q()
    return Q(branch=person.branch_id) if person.branch_id else Q(pk__in=[])
