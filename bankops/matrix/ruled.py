"""Rules as they stand on the stage: one that counts, one that is a draft, one passed over for a customer, one being tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction

from bankops.matrix.people import ACTOR, REASON
from risk.models import Family, Rule, RuleBacktest, RuleSnooze, SourceKind
from risk.outcomes import Outcome
from risk.rules.terms import About, Draft
from risk.services.rule_states import make_active
from risk.services.rules import create_rule, locked_version

if TYPE_CHECKING:
    from bankops.matrix.stage import Stage

ABOUT: Final = About(
    key="counting",
    name="A rule",
    purpose="To be tried.",
    family=Family.BEHAVIOUR,
    source_kind=SourceKind.BANK,
    source="The approval matrix",
    reason_code="tried",
    owner="The approval matrix",
)
DRAFT: Final = Draft('amount > money("9000000 CNY")', 10, Outcome.REVIEW, "A very large amount.", "To be tried")


@transaction.atomic
def rules(now: datetime) -> dict[str, Rule]:
    """Write rules: one that counts, as nobody has asked for consent yet, and a draft."""
    counting = create_rule(about=ABOUT, draft=DRAFT, actor=ACTOR, now=now)
    make_active(locked_version(counting.pk), reason=REASON, actor=ACTOR, now=now)
    draft = create_rule(about=replace(ABOUT, key="drafted"), draft=DRAFT, actor=ACTOR, now=now)
    return {"counting": counting.rule, "drafted": draft.rule}


def snooze(stage: Stage) -> RuleSnooze:
    """Pass a rule over for a customer, as nobody has asked for consent yet."""
    return RuleSnooze.objects.create(
        rule=stage.rules["counting"],
        customer=stage.customer,
        since=stage.now,
        until=stage.now + timedelta(days=30),
        reason=REASON,
        made_by_id=ACTOR.id,
        made_by_name=ACTOR.name,
    )


def backtest(stage: Stage) -> RuleBacktest:
    """Begin to try a version; nobody works it off."""
    version = stage.rules["drafted"].versions.get()
    return RuleBacktest.objects.create(
        version=version,
        edition=version.edition,
        condition=version.condition,
        since=stage.now - timedelta(days=1),
        until=stage.now,
        total=1,
        requested_at=stage.now,
        requested_by_id=ACTOR.id,
        requested_by_name=ACTOR.name,
    )
