"""How much is remembered, and from which size on a shape is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from risk.patterns.records import Account, Family

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Sizes:
    """From which grade on a shape of one family is an alert. What a grade counts differs between the families.

    Attributes:
        least: below this it is not even counted.
        first: an alert at a bank whose usual traffic is not known yet.
        always: an alert however usual it is here, so that a bank cannot get used to everything.
        rare: of how many in 10,000 transfers alerts of this family may be expected; where there are more, larger ones only.

    """

    least: int
    first: int
    always: int
    rare: float


# Fans count new partners beyond the account's usual number; hubs those of both sides; a bipartite flow and a stack their
# transfers; structuring its payments. Chains and the shapes made of them are graded by `links.surprise`, in tenths.
DEFAULT_SIZES: Mapping[Family, Sizes] = {
    Family.FAN_OUT: Sizes(least=2, first=6, always=40, rare=8),
    Family.FAN_IN: Sizes(least=2, first=6, always=40, rare=8),
    Family.GATHER_SCATTER: Sizes(least=4, first=10, always=40, rare=10),
    Family.SCATTER_GATHER: Sizes(least=30, first=60, always=300, rare=20),
    Family.CYCLE: Sizes(least=30, first=40, always=200, rare=20),
    Family.CHAIN: Sizes(least=30, first=45, always=300, rare=30),
    Family.BIPARTITE: Sizes(least=4, first=6, always=40, rare=10),
    Family.STACK: Sizes(least=6, first=8, always=40, rare=10),
    Family.STRUCTURING: Sizes(least=3, first=4, always=10, rare=3),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a bank can set.

    Attributes:
        window_days: how long a transfer can become part of a shape.
        fan_days: within how long one account's new partners make a fan.
        hop_days: within how long money is passed on; up to half of it also before it came.
        most_transfers: of the window; when there are more the oldest go early. 84 bytes each, with accounts and alerts some 500.
        pair_slots: size of the memory of pairs; 2 bytes each. Give it ten times the pairs of `memory_days`.
        memory_days: how long two accounts that dealt with each other are known to each other.
        crowded: an account with more new transfers than this in the window on one side is looked at as a fan only.
        history_days: of how many days the usual traffic is learned, which end `lag_days` ago, so that what goes on now
            does not make itself usual.
        settling_days: at the beginning, which never become history: everybody's regular partners still look new.
        enough_history: transfers of those days without which nothing counts as known.
        alerts_for_ten_thousand: transfers, as many as the bank's people can look at. Beyond it weak shapes are not raised.
        threshold: minor units above which the bank must report a payment; 0 looks for no structuring. By default the
            CNY 50,000 of the People's Bank of China's measures on large-value reports (Order 3 of 2016, article 5).
        own_accounts: of the bank itself (cash, fees, interest): money does not flow *through* them.

    """

    window_days: int = 9
    fan_days: int = 5
    hop_days: int = 4
    most_transfers: int = 2_000_000
    pair_slots: int = 1 << 22
    memory_days: int = 100
    crowded: int = 40
    history_days: int = 180
    lag_days: int = 30
    settling_days: int = 35
    enough_history: int = 5_000
    alerts_for_ten_thousand: float = 45.0
    threshold: int = 50_000_00
    own_accounts: frozenset[Account] = frozenset()
    sizes: Mapping[Family, Sizes] = field(default_factory=lambda: dict(DEFAULT_SIZES))

    @property
    def days_to_rebuild(self) -> int:
        """How many days a new monitor must be fed until it knows as much as one that was fed all along."""
        return self.settling_days + self.history_days + self.lag_days
