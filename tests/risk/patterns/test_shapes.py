"""Each shape, drawn by hand, and its innocent twin."""

from __future__ import annotations

import pytest

from risk.patterns import Family, Settings
from tests.risk.patterns.town import CASH, Step, Town, account

SOME = (913_07, 1_804_11, 333_33, 2_750_90, 610_00, 4_075_55, 1_290_01, 150_75, 777_70, 2_222_22)

FAN_OUT: list[Step] = [("hub", f"payee-{n}", SOME[n], 5 + 9 * n) for n in range(8)]
FAN_IN: list[Step] = [(f"payer-{n}", "hub", SOME[n], 5 + 9 * n) for n in range(8)]
GATHER_SCATTER: list[Step] = [
    *((f"payer-{n}", "hub", SOME[n], 4 + 5 * n) for n in range(5)),
    *(("hub", f"payee-{n}", 3 * SOME[9 - n], 100 + 9 * n) for n in range(5)),
]
CYCLE: list[Step] = [("a", "b", 1_000_00, 2), ("b", "c", 985_00, 20), ("c", "d", 960_00, 44), ("d", "a", 955_00, 60)]
CHAIN: list[Step] = [("a", "b", 1_000_00, 2), ("b", "c", 985_00, 9), ("c", "d", 960_00, 30), ("d", "e", 955_00, 40)]
SCATTER_GATHER: list[Step] = [
    *(("source", f"mule-{n}", SOME[n], 3 + 2 * n) for n in range(3)),
    *((f"mule-{n}", "target", SOME[n] * 97 // 100, 40 + 3 * n) for n in range(3)),
]
BIPARTITE: list[Step] = [
    (f"payer-{one}", f"payee-{other}", SOME[3 * one + other], 4 + 5 * one + 7 * other)
    for one in range(3)
    for other in range(3)
]
STACK: list[Step] = [
    *(
        (f"top-{one}", f"middle-{other}", SOME[2 * one + other], 3 + 4 * one + other)
        for one in range(2)
        for other in range(2)
    ),
    *(
        (f"middle-{one}", f"end-{other}", 9 * SOME[9 - 2 * one - other], 90 + 4 * one + other)
        for one in range(2)
        for other in range(2)
    ),
]


SHAPES = [
    (Family.FAN_OUT, FAN_OUT),
    (Family.FAN_IN, FAN_IN),
    (Family.GATHER_SCATTER, GATHER_SCATTER),
    (Family.CYCLE, CYCLE),
    (Family.CHAIN, CHAIN),
    (Family.SCATTER_GATHER, SCATTER_GATHER),
    (Family.BIPARTITE, BIPARTITE),
    (Family.STACK, STACK),
]
every_shape = pytest.mark.parametrize(("family", "steps"), SHAPES, ids=[family.value for family, _steps in SHAPES])


@every_shape
class TestEachShape:
    def test_is_one_alert_with_all_its_transfers(self, family: Family, steps: list[Step]) -> None:
        town = Town()

        town.live(9, steps)

        alert = town.only_alert()
        assert alert.family is family
        assert town.edges(alert) == {(payer, payee) for payer, payee, _amount, _hours in steps}
        assert alert.amount == sum(amount for _payer, _payee, amount, _hours in steps)
        assert {one.number for one in alert.accounts} == {name for step in steps for name in step[:2]}
        assert alert.began < alert.ended
        assert 400 < alert.score < 1000
        assert alert.subject.number in alert.why

    def test_is_nothing_among_accounts_that_deal_with_each_other_all_the_time(
        self, family: Family, steps: list[Step]
    ) -> None:
        town = Town()
        for _month in range(3):  # one pair a day: no shape while they get to know each other
            for payer, payee, amount, _hours in steps:
                town.live(11, [(payer, payee, amount // 2, 12)])
            if _month == 0:
                town.alerts.clear()

        town.live(9, steps)

        assert town.alerts == {}


@every_shape
def test_small_payments_sent_ahead_buy_no_silence(family: Family, steps: list[Step]) -> None:
    """Everybody has paid everybody one yuan, a while ago: that is not what they are known for.

    They do count towards the usual number of new partners, which hubs have to exceed: so this one is larger.
    """
    town = Town()
    if family is Family.GATHER_SCATTER:
        steps = [*steps, *(("hub", f"further-{n}", 200_00 + 10_00 * n, 110 + 3 * n) for n in range(4))]
    town.live(2, [(payer, payee, 1_00, place * 0.5) for place, (payer, payee, *_rest) in enumerate(steps)])
    town.live(20)
    before = set(town.alerts)

    town.live(9, steps)

    (alert,) = [alert for key, alert in town.alerts.items() if key not in before]
    assert (alert.family, len(alert.transfers)) == (family, len(steps))


class TestWhatIsNoChain:
    def test_other_amounts(self) -> None:
        town = Town()

        town.live(6, [("a", "b", 1_000_00, 2), ("b", "c", 90_00, 50), ("c", "d", 7_000_00, 95)])

        assert town.alerts == {}

    def test_money_that_stays_for_a_week(self) -> None:
        town = Town()

        town.live(20, [("a", "b", 1_000_00, 2), ("b", "c", 990_00, 170), ("c", "d", 980_00, 340)])

        assert town.alerts == {}

    def test_money_through_the_banks_own_accounts(self) -> None:
        """Cash paid in by one and drawn by another for the same amount connects them no more than anybody."""
        town = Town()

        town.live(
            6,
            [
                ("a", "cash", 1_000_00, 2),
                ("cash", "b", 1_000_00, 4),
                ("b", "cash", 1_000_00, 6),
                ("cash", "a", 1_000_00, 8),
            ],
        )

        assert town.alerts == {}

    def test_money_paid_to_oneself(self) -> None:
        town = Town()

        town.live(6, [("a", "a", 1_000_00, 2), ("a", "a", 1_000_00, 4), ("a", "a", 1_000_00, 6)])

        assert town.alerts == {}


class TestCycles:
    def test_money_that_goes_back_and_forth_is_told_as_a_whole(self) -> None:
        town = Town()

        town.live(6, [("a", "b", 500_00, 2), ("b", "a", 495_00, 9), ("a", "b", 70_00, 13), ("b", "a", 3_000_00, 20)])

        assert town.only_alert().family is Family.CYCLE
        assert len(town.only_alert().transfers) == 4

    def test_a_pair_in_an_alert_does_not_become_usual(self) -> None:
        """Two weeks later the same two do it again, and are told of again."""
        town = Town()

        town.live(14, CYCLE)
        town.live(9, CYCLE)

        assert [alert.family for alert in town.alerts.values()] == [Family.CYCLE, Family.CYCLE]


class TestStructuring:
    def test_payments_just_below_the_threshold_to_known_partners_too(self) -> None:
        """With CNY 50,000 to be reported: five times 47,000–49,500 in cash within a week, and one reported one."""
        town = Town()
        amounts = (49_500_00, 47_000_00, 48_800_00, 49_900_00, 49_000_00)

        town.live(
            9,
            [
                *(("cash", "owner", amount, 20 + 24 * n) for n, amount in enumerate(amounts)),
                ("cash", "owner", 50_000_00, 30),
            ],
        )

        alert = town.only_alert()
        assert (alert.family, alert.subject) == (Family.STRUCTURING, account("owner"))
        assert alert.amount == sum(amounts)
        assert town.told == 2  # at the fourth and at the fifth: the same alert

    def test_whoever_goes_on_is_told_of_anew(self) -> None:
        """One payment a day for two months: an alert that grows over the window, and another when all of that has left it."""
        town = Town()
        for day in range(60):
            town.live(1, [("busy", f"payee-{day % 3}", 49_000_00, 10)])

        told = [set(alert.transfers) for alert in town.alerts.values() if alert.subject == account("busy")]
        assert len(told) >= 5
        assert all(len(of_one) >= 3 for of_one in told)
        assert sum(map(len, told)) == len(set().union(*told)) >= 50

    def test_none_without_a_threshold(self) -> None:
        town = Town(Settings(own_accounts=frozenset({CASH}), threshold=0))

        town.live(9, [("cash", "owner", 49_500_00, 20 + 24 * n) for n in range(5)])

        assert town.alerts == {}

    def test_none_over_a_month(self) -> None:
        town = Town()

        town.live(70, [("cash", "owner", 49_500_00, 20 + 7 * 24 * n) for n in range(10)])

        assert town.alerts == {}
