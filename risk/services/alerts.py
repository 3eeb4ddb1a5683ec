"""Raising alerts, and closing those whose cause was decided elsewhere. Working them: `risk.services.alert_work`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import Account, Customer
from bankops.core import audit, clock, ids
from bankops.core.actor import Actor
from bankops.core.db import prepared
from bankops.core.errors import InvalidId
from bankops.core.money import Money
from bankops.core.texts import require_reason
from risk import errors, events
from risk.bands import SCORE_MAX, band_of
from risk.models import (
    OPEN_ALERT,
    Alert,
    AlertAccount,
    AlertConflict,
    AlertCustomer,
    AlertKind,
    AlertOutcome,
    AlertReason,
    AlertState,
    ConflictCause,
)
from risk.services.urgency import due_at, urgent_since
from staff.models import Branch, User

_TEXT_MAX = 500


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an alert is raised.

    Attributes:
        code: of the rule, the list's hit or the pattern; what alerts are counted by.
        text: what it says in plain words, for when no sentence is declared for the code (`risk.reason_words`).
        weight: how much it weighs in the score.
        values: what the declared sentence fills in; JSON primitives.

    """

    code: str
    text: str
    weight: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlertAbout:
    """What an alert is about.

    Attributes:
        dedupe_key: the same for the same thing: while an alert with it is open, no second one is raised.
        customers: their public ids (`cus_…`).
        accounts: their public ids (`acc_…`).
        movement_id, movement_reference: the movement (`tr_…`, `TR-2026-000123`); empty where there is none.
        amount: the money at stake, where it is known.
        stopped: whether that money was kept from moving.
        made_by: who ordered or agreed to what it is about (`usr_…`); other ids are passed over. They cannot work it.
        staff: members of staff whom it is about (`usr_…`). They cannot work it either.

    """

    dedupe_key: str
    customers: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    movement_id: str = ""
    movement_reference: str = ""
    amount: Money | None = None
    stopped: bool = False
    made_by: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()


# Two that raise about the same thing wait for each other here, and the later one finds the first one's alert.
_RAISE = """
    INSERT INTO risk_alert AS a (
        id, reference, kind, dedupe_key, score, priority, state, outcome, movement_id, movement_reference, assessment_id,
        amount, currency, stopped, branch_id, raised_at, last_raised_at, raised_count, urgent_since, due_at,
        settled_elsewhere, closed_by_id, closed_by_name, close_reason)
    VALUES (%(id)s, 'AL-' || %(year)s::text || '-' || lpad(nextval('risk_alert_number_seq')::text, 6, '0'), %(kind)s,
            %(dedupe_key)s, %(score)s, %(priority)s, 'NEW', '', %(movement_id)s, %(movement_reference)s,
            %(assessment_id)s::uuid, %(amount)s::bigint, %(currency)s, %(stopped)s, %(branch)s::uuid, %(now)s::timestamptz,
            %(now)s::timestamptz, 1, %(urgent_since)s::timestamptz, %(due_at)s::timestamptz, false, '', '', '')
    ON CONFLICT (dedupe_key) WHERE state IN ('NEW', 'ASSIGNED', 'IN_CASE') DO UPDATE
       SET raised_count = a.raised_count + 1,
           last_raised_at = greatest(a.last_raised_at, excluded.last_raised_at),
           priority = CASE WHEN excluded.score > a.score THEN excluded.priority ELSE a.priority END,
           score = greatest(a.score, excluded.score),
           amount = CASE WHEN excluded.currency = a.currency THEN greatest(a.amount, excluded.amount) ELSE a.amount END,
           urgent_since = least(a.urgent_since, excluded.urgent_since),
           due_at = least(a.due_at, excluded.due_at)
    RETURNING id
"""


@transaction.atomic
def raise_alert(
    *,
    kind: AlertKind,
    score: int,
    about: AlertAbout,
    reasons: Sequence[Reason],
    now: datetime,
    branch: Branch | None = None,
    assessment_id: UUID | None = None,
) -> Alert:
    """Put something before the people of risk, and return its alert.

    While an alert about the same thing (`about.dedupe_key`) is open it is that one: it is counted, keeps the higher score, the
    higher amount in its currency and the earlier due date, and learns of the new reasons, customers and accounts; never is
    there a second one. Customers and
    accounts that do not exist are left out. Writes `risk.alert.raised` or `risk.alert.raised_again`.

    :param score: 0 to 1000.
    :param reasons: at least one; two of one code are one.
    :param branch: whose business it is; None: the branch of the first customer.
    :raises ScoreOutOfRange: for any other score.
    :raises AlertWithoutReason: without reasons.
    """
    if not 0 <= score <= SCORE_MAX:
        raise errors.ScoreOutOfRange(score=score)
    if not reasons:
        raise errors.AlertWithoutReason
    customers = _named(about.customers)
    branch_id = branch.pk if branch else next((customer.branch_id for customer in customers), None)
    fresh = ids.uuid7()
    key = _write(fresh, kind=kind, score=score, about=about, branch_id=branch_id, assessment_id=assessment_id, now=now)
    alert = Alert.objects.get(pk=key)
    _attach(alert, about, customers, reasons, now)
    audit.record(
        events.ALERT_RAISED if key == fresh else events.ALERT_RAISED_AGAIN,
        actor=Actor.system("risk"),
        subject=subject_of(alert),
        now=now,
        detail={"kind": str(kind), "score": score, "reasons": [reason.code for reason in reasons]},
    )
    return alert


