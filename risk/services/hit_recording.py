"""What a screening found, set beside what was found and decided before. Everything under the locks of the customers' hits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings

from bankops.core import audit
from bankops.core.actor import Actor
from bankops.core.audit import EventType
from bankops.core.db import transaction_required
from risk import events
from risk.models import AlertKind, AlertOutcome, HitState, HitStrength, Lapse, ListEntry, ScreeningHit
from risk.names.entry import Strength
from risk.names.screener import Hit
from risk.screening.explaining import kept
from risk.screening.listed import Listed
from risk.screening.parties import Party
from risk.services.alerts import AlertAbout, Reason, raise_alert, settle_alert

SCREENING: Final = Actor.system("screening")
_WHOLE: Final = 1000
_Key = tuple[UUID, UUID | None, UUID, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A party that met an entry."""

    party: Party
    hit: Hit
    listed: Listed

    @property
    def key(self) -> _Key:
        """Whom and what it is about: the same in every screening."""
        return (self.party.customer_id, self.party.owner_id, self.listed.watch_list, self.listed.key)

    @property
    def score(self) -> int:
        """Thousandths."""
        return round(self.hit.score * _WHOLE)

    @property
    def strength(self) -> HitStrength:
        """Strong, weak where the list calls the alias weak, possible otherwise."""
        if self.hit.strength is Strength.STRONG:
            return HitStrength.STRONG
        return HitStrength.WEAK if self.hit.name.strength is Strength.WEAK else HitStrength.POSSIBLE


@dataclass(slots=True)
class _News:
    """What became of the hits: those that somebody has to look at now, those that grew strong meanwhile, those that lapsed."""

    opened: list[ScreeningHit] = field(default_factory=list)
    reopened: list[ScreeningHit] = field(default_factory=list)
    stronger: list[ScreeningHit] = field(default_factory=list)
    lapsed: list[ScreeningHit] = field(default_factory=list)


@transaction_required
def record(*, found: Iterable[Found], hits: Iterable[ScreeningHit], whole: bool, now: datetime) -> int:
    """Keep what was found of some customers, and return how many hits somebody has to look at now who had not before.

    A new hit is opened. One that was cleared stays so unless the entry, or what was screened of the customer, changed in what
    matters, or it is strong now and one person had cleared it. Raises an alert for whatever is open now, once more for what
    became strong, and closes that of what lapsed; writes `risk.hit.found`, `…reopened`, `…lapsed`.

    :param hits: those that are kept of these customers, locked (`locks.hits_for_update`) before anybody looked whether customers
        and lists are still as they were compared.
    :param whole: they were screened against all lists: an undecided or cleared hit that was not met again lapses.
    """
    wanted = {one.key: one for one in found}
    there = {_key_of(hit): hit for hit in hits}
    news = _News(opened=_open_new([one for key, one in wanted.items() if key not in there], now))
    for key, hit in there.items():
        if key in wanted:
            _bring_up_to_date(hit, wanted[key], news, now)
        elif whole:
            _lapse(hit, news, now)
    _tell(news, now)
    return len(news.opened) + len(news.reopened)


def _key_of(hit: ScreeningHit) -> _Key:
    return (hit.customer_id, hit.owner_id, hit.watch_list_id, hit.entry_key)


def _open_new(found: list[Found], now: datetime) -> list[ScreeningHit]:
    """Write new hits. One that another worker wrote in the same moment is its own."""
    rows = []
    for one in found:
        hit = ScreeningHit(
            customer_id=one.party.customer_id,
            owner_id=one.party.owner_id,
            watch_list_id=one.listed.watch_list,
            entry_key=one.listed.key,
            found_at=now,
            opened_at=now,
        )
        _describe(hit, one)
        rows.append(hit)
    if not rows:
        return []
    ScreeningHit.objects.bulk_create(rows, ignore_conflicts=True)
    ours = set(ScreeningHit.objects.filter(pk__in=[hit.pk for hit in rows]).values_list("pk", flat=True))
    return [hit for hit in rows if hit.pk in ours]


def _describe(hit: ScreeningHit, one: Found) -> None:
    hit.entry_id, hit.score, hit.strength = one.listed.row, one.score, one.strength
    hit.explanation = kept(one.hit.explanation)
    hit.subject_matter = one.party.matter


