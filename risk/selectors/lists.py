"""What lists hold, for rules: own lists, and countries. And which of them are there and fresh enough to be relied on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core import clock, encryption
from bankops.core.db import prepared
from risk.errors import ListMissing
from risk.lists.known import REGION_LABELS, known_lists, regions_of_settings
from risk.lists.values import INDEX_CONTEXT, looked_for
from risk.models import ListEntry, ListKind, OwnListMember, WatchList

VERSION: Final = "SELECT members FROM risk_listsversion WHERE id = 1"
"""What `holding` reads each time, for who asks the database for more in the same round trip."""
ENTRIES_VERSION: Final = "SELECT entries FROM risk_listsversion WHERE id = 1"
LISTS_PROBLEM_SQL: Final = """
SELECT EXISTS (SELECT FROM risk_watchlist l
                WHERE l.kind = 'SANCTIONS' AND l.edition IS NOT NULL
                  AND l.confirmed_at + l.max_age_days * interval '24 hours' < %(now)s::timestamptz)
    OR EXISTS (SELECT FROM unnest(%(required_lists)s::text[]) required
                 LEFT JOIN risk_watchlist l ON l.key = required
                WHERE l.edition IS NULL OR l.confirmed_at IS NULL
                   OR l.confirmed_at + l.max_age_days * interval '24 hours' < %(now)s::timestamptz)
"""
"""Whether a list that money waits for is missing or too old: one that is required, or a list of sanctions that was loaded once.