@transaction.atomic
def settle_alert(*, dedupe_key: str, outcome: AlertOutcome, reason: str, actor: Actor, now: datetime) -> Alert | None:
    """Close the alert about something that was decided elsewhere, for instance a screening hit; return it.

    None where no alert about it waits or is being worked: one in a case is closed with its case.

    :raises ReasonRequired: when `reason` is blank.
    """
    kept = require_reason(reason)
    waiting = Alert.objects.select_for_update(of=("self",), no_key=True).filter(state__in=OPEN_ALERT)
    alert = waiting.filter(dedupe_key=dedupe_key).first()
    if alert is None or alert.state == AlertState.IN_CASE:
        return None
    alert.settled_elsewhere = True
    return close(alert, outcome=outcome, reason=kept, actor=actor, now=now)


def close(alert: Alert, *, outcome: AlertOutcome, reason: str, actor: Actor, now: datetime) -> Alert:
    """Close an alert whose row is locked, and write `risk.alert.closed`."""
    before = alert.state
    alert.state, alert.outcome = AlertState.CLOSED, outcome
    alert.closed_at, alert.closed_by_id, alert.closed_by_name = now, actor.id, actor.name
    alert.close_reason = reason
    closed = ["state", "outcome", "closed_at", "closed_by_id", "closed_by_name", "close_reason", "settled_elsewhere"]
    alert.save(update_fields=closed)
    audit.record(
        events.ALERT_CLOSED,
        actor=actor,
        subject=subject_of(alert),
        now=now,
        reason=reason,
        changes={"state": (str(before), str(AlertState.CLOSED))},
        detail={"outcome": str(outcome)},
    )
    return alert


def subject_of(alert: Alert) -> audit.Subject:
    """Return how the audit trail names an alert."""
    return audit.Subject("risk_alert", alert.public_id, alert.reference)


def _write(
    fresh: UUID,
    *,
    kind: AlertKind,
    score: int,
    about: AlertAbout,
    branch_id: UUID | None,
    assessment_id: UUID | None,
    now: datetime,
) -> UUID:
    """Write the alert's row, or count it in the one there is, and return the key of whichever it is."""
    priority = band_of(score)
    ((key,),) = prepared(
        _RAISE,
        {
            "id": fresh,
            "year": clock.business_date(now).year,
            "kind": str(kind),
            "dedupe_key": about.dedupe_key,
            "score": score,
            "priority": str(priority),
            "movement_id": about.movement_id,
            "movement_reference": about.movement_reference,
            "assessment_id": assessment_id,
            "amount": about.amount.minor if about.amount else None,
            "currency": about.amount.currency if about.amount else "",
            "stopped": about.stopped,
            "branch": branch_id,
            "now": now,
            "urgent_since": urgent_since(score, now),
            "due_at": due_at(priority, now),
        },
    )
    return UUID(str(key))


def _attach(
    alert: Alert, about: AlertAbout, customers: list[Customer], reasons: Sequence[Reason], now: datetime
) -> None:
    """Write why, whom and what it is about, and who may not work it, as far as it is new. In the order of the keys, each once."""
    told = {reason.code: reason for reason in reversed(reasons)}
    AlertReason.objects.bulk_create(
        [
            AlertReason(
                alert=alert,
                code=reason.code,
                text=reason.text[:_TEXT_MAX],
                values=dict(reason.values),
                weight=reason.weight,
                added_at=now,
            )
            for reason in sorted(told.values(), key=lambda one: one.code)
        ],
        ignore_conflicts=True,
    )
    AlertCustomer.objects.bulk_create(
        [AlertCustomer(alert=alert, customer=customer) for customer in sorted(customers, key=lambda one: one.pk)],
        ignore_conflicts=True,
    )
    accounts = Account.objects.filter(pk__in=_keys("acc", about.accounts)).order_by("pk").values_list("pk", flat=True)
    AlertAccount.objects.bulk_create(
        [AlertAccount(alert=alert, account_id=account) for account in accounts], ignore_conflicts=True
    )
    _note_conflicts(alert, about, now)


def _note_conflicts(alert: Alert, about: AlertAbout, now: datetime) -> None:
    causes = dict.fromkeys(_keys("usr", about.made_by), ConflictCause.MADE_IT)
    causes |= dict.fromkeys(_keys("usr", about.staff), ConflictCause.ABOUT_THEM)
    known = User.objects.filter(pk__in=causes).order_by("pk").values_list("pk", flat=True) if causes else []
    AlertConflict.objects.bulk_create(
        [AlertConflict(alert=alert, user_id=key, cause=causes[key], noted_at=now) for key in known],
        ignore_conflicts=True,
    )


def _named(public_ids: Sequence[str]) -> list[Customer]:
    """Return the customers there are of those that are named, in the order in which they are."""
    keys = _keys("cus", public_ids)
    known = {one.pk: one for one in Customer.objects.filter(pk__in=keys).only("pk", "branch_id")} if keys else {}
    return [known[key] for key in dict.fromkeys(keys) if key in known]


def _keys(prefix: str, public_ids: Iterable[str]) -> list[UUID]:
    """Return the keys behind public ids; what is no id of this kind is passed over: a partner's credential, a schedule."""
    keys = []
    for public_id in public_ids:
        try:
            keys.append(ids.decode(prefix, public_id))
        except InvalidId:
            continue
    return keys
