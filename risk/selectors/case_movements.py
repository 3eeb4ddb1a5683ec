"""The movements of a case: what its alerts are about, what makes up their patterns, and what somebody linked.

The books are not this app's: what is known of a movement is what risk said before it (`Assessment`) and that it happened
(`MovedMoney`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bankops.core import ids
from bankops.core.errors import InvalidId
from bankops.core.money import Money
from risk.facts import Facts, Party
from risk.models import Alert, AlertReason, Assessment, Case, CaseLink, LinkKind, MovedMoney, Pattern
from risk.models.moved import MOVEMENT_PREFIX
from risk.velocity.subjects import token_of


@dataclass(frozen=True, slots=True)
class KnownMovement:
    """What risk knows of a movement.

    Attributes:
        reference: for people; empty where it was never assessed.
        at: when it happened or was to happen.
        payer, payee: `acc_…` of an account of ours; of another bank's its number, or a digest where only that was kept; empty
            for cash.
        moved: whether it happened.

    """

    reference: str
    at: datetime
    payer: str
    payee: str
    money: Money
    moved: bool


@dataclass(frozen=True, slots=True)
class CaseMovement:
    """One movement of a case.

    Attributes:
        public_id: `tr_…`.
        reference: for people; its id where nobody kept one.
        money: None where it is not known.
        known: what risk knows of it besides; None for nothing.
        alerts: the case's alerts that are about it.
        singly: whether an alert is about it alone, or somebody linked it: not one of a pattern's many.

    """

    public_id: str
    reference: str
    money: Money | None
    known: KnownMovement | None
    alerts: frozenset[UUID]
    singly: bool

    @property
    def moved(self) -> bool:
        """Whether it happened, as far as risk knows."""
        return self.known is not None and self.known.moved

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts it went from and to; see `KnownMovement`."""
        return tuple(filter(None, (self.known.payer, self.known.payee))) if self.known else ()

    @property
    def label(self) -> str:
        """Reference and amount, as somebody chooses it by."""
        return f"{self.reference} {self.money.format() if self.money else ''}".strip()


def movements_of(case: Case) -> list[CaseMovement]:
    """Return the movements of a case in order of time, those of which none is known last; a constant number of queries."""
    return movements_by_case([case])[case.pk]


def movements_by_case(cases: Collection[Case]) -> dict[UUID, list[CaseMovement]]:
    """Return the same of several cases, by case; in as many queries as for one."""
    alerts = list(Alert.objects.filter(case__in=cases).order_by("raised_at", "id"))
    links = list(CaseLink.objects.filter(case__in=cases, kind=LinkKind.TRANSACTION).order_by("id"))
    patterns = _patterns_of(alerts)
    told = {
        case.pk: _Told(
            [one for one in alerts if one.case_id == case.pk],
            [one for one in links if one.case_id == case.pk],
            patterns,
        )
        for case in cases
    }
    known = known_movements({movement for one in told.values() for movement in one.movements})
    return {case: _in_order(one, known) for case, one in told.items()}


class _Told:
    """What alerts, their patterns and links tell of one case's movements."""

    def __init__(self, alerts: list[Alert], links: list[CaseLink], patterns: Iterable[tuple[UUID, Pattern]]) -> None:
        self.names = _names(alerts, links)
        self.about: defaultdict[str, set[UUID]] = defaultdict(set)
        for alert in alerts:
            if alert.movement_id:
                self.about[alert.movement_id].add(alert.pk)
        self.single = {*self.about, *(link.subject_id for link in links)}
        of_case = {alert.pk for alert in alerts}
        for alert_id, pattern in patterns:
            for key in pattern.movements if alert_id in of_case else ():
                self.about[ids.encode(MOVEMENT_PREFIX, key)].add(alert_id)
        self.movements = list(dict.fromkeys([*self.about, *(link.subject_id for link in links)]))


def _in_order(told: _Told, known: Mapping[str, KnownMovement]) -> list[CaseMovement]:
    """Return a case's movements in order of time, those of which none is known last."""
    found = [
        _movement(one, told.names, known.get(one), told.about[one], singly=one in told.single) for one in told.movements
    ]
    return sorted(found, key=lambda one: (one.known is None, one.known.at.timestamp() if one.known else 0.0))


def known_movements(public_ids: Collection[str]) -> Mapping[str, KnownMovement]:
    """Return what risk knows of movements, by public id, as far as it knows them; two queries."""
    keys = {one: key for one in public_ids if (key := _key(one))}
    moved = MovedMoney.objects.in_bulk(keys.values())
    columns = ("movement", "reference", "facts")
    assessed = {row[0]: row for row in Assessment.objects.filter(movement__in=keys, number=1).values_list(*columns)}
    found = {}
    for one, key in keys.items():
        if one in assessed:
            _movement_id, reference, facts = assessed[one]
            found[one] = _as_assessed(reference, Facts.from_json(facts), moved.get(key))
        elif key in moved:
            found[one] = _as_moved(moved[key])
    return found


def _patterns_of(alerts: Iterable[Alert]) -> list[tuple[UUID, Pattern]]:
    """Return each pattern with the alert that tells of it."""
    told = AlertReason.objects.filter(alert__in=list(alerts), values__has_key="pattern").order_by("id")
    pairs = [(alert, key) for alert, values in told.values_list("alert", "values") if (key := _pattern_key(values))]
    patterns = Pattern.objects.in_bulk([key for _alert, key in pairs])
    return [(alert, patterns[key]) for alert, key in pairs if key in patterns]


def _names(alerts: Iterable[Alert], links: Iterable[CaseLink]) -> dict[str, tuple[str, Money | None]]:
    """Return what alerts and links call movements, and the money at stake."""
    names: dict[str, tuple[str, Money | None]] = {link.subject_id: (link.label, None) for link in links}
    return names | {one.movement_id: (one.movement_reference, one.money) for one in alerts if one.movement_id}


def _movement(
    public_id: str,
    names: Mapping[str, tuple[str, Money | None]],
    known: KnownMovement | None,
    alerts: Iterable[UUID],
    *,
    singly: bool,
) -> CaseMovement:
    name, money = names.get(public_id, ("", None))
    reference = (known.reference if known else "") or name or public_id
    return CaseMovement(public_id, reference, known.money if known else money, known, frozenset(alerts), singly)


def _as_assessed(reference: str, facts: Facts, moved: MovedMoney | None) -> KnownMovement:
    at = moved.moment if moved else facts.moment
    return KnownMovement(reference, at, _side(facts.payer), _side(facts.payee), facts.amount, moved is not None)


def _as_moved(moved: MovedMoney) -> KnownMovement:
    return KnownMovement("", moved.moment, moved.payer, moved.payee, Money(moved.amount, moved.currency), moved=True)


def _side(party: Party) -> str:
    return party.account or token_of(party)


def _pattern_key(values: Mapping[str, Any]) -> UUID | None:
    return _decoded(Pattern.ID_PREFIX, str(values.get("pattern", "")))


def _key(public_id: str) -> UUID | None:
    return _decoded(MOVEMENT_PREFIX, public_id)


def _decoded(prefix: str, public_id: str) -> UUID | None:
    try:
        return ids.decode(prefix, public_id)
    except InvalidId:
        return None
