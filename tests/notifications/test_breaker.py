"""The breaker by a moved clock: what came of each minute, and how it stands then. Pure, so no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from notifications.breaker import (
    ATTEMPTS_MIN,
    PROBES,
    PROBES_GOOD_MIN,
    REMEMBERED,
    RESTS,
    Standing,
    Window,
    after,
    allowance,
    closed_by_hand,
    window_from,
)
from notifications.models import BreakerState
from tests.properties import examples

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN
NOON = datetime(2026, 11, 23, 12, 0, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


class Endpoint:
    """A breaker with the minutes that it is judged by, as the database keeps them; results come in batches."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now
        self.standing = Standing()
        self.minutes: dict[datetime, Window] = {}

    def results(self, good: int, bad: int) -> BreakerState:
        minute = self.now.replace(second=0, microsecond=0)
        before = self.minutes.get(minute, Window(0, 0))
        self.minutes[minute] = Window(before.delivered + good, before.failed + bad)
        self.standing = after(self.standing, self.window(), good=good, bad=bad, now=self.now)
        return self.standing.state

    def window(self) -> Window:
        first = window_from(self.standing, self.now)
        counted = [window for minute, window in self.minutes.items() if minute >= first]
        return Window(sum(one.delivered for one in counted), sum(one.failed for one in counted))

    def wait(self, time: timedelta) -> BreakerState:
        self.now += time
        self.standing = after(self.standing, self.window(), good=0, bad=0, now=self.now)
        return self.standing.state

    def fail_for_good(self) -> None:
        """Fail until it opens, from whatever state lets something through."""
        while self.results(0, 1) != OPEN:
            pass


# -- Opening ---------------------------------------------------------------------------------------------------------

# What came of minute after minute (arrived, failed), and how the breaker stands after each.
BY_MINUTE: dict[str, list[tuple[int, int, BreakerState]]] = {
    "one error does not open it": [(0, 1, CLOSED), (50, 0, CLOSED)],
    "nine errors are too few to tell": [(0, 9, CLOSED)],
    "the tenth opens it": [(0, 9, CLOSED), (0, 1, OPEN)],
    "one success does not hide ten failures": [(0, 9, CLOSED), (1, 1, OPEN)],
    "half is enough": [(5, 4, CLOSED), (0, 1, OPEN)],
    "less than half is not": [(6, 4, CLOSED), (1, 1, CLOSED), (1, 1, CLOSED)],
    "errors spread over more than five minutes": [(0, 2, CLOSED)] * 4 + [(0, 1, CLOSED)] * 6,
    "errors within five minutes": [(0, 2, CLOSED)] * 4 + [(0, 2, OPEN)],
    "many successes long ago": [(1000, 0, CLOSED)] + [(0, 0, CLOSED)] * 4 + [(0, 9, CLOSED), (0, 1, OPEN)],
    "many successes just now": [(1000, 0, CLOSED), (0, 999, CLOSED), (0, 1, OPEN)],
    "a success opens nothing": [(0, 9, CLOSED), (9, 0, CLOSED)],
}


@pytest.mark.parametrize("minutes", BY_MINUTE.values(), ids=BY_MINUTE)
def test_opening_by_minute(minutes: Sequence[tuple[int, int, BreakerState]]) -> None:
    endpoint = Endpoint()
    for number, (good, bad, expected) in enumerate(minutes):
        assert endpoint.results(good, bad) == expected, f"minute {number}"
        endpoint.now += MINUTE


# -- Rests and probes ------------------------------------------------------------------------------------------------


