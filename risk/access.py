"""Which alerts, cases and assessed movements somebody may see: of their branch or of all, and none that names a confidential
account not granted to them. A case is seen by those who may see all of its alerts.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import ALL_BRANCHES, Person, granted_to, may_see
from accounts.models import Account
from bankops.core import ids
from bankops.core.errors import InvalidId
from risk.facts import Facts, Party
from risk.models import Alert, AlertAccount, Case
from staff.models import User


def visible_alerts(person: Person, among: QuerySet[Alert] | None = None) -> QuerySet[Alert]:
    """Return the alerts of `among` (default: all) that somebody may see; one query for their grants at most."""
    alerts = Alert.objects.all() if among is None else among
    if not isinstance(person, User):
        return alerts.none()
    return alerts.filter(_in_scope(person), ~Exists(_hidden(person).filter(alert=OuterRef("pk"))))


def visible_cases(person: Person, among: QuerySet[Case] | None = None) -> QuerySet[Case]:
    """Return the cases of `among` (default: all) that somebody may see; one query for their grants at most."""
    cases = Case.objects.all() if among is None else among
    if not isinstance(person, User):
        return cases.none()
    return cases.filter(_in_scope(person), ~Exists(_hidden(person).filter(alert__case=OuterRef("pk"))))


def sees_movement(person: Person, facts: Facts) -> bool:
    """Tell whether somebody may see what is known of a movement: of one of its customers' accounts at least, and of every one
    that is confidential. What concerns no customer's account here is seen by everybody who may ask.
    """
    keys = {key for side in (facts.payer, facts.payee) if (key := _account_key(side))}
    accounts = [one for one in Account.objects.filter(pk__in=keys) if one.is_customer_account]
    seen = [one for one in accounts if may_see(person, one)]
    return not accounts or (bool(seen) and all(one in seen for one in accounts if one.is_confidential))


def _account_key(side: Party) -> UUID | None:
    """Return the key of an account of ours; None for another bank's."""
    try:
        return ids.decode(Account.ID_PREFIX, side.account or "") if side.ours else None
    except InvalidId:
        return None


def _in_scope(person: User) -> Q:
    if person.has_perm(ALL_BRANCHES):
        return Q()
    return Q(branch=person.branch_id) if person.branch_id else Q(pk__in=[])


def _hidden(person: User) -> QuerySet[AlertAccount]:
    """Return the alerts' accounts that are confidential and not this person's to see."""
    return AlertAccount.objects.filter(account__is_confidential=True).exclude(account__in=granted_to(person))