def _bring_up_to_date(hit: ScreeningHit, one: Found, news: _News, now: datetime) -> None:
    """Let a hit be as it is found now, and open it again where its decision was about something else."""
    reopens = _ends_decision(hit, one) or (hit.lapsed_at is not None and hit.state != HitState.FALSE)
    same = hit.entry_id == one.listed.row and hit.subject_matter in one.party.matters and hit.score == one.score
    if same and hit.strength == one.strength and hit.lapsed_at is None and not reopens:
        return
    if reopens:
        hit.state, hit.opened_at, hit.approval_request_id = HitState.OPEN, now, None
        news.reopened.append(hit)
    elif hit.is_open and _grew_strong(hit, one):
        news.stronger.append(hit)
    _describe(hit, one)
    hit.lapsed_at, hit.lapsed_because = None, ""
    columns = ["entry", "score", "strength", "explanation", "subject_matter", "lapsed_at", "lapsed_because", "state"]
    hit.save(update_fields=[*columns, "opened_at", "approval_request_id"])


def _ends_decision(hit: ScreeningHit, one: Found) -> bool:
    """Whether it was cleared as something else than it is now. What was taken for true stays so until two people clear it."""
    if hit.state != HitState.FALSE:
        return False
    if _grew_strong(hit, one) and hit.approval_request_id is None:
        return True  # one person cleared it; of a strong one two have to agree
    return hit.decided_entry != one.listed.matter or hit.decided_subject not in one.party.matters


def _grew_strong(hit: ScreeningHit, one: Found) -> bool:
    return one.strength == HitStrength.STRONG and hit.strength != HitStrength.STRONG


def _lapse(hit: ScreeningHit, news: _News, now: datetime) -> None:
    if hit.lapsed_at is not None or hit.state == HitState.TRUE:
        return
    listed = ListEntry.objects.in_force().filter(watch_list=hit.watch_list_id, key=hit.entry_key).exists()
    because = Lapse.DIFFERS if listed else Lapse.DELISTED
    if hit.is_open:
        settle_alert(
            dedupe_key=alert_key(hit),
            outcome=AlertOutcome.FALSE_POSITIVE,
            reason=str(because.label),
            actor=SCREENING,
            now=now,
        )
    hit.lapsed_at, hit.lapsed_because = now, because
    hit.save(update_fields=["lapsed_at", "lapsed_because"])
    news.lapsed.append(hit)


def _tell(news: _News, now: datetime) -> None:
    told: Mapping[EventType, list[ScreeningHit]] = {
        events.HIT_FOUND: news.opened,
        events.HIT_REOPENED: news.reopened,
        events.HIT_LAPSED: news.lapsed,
    }
    for event, hits in told.items():
        for hit in hits:
            detail = {"strength": str(hit.strength), "score": hit.score, "lapsed_because": str(hit.lapsed_because)}
            audit.record(event, actor=SCREENING, subject=subject_of(hit), now=now, detail=detail)
    for hit in (*news.opened, *news.reopened, *news.stronger):
        score = _alert_score(hit)
        raise_alert(kind=AlertKind.SCREENING, score=score, about=_about(hit), reasons=[_reason(hit)], now=now)


def _alert_score(hit: ScreeningHit) -> int:
    """What one person may decide is no alert of high risk."""
    return hit.score if hit.takes_two else min(hit.score, settings.BANKOPS_RISK_HIGH_FROM - 1)


def subject_of(hit: ScreeningHit) -> audit.Subject:
    """Return how the audit trail names a hit: no name in it, of the customer or of the listed party."""
    return audit.Subject("screening_hit", hit.public_id, hit.public_id)


def alert_key(hit: ScreeningHit) -> str:
    """Return what the alert about a hit is known by."""
    return f"screening {hit.public_id}"


def _about(hit: ScreeningHit) -> AlertAbout:
    return AlertAbout(dedupe_key=alert_key(hit), customers=(hit.customer.public_id,))


def _reason(hit: ScreeningHit) -> Reason:
    values = {"hit": hit.public_id, "strength": str(hit.strength), "score": hit.score}
    return Reason(f"screening_{str(hit.strength).lower()}", f"{hit.public_id} {hit.strength}", hit.score, values)