Parameters: `now`, and `required_lists`, an array of keys (`BANKOPS_REQUIRED_LISTS`). For who asks the database for more in
the same round trip. `problems` names them, with those that only rules and applications wait for.
"""
_NEVER_LOADED, _TOO_OLD = _("it was never loaded"), _("it was not confirmed for more than %(days)s days")
_UNKNOWN = _("no list of countries, and none of the bank's own, has this name")


@dataclass(frozen=True, slots=True)
class _Own:
    """An own list in memory: fingerprints of what is on it, each with its last day."""

    members: Mapping[str, date | None]

    def holds(self, text: str, today: date) -> bool:
        return any(self._counts(fingerprint, today) for fingerprint in _fingerprints(text))

    def _counts(self, fingerprint: str, today: date) -> bool:
        if fingerprint not in self.members:
            return False
        until = self.members[fingerprint]
        return until is None or until >= today


@dataclass(frozen=True, slots=True)
class _Regions:
    """A list of countries in memory, and until when it can be relied on; None: for good."""

    countries: frozenset[str]
    good_until: datetime | None
    max_age_days: int = 0


@dataclass(frozen=True, slots=True)
class _Snapshot:
    version: int
    own: Mapping[str, _Own]
    regions: Mapping[str, _Regions]
    never_loaded: frozenset[str]


class _Kept:
    """What this process remembers."""

    snapshot: _Snapshot | None = None


def holding(
    names: frozenset[str], texts: Collection[str], now: datetime, *, version: int | None = None
) -> Mapping[str, frozenset[str]]:
    """Return which of the texts each list holds, as `Facts.lists` wants it.

    A text counts as it is, and as a name: in another order of words, case or script. Lists are kept in the process; one
    read of a single row tells whether they still hold.

    :param names: own lists (`own.black`), and lists of countries (`regions.call_for_action`).
    :param texts: what the movement says: accounts, customers, names, countries, devices, network addresses.
    :param version: what `VERSION` answered, where the caller has asked already.
    :raises ListMissing: for a name that is none of them, and for a list that was never loaded or is too old.
    """
    if not names:
        return {}
    snapshot = _snapshot(version if version is not None else prepared(VERSION, {})[0][0])
    today = clock.business_date(now)
    return {name: frozenset(_held(name, snapshot, texts, now, today)) for name in names}


def remember(*, version: int) -> None:
    """Have the lists in memory as of this version, for who asks `holding` later and must not wait for them then."""
    _snapshot(version)


def latest_version() -> int | None:
    """Return which version this process remembers; None for none."""
    return _Kept.snapshot.version if _Kept.snapshot else None


def _held(name: str, snapshot: _Snapshot, texts: Collection[str], now: datetime, today: date) -> Collection[str]:
    if (own := snapshot.own.get(name)) is not None:
        return [text for text in texts if own.holds(text, today)] if own.members else ()
    regions = snapshot.regions.get(name)
    if regions is None:
        raise ListMissing(name=name, problem=_NEVER_LOADED if name in snapshot.never_loaded else _UNKNOWN)
    if regions.good_until is not None and regions.good_until < now:
        raise ListMissing(name=name, problem=_TOO_OLD % {"days": regions.max_age_days})
    return regions.countries.intersection(texts)


def names_for_rules() -> dict[str, str | Promise]:
    """Return the lists that rules may look into, each with what people call it; for the editor of rules."""
    kept = WatchList.objects.filter(kind__in=(ListKind.OWN, ListKind.REGION)).order_by("key")
    return {**REGION_LABELS, **dict(kept.values_list("key", "label"))}


@dataclass(frozen=True, slots=True)
class Problem:
    """A list that cannot be relied on; `watch_list` is None where it was never loaded at all."""

    key: str
    label: str
    why: str | Promise
    watch_list: WatchList | None


def problems(now: datetime) -> list[Problem]:
    """Return the lists that are missing or too old, in order of their keys. While there are any, nobody is screened as clear.

    Asked for are those that the settings require, and whatever was loaded once, but the bank's own.
    """
    there = {one.key: one for one in WatchList.objects.exclude(kind=ListKind.OWN)}
    wanted = sorted({*settings.BANKOPS_REQUIRED_LISTS, *there})
    known = known_lists()
    found = []
    for key in wanted:
        kept = there.get(key)
        label = kept.label if kept else known[key].label if key in known else key
        if kept is None or kept.edition is None or kept.confirmed_at is None:
            found.append(Problem(key, label, _NEVER_LOADED, kept))
        elif is_overdue(kept, now):
            found.append(Problem(key, label, _TOO_OLD % {"days": kept.max_age_days}, kept))
    return found


def is_overdue(watch_list: WatchList, now: datetime) -> bool:
    """Tell whether a list that was loaded is too old to be relied on."""
    good_until = _good_until(watch_list)
    return good_until is not None and good_until < now


def screened_against() -> bool:
    """Tell whether there is a list to screen against: a required one, or one that was loaded."""
    loaded = WatchList.objects.filter(Q(kind=ListKind.SANCTIONS) | Q(kind=ListKind.PEP), edition__isnull=False)
    return bool(settings.BANKOPS_REQUIRED_LISTS) or loaded.exists()


def _good_until(watch_list: WatchList) -> datetime | None:
    return watch_list.confirmed_at and watch_list.confirmed_at + timedelta(days=watch_list.max_age_days)


def _snapshot(version: int) -> _Snapshot:
    kept = _Kept.snapshot
    if kept is None or kept.version != version:
        kept = _Kept.snapshot = _read(version)
    return kept


def _read(version: int) -> _Snapshot:
    """Read the lists. What was committed after the version was read is read too, and once more when the version is seen."""
    lists = list(WatchList.objects.filter(kind__in=(ListKind.OWN, ListKind.REGION)))
    own: dict[str, dict[str, date | None]] = {one.key: {} for one in lists if one.kind == ListKind.OWN}
    rows = OwnListMember.objects.filter(removed_at=None, value_index__isnull=False)
    # One that was renewed has several rows: the last day of all of them counts, none at all being the latest.
    latest_last = rows.order_by(F("until").asc(nulls_last=True))
    for key, fingerprint, until in latest_last.values_list("watch_list__key", "value_index", "until"):
        own[key][str(fingerprint)] = until
    loaded = [one for one in lists if one.kind == ListKind.REGION and one.edition is not None]
    of_settings = {key: _Regions(codes, None) for key, codes in regions_of_settings().items()}
    return _Snapshot(
        version=version,
        own={key: _Own(members) for key, members in own.items()},
        regions={**of_settings, **{one.key: _regions(one) for one in loaded}},
        never_loaded=frozenset(one.key for one in lists) | frozenset(known_lists()),
    )


def _regions(watch_list: WatchList) -> _Regions:
    rows = ListEntry.objects.in_force().filter(watch_list=watch_list).values_list("countries", flat=True)
    codes = frozenset(code for row in rows for code in row)
    return _Regions(codes, _good_until(watch_list), watch_list.max_age_days)


def _fingerprints(text: str) -> list[str]:
    return [
        fingerprint
        for value in looked_for(text)
        for fingerprint in encryption.fingerprints(value, context=INDEX_CONTEXT)
    ]


def forget() -> None:
    """Have the lists read anew when they are next asked for: after the settings changed."""
    _Kept.snapshot = None