def test_it_rests_for_longer_every_time() -> None:
    """Expected moments after the first opening: probes at 1 min, then 2, 5, 10, 30, 30 … after each further opening."""
    endpoint = Endpoint()
    endpoint.fail_for_good()
    opened, moments = endpoint.now, []
    for _round in range(7):
        assert endpoint.standing.probe_at is not None
        moments.append(endpoint.standing.probe_at - opened)
        endpoint.wait(endpoint.standing.probe_at - endpoint.now)
        endpoint.fail_for_good()
    assert [moment // MINUTE for moment in moments] == [1, 3, 8, 18, 48, 78, 108]
    assert endpoint.standing.opened_in_a_row == 8


def test_while_it_rests_nothing_is_sent_and_nothing_opens_it_further() -> None:
    endpoint = Endpoint()
    endpoint.fail_for_good()
    opened = endpoint.standing
    endpoint.now += 59 * SECOND
    assert allowance(endpoint.standing, endpoint.now) == 0
    assert endpoint.results(0, 16) == OPEN, "what was in the air when it opened"
    assert endpoint.results(1, 0) == OPEN, "one success does not close it"
    assert endpoint.standing == opened


def test_after_its_rest_probes_are_sent() -> None:
    endpoint = Endpoint()
    endpoint.fail_for_good()
    assert allowance(endpoint.standing, endpoint.now + MINUTE) == PROBES
    assert endpoint.wait(MINUTE) == HALF_OPEN
    assert allowance(endpoint.standing, endpoint.now) == PROBES
    endpoint.results(1, 0)
    assert allowance(endpoint.standing, endpoint.now) == PROBES - 1


# Results of the probes, one after the other (1 arrived, 0 failed), and how it stands after each of them.
PROBES_IN_TURN: dict[str, tuple[str, list[BreakerState]]] = {
    "four good close it": ("1111", [HALF_OPEN, HALF_OPEN, HALF_OPEN, CLOSED]),
    "one may fail": ("01111", [HALF_OPEN, HALF_OPEN, HALF_OPEN, HALF_OPEN, CLOSED]),
    "one may fail late": ("11101", [HALF_OPEN, HALF_OPEN, HALF_OPEN, HALF_OPEN, CLOSED]),
    "two may not, at once": ("00", [HALF_OPEN, OPEN]),
    "two may not, at the end": ("11100", [HALF_OPEN, HALF_OPEN, HALF_OPEN, HALF_OPEN, OPEN]),
    "one good probe is no success rate": ("1", [HALF_OPEN]),
}


@pytest.mark.parametrize(("probes", "expected"), PROBES_IN_TURN.values(), ids=PROBES_IN_TURN)
def test_probes(probes: str, expected: list[BreakerState]) -> None:
    endpoint = Endpoint()
    endpoint.fail_for_good()
    endpoint.wait(MINUTE)
    assert [endpoint.results(int(one), 1 - int(one)) for one in probes] == expected


def test_probes_that_come_back_together_are_counted_as_one_round() -> None:
    endpoint = Endpoint()
    endpoint.fail_for_good()
    endpoint.wait(MINUTE)
    assert endpoint.results(4, 1) == CLOSED

    endpoint = Endpoint()
    endpoint.fail_for_good()
    endpoint.wait(MINUTE)
    assert endpoint.results(3, 2) == OPEN


def test_probes_close_it_with_a_clean_slate() -> None:
    endpoint = Endpoint()
    endpoint.fail_for_good()
    endpoint.wait(MINUTE)
    endpoint.results(4, 0)
    assert endpoint.standing == Standing(CLOSED, endpoint.now)
    assert allowance(endpoint.standing, endpoint.now) is None


def test_failures_from_before_it_closed_do_not_open_it_again() -> None:
    """It was open for a minute only, so the window of five minutes still holds what opened it."""
    endpoint = Endpoint()
    endpoint.results(0, 200)
    endpoint.wait(MINUTE)
    endpoint.results(4, 1)
    for _minute in range(4):
        endpoint.wait(MINUTE)
        assert endpoint.results(1, 1) == CLOSED
    endpoint.wait(MINUTE)
    assert endpoint.results(1, 1) == OPEN, "what failed since counts"


# -- By hand ---------------------------------------------------------------------------------------------------------


def test_closed_by_hand_it_has_proven_nothing() -> None:
    endpoint = Endpoint()
    endpoint.fail_for_good()
    endpoint.wait(MINUTE)
    endpoint.fail_for_good()
    endpoint.standing = closed_by_hand(endpoint.standing, endpoint.now)
    assert (endpoint.standing.state, allowance(endpoint.standing, endpoint.now)) == (CLOSED, None)

    endpoint.wait(MINUTE)
    endpoint.fail_for_good()

    assert endpoint.standing.opened_in_a_row == 3
    assert endpoint.standing.probe_at == endpoint.now + RESTS[2]


def test_an_hour_after_it_was_closed_by_hand_its_openings_are_forgotten() -> None:
    endpoint = Endpoint()
    endpoint.fail_for_good()
    endpoint.standing = closed_by_hand(endpoint.standing, endpoint.now)
    endpoint.wait(REMEMBERED + SECOND)
    endpoint.fail_for_good()
    assert endpoint.standing.opened_in_a_row == 1


# -- Whatever happens ------------------------------------------------------------------------------------------------

_batches = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 400)), max_size=40)


