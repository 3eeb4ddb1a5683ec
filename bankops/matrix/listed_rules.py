"""The doors on risk rules, and the operations behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from bankops.core import clock
from bankops.matrix.listing import (
    Arguments,
    Form,
    Listed,
    Submitted,
    door,
    may,
    page,
    reading_room,
    reason,
    with_reason,
)
from bankops.matrix.people import Persona
from bankops.matrix.ruled import ABOUT, DRAFT
from bankops.matrix.stage import Stage

_VIEW, _WRITE = may("risk.view_rule"), may("risk.draft_rule")
_WRITTEN = {**asdict(DRAFT), "weight": "11", "edition": "1", "movement": ""}


def rules() -> Iterator[Listed]:
    """Yield every door."""
    yield from reading_room("risk_rule", _VIEW, lambda stage: stage.rules["counting"])
    yield from door("risk_rule_new_rule", _WRITE, _form(**{**asdict(ABOUT), "key": "another"}, **_WRITTEN))
    yield Listed("admin:risk_rule_assist", "POST", _WRITE, form=_form(condition="hour < 6"), remark="help with writing")
    yield from door("risk_rule_new_version", _WRITE, _form(**_WRITTEN), _rule("counting"))
    yield from door("risk_rule_edit_draft", _WRITE, _form(**_WRITTEN), _rule("drafted"))
    versioned, owner = with_reason(version="1.1"), with_reason(owner="Somebody else")
    yield from door("risk_rule_hand_over_rule", _WRITE, owner, _rule("counting"))
    yield from door("risk_rule_discard_version", _WRITE, versioned, _rule("drafted"))
    for verb in ("start_shadow", "activate_rule"):
        yield from door(f"risk_rule_{verb}", may(f"risk.{verb}"), versioned, _rule("drafted"))
    yield from door("risk_rule_retire_rule", may("risk.retire_rule"), reason, _rule("counting"))
    yield from door("risk_rule_snooze_rule", may("risk.snooze_rule"), _snoozed, _rule("counting"))
    yield from door("risk_rule_run_backtest", may("risk.run_backtest"), _tried, _rule("counting"))
    yield from reading_room("risk_rulesnooze", may("risk.view_rulesnooze"), lambda stage: stage.snooze)
    yield from door("risk_rulesnooze_end_snooze", may("risk.end_snooze"), reason, lambda stage: [stage.snooze.pk])
    running: Arguments = lambda stage: [stage.backtest.pk]  # noqa: E731 - said once, used twice
    yield from reading_room("risk_rulebacktest", may("risk.view_rulebacktest"), lambda stage: stage.backtest)
    yield page("risk_rulebacktest_progress", may("risk.view_rulebacktest"), running)
    yield from door("risk_rulebacktest_cancel_backtest", may("risk.run_backtest"), _form(), running)


def submitted() -> Iterator[Submitted]:
    """Yield the operations behind them."""
    drafted = {"rule": "drafted", "version": 1, "edition": 1}
    for verb in ("start_shadow", "activate_rule"):
        yield Submitted(f"risk.{verb}", lambda _stage: drafted)
    yield Submitted("risk.retire_rule", lambda _stage: {"rule": "counting"})
    yield Submitted("risk.snooze_rule", _passed_over)


def _rule(name: str) -> Arguments:
    return lambda stage: [stage.rules[name].pk]


def _form(**fields: Any) -> Form:
    return lambda _stage, persona: {**fields, "idempotency_key": f"matrix-{persona.key}"}


def _snoozed(stage: Stage, persona: Persona) -> dict[str, Any]:
    last_day = clock.business_date(stage.now + timedelta(days=9)).isoformat()
    return {**reason(stage, persona), "customer": stage.customer.number, "last_day": last_day}


def _passed_over(stage: Stage) -> dict[str, Any]:
    last_day = clock.business_date(stage.now + timedelta(days=9)).isoformat()
    return {"rule": "counting", "customer": stage.customer.public_id, "last_day": last_day}


def _tried(stage: Stage, persona: Persona) -> dict[str, Any]:
    today = clock.business_date(stage.now).isoformat()
    return {**_form()(stage, persona), "version": "1.1", "first_day": today, "last_day": today}
