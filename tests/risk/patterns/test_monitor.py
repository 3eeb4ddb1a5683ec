"""Alerts that grow, what is usual, what is remembered, and what is refused."""

from __future__ import annotations

import pickle
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from risk.patterns import Account, Family, Monitor, Settings, Transfer
from risk.patterns.errors import TransferUnfit
from risk.patterns.settings import DEFAULT_SIZES
from tests.risk.patterns.retail_bank import RetailBank
from tests.risk.patterns.test_shapes import CYCLE, FAN_IN, FAN_OUT
from tests.risk.patterns.town import BEGIN, Town, account

TRANSFER = Transfer(UUID(int=1), account("a"), account("b"), 100_00, BEGIN + timedelta(hours=5))


class TestGrowing:
    def test_a_shape_that_grows_stays_one_alert(self) -> None:
        town = Town()
        town.live(3, [step for step in FAN_OUT if step[3] < 52])
        first = town.only_alert()

        town.live(3, [(payer, payee, amount, hours - 48) for payer, payee, amount, hours in FAN_OUT if hours >= 52])

        grown = town.only_alert()
        assert len(first.transfers) < len(grown.transfers) == len(FAN_OUT)
        assert grown.key == first.key
        assert grown.score > first.score

    def test_a_fan_in_that_is_paid_out_becomes_a_hub(self) -> None:
        town = Town()
        town.live(4, FAN_IN)
        assert town.only_alert().family is Family.FAN_IN

        town.live(3, [("hub", f"payee-{n}", 900_10 + 70_00 * n, 5 + 9 * n) for n in range(6)])

        assert town.only_alert().family is Family.GATHER_SCATTER
        assert len(town.only_alert().transfers) == len(FAN_IN) + 6

    def test_what_was_told_is_not_told_again(self) -> None:
        town = Town()
        town.live(5, CYCLE)
        told = town.told

        town.live(3)

        assert town.told == told

    def test_two_shapes_with_one_account_in_common_are_two_alerts(self) -> None:
        town = Town()

        town.live(6, [*FAN_OUT, ("hub", "x", 9_000_00, 2), ("x", "y", 9_000_00, 8), ("y", "hub", 8_990_00, 14)])

        assert {alert.family for alert in town.alerts.values()} == {Family.FAN_OUT, Family.CYCLE}


class TestWhatIsUsual:
    def test_an_account_that_always_has_many_new_payees_makes_no_alert_with_so_many(self) -> None:
        town = Town()
        for week in range(8):
            town.live(7, [("payer", f"payee-{week}-{n}", 800_00 + 53 * n, 5 + 15 * n) for n in range(8)])
        town.alerts.clear()

        town.live(7, [("payer", f"payee-now-{n}", 800_00 + 53 * n, 5 + 15 * n) for n in range(9)])
        assert town.alerts == {}

        town.live(7, [("payer", f"payee-much-{n}", 800_00 + 53 * n, 5 + 2 * n) for n in range(40)])
        assert town.only_alert().usual > 3

    def test_small_shapes_are_alerts_where_history_shows_that_they_are_rare(self) -> None:
        small = [step for step in FAN_OUT if step[3] < 32]
        early, late = Town(), Town()

        early.live(5, small)
        late.live(90)
        late.live(5, small)

        assert early.alerts == {}
        assert late.only_alert().family is Family.FAN_OUT

    def test_and_are_none_where_it_shows_that_they_are_common(self) -> None:
        town = Town()
        for day in range(90):
            town.live(1, [(f"opener-{day}", f"payee-{day}-{n}", 500_00 + 99 * n, 2 + n) for n in range(4)])
        town.alerts.clear()

        town.live(5, [step for step in FAN_OUT if step[3] < 32])

        assert town.alerts == {}

    def test_a_shape_as_large_as_always_is_an_alert_however_common(self) -> None:
        sizes = {**DEFAULT_SIZES, Family.FAN_OUT: replace(DEFAULT_SIZES[Family.FAN_OUT], always=8)}
        town = Town(Settings(sizes=sizes))
        for day in range(90):
            town.live(1, [(f"opener-{day}", f"payee-{day}-{n}", 500_00 + 99 * n, 2 + n) for n in range(9)])
        town.alerts.clear()

        town.live(5, FAN_OUT)

        assert town.only_alert().family is Family.FAN_OUT

    def test_a_busy_bank_raises_no_more_than_its_people_can_look_at(self) -> None:
        bank = RetailBank(people=400)
        monitor, keys, transfers = Monitor(), set(), 0

        for day in bank.days(80):
            keys |= {alert.key for alert in monitor.feed(day)}
            transfers += len(day)

        assert 0 < len(keys) <= transfers * 50 / 10_000


