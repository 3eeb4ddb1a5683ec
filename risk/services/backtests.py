"""The only writer of back-tests: begun by a person, worked off piece by piece in the background, cancelled by a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from bankops.core import audit, clock
from bankops.core.actor import Actor
from bankops.core.db import busy_is_an_answer, transaction_required
from risk import errors, events, locks
from risk.fact_schema import SCHEMA
from risk.language.errors import RuleError
from risk.language.rule import Compiled, compile_rule
from risk.models import BacktestState, RuleBacktest, RuleVersion, VersionState
from risk.rules.tally import Tally, add_all
from risk.selectors import stored_facts
from risk.selectors.rule_figures import verdicts_of

RANGE_MAX = timedelta(days=366)


@transaction.atomic
def start_backtest(*, version_id: UUID, since: datetime, until: datetime, actor: Actor, now: datetime) -> RuleBacktest:
    """Begin to try a version over the movements of a time, beside the active one. Writes `risk.rule.backtest_started`.

    :param until: not included.
    :raises RuleVersionNotFound: when there is no such version.
    :raises BacktestRangeInvalid: when the time has no length, or more than a year.
    :raises BacktestRuns: when one of this version is running.
    :raises NothingStored: when no movement of that time was kept.
    """
    if not since < until <= since + RANGE_MAX:
        raise errors.BacktestRangeInvalid(days=RANGE_MAX.days)
    version = RuleVersion.objects.select_related("rule").filter(pk=version_id).first()
    if version is None:
        raise errors.RuleVersionNotFound(rule="–", version=version_id)
    locks.rule_for_update(version.rule_id)
    if version.backtests.filter(state=BacktestState.RUNNING).exists():
        raise errors.BacktestRuns
    total = stored_facts.count(since=since, until=until)
    if not total:
        raise errors.NothingStored
    active = version.rule.versions.filter(state=VersionState.ACTIVE).exclude(pk=version.pk).first()
    backtest = RuleBacktest.objects.create(
        version=version,
        edition=version.edition,
        condition=version.condition,
        compared_number=active.number if active else None,
        compared_condition=active.condition if active else "",
        since=since,
        until=until,
        total=total,
        requested_at=now,
        requested_by_id=actor.id,
        requested_by_name=actor.name,
    )
    _record(events.BACKTEST_STARTED, backtest, actor, now)
    return backtest


@transaction.atomic
def cancel_backtest(*, backtest_id: UUID, actor: Actor, now: datetime) -> RuleBacktest:
    """Stop a back-test where it is; what was counted so far stays readable. Writes `risk.rule.backtest_ended`.

    :raises BacktestOver: when it has ended, or there is none.
    :raises Busy: when a piece of it takes too long to wait for.
    """
    with busy_is_an_answer():
        known = RuleBacktest.objects.select_for_update(of=("self",), no_key=True)
        backtest = known.select_related("version__rule").filter(pk=backtest_id).first()
    if backtest is None or backtest.state != BacktestState.RUNNING:
        raise errors.BacktestOver
    _end(backtest, BacktestState.CANCELLED, actor, now)
    return backtest


@transaction.atomic
def work_off_piece(*, now: datetime) -> bool:
    """Add the next piece to the oldest back-test that nobody else is at; return whether there may be more to do.

    What was added up, and how far it came, are written in one transaction: a worker that is killed leaves nothing half.
    """
    running = RuleBacktest.objects.filter(state=BacktestState.RUNNING).order_by("requested_at", "id")
    locked = running.select_for_update(of=("self",), skip_locked=True, no_key=True)
    backtest = locked.select_related("version__rule").first()
    if backtest is None:
        return False
    try:
        rule = compile_rule(backtest.condition, SCHEMA)
        compared = compile_rule(backtest.compared_condition, SCHEMA) if backtest.compared_condition else None
    except RuleError as error:
        backtest.fault = str(error)
        _end(backtest, BacktestState.FAILED, _WORKER, now)
        return True
    _add_piece(backtest, rule, compared, now)
    return True


_WORKER = Actor.system("backtests")


@transaction_required
def _add_piece(backtest: RuleBacktest, rule: Compiled, compared: Compiled | None, now: datetime) -> None:
    found = stored_facts.chunk(since=backtest.since, until=backtest.until, after=backtest.position)
    tally = Tally.from_json(backtest.result)
    verdicts = verdicts_of([stored.movement for stored in found])
    add_all(tally, found, rule=rule, compared=compared, verdicts=verdicts, day_of=clock.business_date)
    backtest.result = tally.as_json()
    backtest.seen += len(found)
    backtest.worked_at = now
    if found:
        backtest.position = found[-1].position
    if len(found) < stored_facts.CHUNK:
        _end(backtest, BacktestState.DONE, _WORKER, now)
        return
    backtest.save(update_fields=["result", "seen", "worked_at", "position"])


def _end(backtest: RuleBacktest, state: BacktestState, actor: Actor, now: datetime) -> None:
    backtest.state, backtest.ended_at = state, now
    backtest.save(update_fields=["state", "ended_at", "result", "seen", "worked_at", "position", "fault"])
    _record(events.BACKTEST_ENDED, backtest, actor, now)


def _record(event: audit.EventType, backtest: RuleBacktest, actor: Actor, now: datetime) -> None:
    detail = {
        "backtest": backtest.public_id,
        "version": backtest.version.number,
        "edition": backtest.edition,
        "state": str(backtest.state),
        "since": backtest.since.isoformat(),
        "until": backtest.until.isoformat(),
        "movements": backtest.seen,
    }
    audit.record(event, actor=actor, subject=events.about_rule(backtest.version.rule), now=now, detail=detail)
