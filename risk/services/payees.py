"""Payees at other banks, of whom the bank knows a name and no more, held against the lists.

The alert about a payee is its hit: closed as a false positive the payee is paid, closed otherwise never. It is known by the name
and by what matters of the entries that were met, so a decision survives editions of the lists that change neither.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple

from django.conf import settings
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from bankops.core import encryption
from bankops.core.db import transaction_required
from notifications.services import notices
from risk.models import Alert, AlertKind, AlertOutcome, ListEdition, RescreenRun
from risk.names.entry import Strength, Subject
from risk.names.screener import Hit
from risk.notice_kinds import PAYEE_FAILED
from risk.screening import listed
from risk.screening.listed import Lists
from risk.services.alerts import AlertAbout, Reason, raise_alert, settle_alert
from risk.services.hit_recording import SCREENING
from risk.services.screening_delays import LATE
from risk.services.screening_queue import WHO_LOOKS
from staff.selectors import active_with_right

PREFIX: Final = "payee"
"""What begins what an alert about a payee is known by."""
_CONTEXT: Final = "risk.screened_payee"
_LETTERS: Final = 32
_WHOLE: Final = 1000


class Payee(NamedTuple):
    """A payee, and who pays it.

    Attributes:
        named_by: public id of what names the payee: `so_…`.
        customer, account: public ids of who pays, and from where.
        alert: what the alert about it was known by when it was last held against the lists under this name; else empty.

    """

    named_by: str
    name: str
    customer: str
    account: str
    alert: str = ""


class Compared(NamedTuple):
    """Whom a payee met on the lists, and which lists these were."""

    hits: list[Hit]
    lists: Lists


class Late(NamedTuple):
    """Who is late: whoever was held against another version of the lists `before` this moment; `since` when they have changed."""

    before: datetime
    since: datetime


def lists_now() -> int:
    """Return the version of the lists; one read of a single row."""
    return listed.version_now()


def prepare() -> Lists:
    """Return the lists, which takes seconds where they have changed; before anything is locked."""
    return listed.all_lists()


def compare(name: str, lists: Lists) -> Compared:
    """Hold a payee's name against all lists. A weak alias alone meets nobody."""
    return Compared([hit for hit in lists.screener.screen(Subject(name)) if _counts(hit)], lists)


@transaction_required
def raise_about(payee: Payee, found: Compared, *, now: datetime) -> str:
    """Return what the alert about a payee is known by, raised where nobody was told of it yet; empty where nobody was met.

    Whoever pays stands in the alert; the payee's name does not.
    """
    if not found.hits:
        return ""
    keys = _known_by(payee, found)
    known = Alert.objects.filter(dedupe_key__in=keys).order_by("-raised_at", "-pk").first()
    key = known.dedupe_key if known else keys[0]
    if known is None or _was_let_go(known):
        raise_alert(
            kind=AlertKind.SCREENING,
            score=max(_score(hit) for hit in found.hits),
            about=AlertAbout(dedupe_key=key, customers=(payee.customer,), accounts=(payee.account,)),
            reasons=[_reason(payee, hit) for hit in found.hits],
            now=now,
        )
    return key


@transaction_required
def let_go(alert: str, *, now: datetime) -> None:
    """Close the alert about a payee whom nobody pays any more. That decides nothing: paid again, the payee has an alert again."""
    reason = _("Nobody pays this payee any more.")
    settle_alert(dedupe_key=alert, outcome=AlertOutcome.FALSE_POSITIVE, reason=reason, actor=SCREENING, now=now)


def late(now: datetime) -> Late | None:
    """Return whom the lists have left behind for longer than `LATE`; None where they have not changed by then. Two queries."""
    limit = now - LATE
    told = [
        rows.aggregate(newest=Max(at), older=Max(at, filter=Q(**{f"{at}__lt": limit})))
        for rows, at in ((ListEdition.objects.all(), "loaded_at"), (RescreenRun.objects.all(), "started_at"))
    ]
    newest, older = (max((one[key] for one in told if one[key]), default=None) for key in ("newest", "older"))
    if newest is None or older is None:
        return None
    return Late(now, newest) if newest == older else Late(older, older)


def tell_failed(*, first: str, count: int, link: str, now: datetime) -> None:
    """Tell analysts of payees who could not be held against the lists, once an hour: of the first, and of how many.

    :param first: public id of what names the payee.
    """
    notices.tell(
        active_with_right(WHO_LOOKS).values_list("pk", flat=True),
        PAYEE_FAILED,
        words={"order": first, "count": count},
        link=link,
        source=f"payees failed {now:%Y-%m-%dT%H}",
        now=now,
    )


def _was_let_go(alert: Alert) -> bool:
    return alert.settled_elsewhere and alert.closed_by_id == SCREENING.id


def _counts(hit: Hit) -> bool:
    return hit.strength is Strength.STRONG or hit.name.strength is not Strength.WEAK


def _known_by(payee: Payee, found: Compared) -> list[str]:
    """Return what the alert may be known by; the first is what a new one is.

    Without a key of the bank nobody finds a name behind it. What an order has kept counts whatever became of the key.
    """
    rows = found.lists.rows
    met = sorted((rows[hit.entry.key].key, rows[hit.entry.key].matter) for hit in found.hits)
    entries = sha256("\0".join(part for entry in met for part in entry).encode()).hexdigest()[:_LETTERS]
    names = [one[:_LETTERS] for one in encryption.fingerprints(payee.name, context=_CONTEXT)]
    keys = [f"{PREFIX} {payee.named_by} {name} {entries}" for name in names]
    return [*keys, payee.alert] if payee.alert.endswith(entries) else keys


def _score(hit: Hit) -> int:
    """Return thousandths: of a hit that takes one person to decide, below what takes two."""
    score = round(hit.score * _WHOLE)
    return score if hit.strength is Strength.STRONG else min(score, settings.BANKOPS_RISK_HIGH_FROM - 1)


def _reason(payee: Payee, hit: Hit) -> Reason:
    code = f"payee_{'strong' if hit.strength is Strength.STRONG else 'possible'}"
    listed_as = hit.entry.names[0].text
    values = {"order": payee.named_by, "listed": listed_as, "list": hit.entry.list_name, "score": _score(hit)}
    return Reason(code, f"{payee.named_by}: {listed_as}", _score(hit), values)
