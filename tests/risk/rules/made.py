"""Rules as they stand in the database, past the services: for tests of what comes after."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from risk.models import Family, Rule, RuleVersion, SourceKind, VersionState
from risk.outcomes import Outcome

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
_DATED = {
    VersionState.DRAFT: (),
    VersionState.SHADOW: ("shadow_since",),
    VersionState.ACTIVE: ("active_since",),
    VersionState.RETIRED: ("retired_at",),
}


def make_rule(key: str = "large_at_night", **changed: Any) -> Rule:
    usual = {
        "key": key,
        "name": "Large amount at night",
        "purpose": "Money is taken when nobody looks.",
        "family": Family.BEHAVIOUR,
        "source_kind": SourceKind.BANK,
        "source": "The bank's own cases",
        "reason_code": "unusual_time",
        "owner": "Fraud desk",
        "created_at": NOW,
    }
    return Rule.objects.create(**usual | changed)


def told(rule: Rule) -> dict[str, Any]:
    """Return what a version of a rule says in these tests."""
    return {
        "rule": rule,
        "number": rule.versions.count() + 1,
        "condition": 'amount > money("50000 CNY") and hour < 6',
        "weight": 300,
        "outcome": Outcome.BLOCK_AND_REVIEW,
        "explains": "A large amount at night.",
        "note": "First words",
        "created_at": NOW,
        "edited_at": NOW,
        "author_id": "usr_of_a_test",
        "author_name": "Ren Xin",
    }


def make_version(rule: Rule | None = None, state: VersionState = VersionState.DRAFT, **changed: Any) -> RuleVersion:
    """Return a version of a rule in a state, on the way that leads there."""
    version = RuleVersion.objects.create(**told(rule or make_rule()) | changed)
    return version if state == VersionState.DRAFT else move(version, state)


def move(version: RuleVersion, state: VersionState) -> RuleVersion:
    """Move a version on past every service."""
    version.state = state
    for column in _DATED[state]:
        setattr(version, column, NOW)
    version.save(update_fields=["state", *_DATED[state]])
    return version
