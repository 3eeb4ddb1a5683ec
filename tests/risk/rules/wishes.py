"""Rules as analysts write them: through the services."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bankops.core.actor import Actor
from risk.models import Family, RuleVersion, SourceKind
from risk.outcomes import Outcome
from risk.rules.terms import About, Draft
from risk.services import rules
from tests.risk.rules.made import NOW

REN = Actor("staff", "usr_ren", "Ren Xin")
LIU = Actor("staff", "usr_liu", "Liu Bo")
ABOUT = About(
    key="large_at_night",
    name="Large amount at night",
    purpose="Money is taken when nobody looks.",
    family=Family.BEHAVIOUR,
    source_kind=SourceKind.BANK,
    source="The bank's own cases",
    reason_code="unusual_time",
    owner="Fraud desk",
)
DRAFT = Draft(
    condition="amount>money('50000 CNY') and hour<6",
    weight=300,
    outcome=Outcome.BLOCK_AND_REVIEW,
    explains="A large amount at night.",
    note="First words",
)
STRICTER = replace(DRAFT, condition='amount > money("20000 CNY") and hour < 6', note="Losses below the threshold")


def create(*, draft: Draft = DRAFT, **about: Any) -> RuleVersion:
    return rules.create_rule(about=replace(ABOUT, **about), draft=draft, actor=REN, now=NOW)


def next_version(version: RuleVersion, draft: Draft = STRICTER) -> RuleVersion:
    return rules.draft_version(rule_id=version.rule_id, draft=draft, actor=REN, now=NOW)