class TestWhatIsRemembered:
    def test_no_more_than_the_window(self) -> None:
        monitor = Monitor(Settings(window_days=9))
        for day in _strangers(days=30, a_day=50):
            monitor.feed(day)
            assert len(monitor) <= 10 * 50

        assert len(monitor._parties) < 12_000

    def test_no_more_transfers_than_said_also_within_one_day(self) -> None:
        monitor = Monitor(Settings(most_transfers=300))

        for day in _strangers(days=3, a_day=1_000):
            monitor.feed(day)
            assert len(monitor) <= 300

    def test_no_more_payments_near_the_threshold_either(self) -> None:
        monitor = Monitor(Settings(most_transfers=300))
        near = [replace(one, amount=49_000_00) for one in _strangers(days=1, a_day=1_000)[0]]

        monitor.feed(near)

        assert len(monitor._structuring) == 300

    def test_accounts_are_forgotten_with_their_transfers(self) -> None:
        monitor = Monitor(Settings(window_days=2))

        for day in _strangers(days=40, a_day=1_500):
            monitor.feed(day)

        assert len(monitor._parties) < 2 * (3 * 3_000) + 10_000 < 40 * 3_000

    def test_accounts_that_moved_in_memory_keep_their_alerts(self) -> None:
        """Thousands of strangers make the monitor forget accounts while a fan is growing."""
        quiet, busy = Town(), Town()
        quiet.live(30, [(*step[:3], step[3] + 24 * 20) for step in FAN_OUT])
        for number, day in enumerate(_strangers(days=20, a_day=1_200, begin=BEGIN)):
            busy.day = number + 1
            busy.feed(day)
        busy.live(10, FAN_OUT)

        assert quiet.edges(quiet.only_alert()) in [
            busy.edges(alert) for alert in busy.alerts.values() if alert.family is Family.FAN_OUT
        ]

    def test_a_pickled_monitor_goes_on_as_if_nothing_had_been(self) -> None:
        days = list(RetailBank(people=150, seed=5).days(50))
        monitor = Monitor(Settings(enough_history=500, lag_days=5))
        for day in days[:-10]:
            monitor.feed(day)
        copy = pickle.loads(pickle.dumps(monitor))

        of_copy = [copy.feed(day) for day in days[-10:]]

        assert of_copy == [monitor.feed(day) for day in days[-10:]]
        assert any(of_copy)

    def test_a_new_monitor_fed_the_last_days_knows_as_much(self) -> None:
        settings = Settings(history_days=20, lag_days=5, settling_days=15, memory_days=40, enough_history=500)
        small = [step for step in FAN_OUT if step[3] < 32]
        old, new = Town(settings), Town(settings)
        old.live(150, [("regular", f"known-{n}", 700_00, 24 * 125 + 30 * n) for n in range(4)])
        new.live(settings.days_to_rebuild, [("regular", f"known-{n}", 700_00, 24 * 15 + 30 * n) for n in range(4)])

        for town in (old, new):
            town.alerts.clear()
            town.live(5, [*small, *(("regular", f"known-{n}", 700_00, 5 + n) for n in range(4))])

        assert old.only_alert().family is new.only_alert().family is Family.FAN_OUT
        assert old.only_alert().accounts == new.only_alert().accounts

    def test_names_of_accounts_and_banks_mean_nothing(self) -> None:
        days = list(RetailBank(people=150, seed=8).days(60))
        draw = random.Random(3)
        names: dict[Account, Account] = {}

        def other(one: Account) -> Account:
            return names.setdefault(one, Account(f"bank-{draw.randrange(5)}", f"{draw.randrange(1 << 60)}"))

        renamed = [[replace(one, payer=other(one.payer), payee=other(one.payee)) for one in day] for day in days]
        first, second = Monitor(), Monitor()

        as_named = [{frozenset(alert.transfers) for alert in first.feed(day)} for day in days]
        as_renamed = [{frozenset(alert.transfers) for alert in second.feed(day)} for day in renamed]

        assert as_renamed == as_named
        assert any(as_named)


class TestRefusals:
    @pytest.mark.parametrize(
        "unfit",
        [
            replace(TRANSFER, at=TRANSFER.at - timedelta(hours=1)),
            replace(TRANSFER, at=TRANSFER.at.replace(tzinfo=None)),
            replace(TRANSFER, amount=0),
            replace(TRANSFER, amount=-5),
        ],
        ids=["out of order", "without a time zone", "over nothing", "below nothing"],
    )
    def test_a_transfer_that_cannot_be(self, unfit: Transfer) -> None:
        monitor = Monitor()
        monitor.feed([TRANSFER])

        with pytest.raises(TransferUnfit) as refusal:
            monitor.feed([replace(unfit, id=UUID(int=2))])

        assert refusal.value.code == "monitoring_transfer_unfit"
        assert str(UUID(int=2)) in str(refusal.value)
        assert len(monitor) == 1

    def test_a_day_without_transfers_is_nothing(self) -> None:
        assert Monitor().feed([]) == []


def _strangers(*, days: int, a_day: int, begin: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> list[list[Transfer]]:
    """Transfers between accounts of which each has this one transfer only."""
    return [
        [
            Transfer(
                UUID(int=day * a_day + number + (1 << 40)),
                account(f"payer-{day}-{number}"),
                account(f"payee-{day}-{number}"),
                100_00 + number,
                begin + timedelta(days=day, seconds=number * 50),
            )
            for number in range(a_day)
        ]
        for day in range(days)
    ]
