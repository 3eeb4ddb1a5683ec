"""The schedule of tries as a table of expected moments, and what a receiver can ask for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.models import DEFAULT_WAITS
from notifications.waits import next_try, quiet_until

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EVEN = 0.5  # the chance that moves nothing


def test_the_schedule_of_an_endpoint_for_which_nobody_said_otherwise() -> None:
    """The first sending at 09:00, each failing at once."""
    moments, tries = [], 0
    at: datetime | None = NOW
    while at is not None:
        moments.append(f"{at:%d %H:%M}")
        tries += 1
        at = next_try(DEFAULT_WAITS, tries=tries, now=at, chance=EVEN)
    assert moments == [
        "23 09:00",
        "23 09:01",
        "23 09:06",
        "23 09:16",
        "23 09:46",
        "23 10:46",
        "23 13:46",
        "23 19:46",
        "24 07:46",
    ]


@pytest.mark.parametrize(
    ("chance", "expected"), [(0.0, 54), (0.25, 57), (0.5, 60), (0.75, 63), (0.999_999, 66)], ids=str
)
def test_jitter_moves_a_wait_by_a_tenth_at_most(chance: float, expected: int) -> None:
    at = next_try([60], tries=1, now=NOW, chance=chance)
    assert at is not None
    assert round((at - NOW).total_seconds()) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (0.0, timedelta(minutes=5)),  # not sooner than planned
        (120.0, timedelta(minutes=5)),
        (301.0, timedelta(seconds=301)),
        (7200.0, timedelta(hours=2)),
        (43_200.0, timedelta(hours=12)),
        (86_400.0, timedelta(hours=12)),  # not for ever
        (1e18, timedelta(hours=12)),
        (-5.0, timedelta(minutes=5)),
    ],
)
def test_retry_after_is_honoured_within_bounds(asked: float, expected: timedelta) -> None:
    assert next_try(DEFAULT_WAITS, tries=2, now=NOW, chance=EVEN, retry_after=asked) == NOW + expected


def test_a_wait_longer_than_anybody_may_ask_for_stays() -> None:
    day = 86_400
    assert next_try([day], tries=1, now=NOW, chance=EVEN, retry_after=60.0) == NOW + timedelta(days=1)


def test_after_the_last_wait_there_is_no_other_try_whatever_was_asked() -> None:
    assert next_try([60, 60], tries=3, now=NOW, chance=EVEN, retry_after=60.0) is None


@pytest.mark.parametrize(
    ("asked", "expected"), [(30.0, timedelta(seconds=30)), (3600.0, timedelta(hours=1)), (9e9, timedelta(hours=1))]
)
def test_quiet_lasts_an_hour_at_most(asked: float, expected: timedelta) -> None:
    assert quiet_until(asked, now=NOW) == NOW + expected


@given(
    waits=st.lists(st.integers(1, 86_400), min_size=1, max_size=12),
    tries=st.integers(1, 14),
    chance=st.floats(0, 1, exclude_max=True),
    asked=st.none() | st.floats(0, 1e12),
)
def test_the_next_try_is_never_sooner_than_the_shortest_jitter_and_never_later_than_asked_at_most(
    waits: list[int], tries: int, chance: float, asked: float | None
) -> None:
    at = next_try(waits, tries=tries, now=NOW, chance=chance, retry_after=asked)
    if tries > len(waits):
        assert at is None
        return
    assert at is not None
    planned = waits[tries - 1]
    longest = planned * 1.1 if asked is None else max(planned * 1.1, 12 * 3600)
    assert planned * 0.9 - 0.001 <= (at - NOW).total_seconds() <= longest + 0.001