@given(history=_batches)
@examples(100)
def test_one_result_never_turns_it_about(history: list[tuple[int, int, int]]) -> None:
    """From whatever history: one failure never opens a breaker that has seen fewer than ten, one success never closes it."""
    endpoint = Endpoint()
    for good, bad, seconds in history:
        endpoint.results(good, bad)
        endpoint.wait(seconds * SECOND)
    standing, window = endpoint.standing, endpoint.window()
    if standing.state == CLOSED and window.delivered + window.failed < ATTEMPTS_MIN - 1:
        assert endpoint.results(0, 1) == CLOSED
    elif standing.state == OPEN or (standing.state == HALF_OPEN and standing.probes_good < PROBES_GOOD_MIN - 1):
        assert endpoint.results(1, 0) != CLOSED


class Breaker(RuleBasedStateMachine):
    """A breaker under results in any order, time that passes, and people who close it by hand."""

    @initialize()
    def begin(self) -> None:
        self.endpoint = Endpoint()
        self.before = self.endpoint.standing

    @rule(good=st.integers(0, 12), bad=st.integers(0, 12))
    def results(self, good: int, bad: int) -> None:
        self.before = self.endpoint.standing
        allowed = allowance(self.before, self.endpoint.now)
        good = good if allowed is None else min(good, allowed)
        bad = bad if allowed is None else min(bad, allowed - good)
        self.endpoint.results(good, bad)
        self._moved_as_it_may()

    @rule(seconds=st.integers(1, 3600))
    def time_passes(self, seconds: int) -> None:
        self.before = self.endpoint.standing
        self.endpoint.wait(seconds * SECOND)
        self._moved_as_it_may()

    @rule()
    def by_hand(self) -> None:
        if self.endpoint.standing.state != CLOSED:
            self.endpoint.standing = closed_by_hand(self.endpoint.standing, self.endpoint.now)

    @invariant()
    def says_what_its_state_needs(self) -> None:
        standing, now = self.endpoint.standing, self.endpoint.now
        allowed = allowance(standing, now)
        assert (standing.state == OPEN) == (standing.probe_at is not None)
        assert (allowed is None) == (standing.state == CLOSED)
        assert allowed is None or 0 <= allowed <= PROBES
        assert standing.probes_good <= standing.probes_sent <= PROBES
        if standing.state == HALF_OPEN:
            assert allowed, "a round that is undecided has probes left, or it would stay so for ever"
        if standing.state == OPEN:
            assert standing.opened_in_a_row >= 1
            assert standing.probe_at == (standing.since or now) + RESTS[min(standing.opened_in_a_row, len(RESTS)) - 1]

    def _moved_as_it_may(self) -> None:
        after_, before = self.endpoint.standing, self.before
        assert (before.state, after_.state) not in {(CLOSED, HALF_OPEN), (OPEN, CLOSED)}
        if before.state == OPEN and after_.state != OPEN:
            assert before.probe_at is not None
            assert self.endpoint.now >= before.probe_at
        if after_.state == before.state:
            assert replace(after_, probes_sent=0, probes_good=0) == replace(before, probes_sent=0, probes_good=0)


TestBreaker = Breaker.TestCase
TestBreaker.settings = examples(60, stateful_step_count=40)
