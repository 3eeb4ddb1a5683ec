"""Payees at other banks, of whom the bank knows a name and no more, held against the lists.

The alert about a payee is its hit: closed as a false positive the payee is paid, closed otherwise never. It is known by the name
and by what matters of the entries that were met, so a decision survives editions of the lists that change neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.conf import settings

from bankops.core import encryption
from bankops.core.db import transaction_required
from risk.models import Alert, AlertKind
from risk.names.entry import Strength, Subject
from risk.names.screener import Hit
from risk.screening import listed
from risk.screening.listed import Lists
from risk.services.alerts import AlertAbout, Reason, raise_alert

PREFIX: Final = "payee"
"""What begins what an alert about a payee is known by."""
_CONTEXT: Final = "risk.screened_payee"
_LETTERS: Final = 64
_WHOLE: Final = 1000


class Payee(NamedTuple):
    """A payee, and who pays it.

    Attributes:
        named_by: public id of what names the payee: `so_…`.
        customer, account: public ids of who pays, and from where.

    """

    named_by: str
    name: str
    customer: str
    account: str


class Screened(NamedTuple):
    """What came of it: the version of the lists, and what the alert is known by; empty where nobody on them was met."""

    lists: int
    alert: str


def lists_now() -> int:
    """Return the version of the lists; one read of a single row."""
    return listed.version_now()


def prepare() -> int:
    """Have the lists in memory, which takes seconds where they changed, before anything is locked; return their version."""
    return listed.all_lists().version


@transaction_required
def screen(payee: Payee, *, now: datetime) -> Screened:
    """Hold a payee against all lists; raise the alert when it may be somebody on them, and nobody was told of that yet.

    A weak alias alone raises none. Whoever pays stands in the alert; the payee's name does not.
    """
    lists = listed.all_lists()
    hits = [hit for hit in lists.screener.screen(Subject(payee.name)) if _counts(hit)]
    if not hits:
        return Screened(lists.version, "")
    key = _known_by(payee, hits, lists)
    if not Alert.objects.filter(dedupe_key=key).exists():
        raise_alert(
            kind=AlertKind.SCREENING,
            score=max(_score(hit) for hit in hits),
            about=AlertAbout(dedupe_key=key, customers=(payee.customer,), accounts=(payee.account,)),
            reasons=[_reason(payee, hit) for hit in hits],
            now=now,
        )
    return Screened(lists.version, key)


def _counts(hit: Hit) -> bool:
    return hit.strength is Strength.STRONG or hit.name.strength is not Strength.WEAK


def _known_by(payee: Payee, hits: Sequence[Hit], lists: Lists) -> str:
    """Return what the alert is known by: without a key of the bank nobody finds a name behind it."""
    met = sorted((lists.rows[hit.entry.key].key, lists.rows[hit.entry.key].matter) for hit in hits)
    said = "\0".join([payee.name, *(part for entry in met for part in entry)])
    return f"{PREFIX} {payee.named_by} {encryption.fingerprints(said, context=_CONTEXT)[0][:_LETTERS]}"


def _score(hit: Hit) -> int:
    """Return thousandths: of a hit that takes one person to decide, below what takes two."""
    score = round(hit.score * _WHOLE)
    return score if hit.strength is Strength.STRONG else min(score, settings.BANKOPS_RISK_HIGH_FROM - 1)


def _reason(payee: Payee, hit: Hit) -> Reason:
    code = f"payee_{'strong' if hit.strength is Strength.STRONG else 'possible'}"
    listed_as = hit.entry.names[0].text
    values = {"order": payee.named_by, "listed": listed_as, "list": hit.entry.list_name, "score": _score(hit)}
    return Reason(code, f"{payee.named_by}: {listed_as}", _score(hit), values)
