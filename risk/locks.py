"""Row locks of this app, after everything of the apps below: a case before its alerts, those in the order of their keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from bankops.core.db import busy_is_an_answer, prepared, transaction_required
from risk.errors import UnknownAlert, UnknownCase
from risk.models import (
    Alert,
    Case,
    ListEdition,
    OwnListMember,
    Rule,
    RuleSetVersion,
    ScoreModelVersion,
    ScreeningHit,
    ScreeningState,
    WatchList,
)
from staff.models import User

# Whatever somebody else is just taking is passed over, so that two who ask at once get two alerts and neither waits. A row
# that was taken between reading and locking is read again by the server, and no longer fits.
_NEXT = """
    SELECT a.id FROM risk_alert a
     WHERE a.state = 'NEW'
       AND (%(all_branches)s OR a.branch_id = %(branch)s::uuid)
       AND risk_conflict_of_interest(a.id, %(user)s) = ''
     ORDER BY a.urgent_since, a.id
     LIMIT 1
       FOR NO KEY UPDATE OF a SKIP LOCKED
"""


@transaction_required
def alert_for_update(alert_id: UUID) -> Alert:
    """Lock one alert and return it as it is now, with its assignee.

    :raises UnknownAlert: when there is none.
    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        rows = Alert.objects.select_for_update(of=("self",), no_key=True).select_related("assignee")
        alert = rows.filter(pk=alert_id).first()
    if alert is None:
        raise UnknownAlert
    return alert


@transaction_required
def next_alert_for_update(person: User, *, all_branches: bool) -> Alert | None:
    """Lock the most urgent alert that waits, that somebody may see and work, and that nobody else is taking; or None."""
    told = {"user": person.pk, "branch": person.branch_id, "all_branches": all_branches}
    found = prepared(_NEXT, told)
    return Alert.objects.get(pk=found[0][0]) if found else None


@transaction_required
def alerts_for_update(alert_ids: Iterable[UUID]) -> list[Alert]:
    """Lock alerts in the order of their keys, after the case they belong to, and return them as they are now.

    :raises UnknownAlert: when one of them does not exist.
    :raises Busy: when PostgreSQL gave up waiting for one of them.
    """
    wanted = set(alert_ids)
    with busy_is_an_answer():
        rows = Alert.objects.select_for_update(of=("self",), no_key=True).select_related("assignee")
        alerts = list(rows.filter(pk__in=wanted).order_by("pk"))
    if len(alerts) < len(wanted):
        raise UnknownAlert
    return alerts


@transaction_required
def case_for_update(case_id: UUID) -> Case:
    """Lock one case, before its alerts, and return it as it is now, with its assignee and branch.

    :raises UnknownCase: when there is none.
    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        rows = Case.objects.select_for_update(of=("self",), no_key=True).select_related("assignee", "branch")
        case = rows.filter(pk=case_id).first()
    if case is None:
        raise UnknownCase
    return case


@transaction_required
def case_with_alerts_for_update(case_id: UUID) -> Case:
    """Lock one case and then its alerts, so that none of them rises before it is decided, and return the case.

    :raises UnknownCase: when there is none.
    :raises Busy: when PostgreSQL gave up waiting.
    """
    case = case_for_update(case_id)
    alerts_for_update(case.alerts.values_list("pk", flat=True))
    return case


def list_for_update(key: str) -> WatchList | None:
    """Lock one list's row and return it as it is now: its editions and members change only under this lock.

    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        return WatchList.objects.select_for_update(no_key=True).filter(key=key).first()


@transaction_required
def edition_for_update(edition_id: UUID) -> ListEdition | None:
    """Lock an edition and return it as it is now. Its list is locked first.

    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        return ListEdition.objects.select_for_update(no_key=True).filter(pk=edition_id).first()


@transaction_required
def member_for_update(member_id: UUID) -> OwnListMember | None:
    """Lock a member of an own list and return it as it is now. Its list is locked first.

    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        return OwnListMember.objects.select_for_update(no_key=True).filter(pk=member_id).first()


@transaction_required
def hit_for_update(hit_id: UUID) -> ScreeningHit | None:
    """Lock a hit and return it as it is now, with its customer, list and entry.

    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    related = ScreeningHit.objects.select_related("customer", "watch_list", "entry")
    with busy_is_an_answer():
        return related.select_for_update(of=("self",), no_key=True).filter(pk=hit_id).first()


@transaction_required
def hits_for_update(customer_ids: Collection[UUID]) -> list[ScreeningHit]:
    """Lock when customers were screened, then their hits, each in the order of their keys; return the hits, with their entries.

    Whoever screens one of them at the same moment waits, also where there is no hit yet.

    :raises Busy: when PostgreSQL gave up waiting for one of them.
    """
    screened = ScreeningState.objects.filter(customer__in=list(customer_ids)).order_by("pk").values_list("pk")
    theirs = ScreeningHit.objects.select_related("entry").filter(customer__in=list(customer_ids)).order_by("pk")
    with busy_is_an_answer():
        list(screened.select_for_update(no_key=True))
        return list(theirs.select_for_update(of=("self",), no_key=True))


@transaction_required
def rule_for_update(rule_id: UUID) -> None:
    """Lock one rule's row: whoever changes its versions waits for the others.

    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        list(Rule.objects.select_for_update(no_key=True).filter(pk=rule_id).values_list("pk"))


@transaction_required
def score_models_for_update() -> None:
    """Lock all score models, of which there are few, and their order: whoever adds or moves one waits for the others.

    :raises Busy: when PostgreSQL gave up waiting.
    """
    with busy_is_an_answer():
        list(RuleSetVersion.objects.select_for_update(no_key=True).filter(pk=1).values_list("pk"))
        list(ScoreModelVersion.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
