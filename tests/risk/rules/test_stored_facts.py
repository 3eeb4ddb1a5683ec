"""What was assessed is read in order, all of a time and nothing else, without looking at more than that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from risk.models import AlertOutcome, VersionState
from risk.selectors import stored_facts
from risk.selectors.rule_figures import Hits, Quality, Verdict, figures_of, verdicts_of
from tests.risk.rules.kept import PAST, assessed, decided, facts_of
from tests.risk.rules.made import NOW, make_rule, make_version
from tests.risk.rules.wishes import REN

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def test_a_time_is_read_in_order_and_in_pieces() -> None:
    for number, moment in enumerate([PAST - 2 * DAY, PAST, PAST, PAST + DAY, PAST + 2 * DAY]):
        assessed(number, moment)
    since, until = PAST, PAST + 2 * DAY
    assert stored_facts.count(since=since, until=until) == 3
    first = stored_facts.chunk(since=since, until=until, after="", limit=2)
    assert [one.reference for one in first] == ["TR-1", "TR-2"]
    rest = stored_facts.chunk(since=since, until=until, after=first[-1].position, limit=2)
    assert [one.reference for one in rest] == ["TR-3"]
    assert stored_facts.chunk(since=since, until=until, after=rest[-1].position, limit=2) == []
    assert len(first[0].position) <= 100
    found = list(stored_facts.stored_facts(since=since, until=until))
    assert found[0] == ("tr_1", facts_of(1), "APPROVE")
    assert len(found) == 3


def test_where_a_time_ends_is_looked_for_once() -> None:
    for number in range(3):
        assessed(number)
    first = stored_facts.chunk(since=PAST, until=PAST + DAY, after="", limit=1)
    with CaptureQueriesContext(connection) as asked:
        stored_facts.chunk(since=PAST, until=PAST + DAY, after=first[0].position, limit=1)
    assert len(asked) == 1


def test_of_a_time_without_movements_there_is_nothing() -> None:
    assert list(stored_facts.stored_facts(since=PAST, until=PAST + DAY)) == []


def test_a_movement_is_found_by_id_and_by_reference() -> None:
    assessed(7)
    for name in ("tr_7", "TR-7"):
        found = stored_facts.one(name)
        assert found is not None
        assert (found.movement, found.reference, found.moment) == ("tr_7", "TR-7", PAST)
    assert stored_facts.one("TR-8") is None


def test_hits_are_counted_by_rule_whichever_version_it_was() -> None:
    first = make_version(state=VersionState.RETIRED)
    second = make_version(first.rule, VersionState.ACTIVE)
    other = make_version(make_rule("other"), VersionState.SHADOW)
    assessed(1, NOW - DAY * 40, hits=(first,))
    assessed(2, NOW - DAY * 3, hits=(first, other))
    assessed(3, NOW, hits=(second,))
    assessed(4, NOW, hits=(second,), how="SNOOZED")
    assessed(5, NOW, hits=(other,), how="SHADOW")
    found = figures_of(["large_at_night", "other", "unknown"], NOW)
    assert {key: one.hits for key, one in found.items()} == {
        "large_at_night": Hits(day=1, month=2),
        "other": Hits(day=1, month=2),
        "unknown": Hits(0, 0),
    }


def test_how_many_alerts_were_false() -> None:
    version = make_version(state=VersionState.ACTIVE)
    for number, outcome in enumerate(
        [AlertOutcome.FALSE_POSITIVE, AlertOutcome.CONFIRMED, AlertOutcome.FALSE_POSITIVE]
    ):
        decided(number, outcome, REN, NOW, assessed(number, hits=(version,)))
    decided(8, AlertOutcome.CONFIRMED, REN, NOW - 40 * DAY, assessed(8, hits=(version,)))
    decided(9, AlertOutcome.CONFIRMED, REN, NOW, assessed(9))
    figures = figures_of(["large_at_night"], NOW)["large_at_night"]
    assert figures.quality == Quality(decided=3, false=2)
    assert figures.quality.false_percent == 67
    assert Quality(0, 0).false_percent is None


def test_a_movement_is_confirmed_when_any_alert_about_it_was() -> None:
    decided(1, AlertOutcome.FALSE_POSITIVE, REN, NOW)
    decided(1, AlertOutcome.REPORTED, REN, NOW)
    decided(2, AlertOutcome.FALSE_POSITIVE, REN, NOW)
    assert verdicts_of(["tr_1", "tr_2", "tr_3"]) == {"tr_1": Verdict.CONFIRMED, "tr_2": Verdict.FALSE_POSITIVE}
