"""The rules that count now, compiled: kept by each process and read again only when something of them changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from uuid import UUID

from django.db import connection

from accounts.models import Customer
from bankops.core import ids
from bankops.core.db import prepared
from risk.errors import RulesUnusable
from risk.fact_schema import SCHEMA
from risk.language.errors import RuleError
from risk.language.rule import Compiled, compile_rule
from risk.language.schema import Counter
from risk.models import RuleSnooze, RuleVersion, VersionState
from risk.outcomes import Outcome

VERSION_SQL: Final = "SELECT version FROM risk_ruleset WHERE id = 1"
"""Which set of rules counts: for whoever reads it together with something else, and hands it to `live`."""


@dataclass(frozen=True, slots=True)
class LiveRule:
    """A version of a rule that is evaluated.

    Attributes:
        key: the rule's, stable: `structuring_cash`.
        name, explains: as they are kept; shipped ones are translated when shown (`gettext`).
        weight: what it adds to the score when it hits, 0 to 1000.

    """

    version_id: UUID
    rule_id: UUID
    key: str
    name: str
    compiled: Compiled
    weight: int
    outcome: Outcome
    reason_code: str
    explains: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All that counts.

    Attributes:
        version: of the set; grows with every change.
        active: by key. Their outcomes count.
        shadow: by key. They are evaluated beside the others, and nothing comes of it.
        counters: all that both look at.
        lists, shadow_lists: which active ones look into, and which those in shadow do.
        snoozes: until when a rule is passed over for a customer, by the rule's key and the customer's public id. Some may have
            passed by now: `snoozed` looks.
        unreadable: keys of rules in shadow that do not compile any more. They are left out: money does not wait for them.

    """

    version: int
    active: tuple[LiveRule, ...]
    shadow: tuple[LiveRule, ...]
    counters: frozenset[Counter]
    lists: frozenset[str]
    shadow_lists: frozenset[str]
    snoozes: Mapping[tuple[str, str], datetime]
    unreadable: tuple[str, ...] = ()

    def snoozed(self, key: str, customer: str | None, now: datetime) -> bool:
        """Whether a rule is passed over for this customer at `now`."""
        until = self.snoozes.get((key, customer)) if customer else None
        return until is not None and now < until


_kept: dict[str, RuleSet | RulesUnusable] = {}  # by the name of the database, of which a process has one


def live(now: datetime, *, version: int | None = None) -> RuleSet:
    """Return the rules that count. One statement, a few after a change.

    :param now: snoozes that have passed by then are not loaded.
    :param version: as `VERSION_SQL` told just now; without it, it is asked for.
    :raises RulesUnusable: when an active rule does not compile any more: nobody can assess then.
    """
    version = ruleset_version() if version is None else version
    kept = latest()
    if kept is None or _version_of(kept) != version:
        kept = _kept[_database()] = _load(version, now)
    if isinstance(kept, RulesUnusable):
        raise RulesUnusable(**kept.context)
    return kept


def latest() -> RuleSet | RulesUnusable | None:
    """Return what this process loaded last, without asking whether it still counts: for what to read beside its version."""
    return _kept.get(_database())


def ruleset_version() -> int:
    """Return which set of rules counts; 0 when none ever did."""
    rows = prepared(VERSION_SQL, {})
    return int(rows[0][0]) if rows else 0


def _database() -> str:
    return str(connection.settings_dict["NAME"])


def _version_of(kept: RuleSet | RulesUnusable) -> int:
    return kept.version if isinstance(kept, RuleSet) else int(kept.context["version"])


def _load(version: int, now: datetime) -> RuleSet | RulesUnusable:
    rows = RuleVersion.objects.filter(state__in=(VersionState.ACTIVE, VersionState.SHADOW)).select_related("rule")
    active: list[LiveRule] = []
    shadow: list[LiveRule] = []
    unreadable: list[str] = []
    for row in rows.order_by("rule__key"):
        try:
            (active if row.state == VersionState.ACTIVE else shadow).append(live_rule(row))
        except RuleError as error:
            if row.state == VersionState.ACTIVE:
                return RulesUnusable(rule=row.rule.key, problem=str(error), version=version)
            unreadable.append(row.rule.key)
    return _set(version, active, shadow, unreadable, now)


def _set(
    version: int, active: Iterable[LiveRule], shadow: Iterable[LiveRule], unreadable: Iterable[str], now: datetime
) -> RuleSet:
    needs = [rule.compiled.needs for rule in (*active, *shadow)]
    return RuleSet(
        version=version,
        active=tuple(active),
        shadow=tuple(shadow),
        counters=frozenset(counter for need in needs for counter in need.counters),
        lists=_lists_of(active),
        shadow_lists=_lists_of(shadow),
        snoozes=MappingProxyType(_snoozes(now)),
        unreadable=tuple(unreadable),
    )


def _lists_of(rules: Iterable[LiveRule]) -> frozenset[str]:
    return frozenset(name for rule in rules for name in rule.compiled.needs.lists)


def live_rule(version: RuleVersion) -> LiveRule:
    """Return a version ready to be evaluated; its rule was read with it.

    :raises RuleError: when it does not compile.
    """
    rule = version.rule
    return LiveRule(
        version_id=version.pk,
        rule_id=rule.pk,
        key=rule.key,
        name=rule.name,
        compiled=_compiled(version.condition),
        weight=version.weight,
        outcome=Outcome(version.outcome),
        reason_code=rule.reason_code,
        explains=version.explains,
    )


@lru_cache(maxsize=512)
def _compiled(condition: str) -> Compiled:
    """Compile against the facts there are; whether a list is there is seen when it is looked into."""
    return compile_rule(condition, SCHEMA)


def _snoozes(now: datetime) -> dict[tuple[str, str], datetime]:
    rows = RuleSnooze.objects.filter(ended_at__isnull=True, until__gt=now).order_by("until")
    return {
        (key, ids.encode(Customer.ID_PREFIX, customer)): until
        for key, customer, until in rows.values_list("rule__key", "customer_id", "until")
    }
