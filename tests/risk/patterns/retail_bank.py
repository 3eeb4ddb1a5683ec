"""The everyday traffic of a made-up retail bank: salaries, rents, shops, friends, suppliers. No laundering."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from risk.patterns import Account, Transfer

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
BANK = "ours"
_ROUND = (5_00, 10_00, 20_00, 50_00, 100_00, 200_00, 500_00, 1_000_00)


class RetailBank:
    """`people` have an employer, a landlord, shops and friends; shops have suppliers. Repeatable by its seed.

    Half of the amounts between people are round, so that equal amounts meet by chance.
    """

    def __init__(self, *, people: int, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._ids = 0
        self.people = [Account(BANK, f"person-{number}") for number in range(people)]
        self._shops = [Account(BANK, f"shop-{number}") for number in range(max(20, people // 40))]
        self._weights = [1 / (rank + 3) for rank in range(len(self._shops))]
        self._employers = self._shops[:: max(1, len(self._shops) // max(2, people // 100))]
        pick = self._random
        self._pay = {one: (pick.choice(self._employers), int(pick.lognormvariate(12.2, 0.5))) for one in self.people}
        self._rent = {one: (pick.choice(self.people), int(pick.lognormvariate(11.0, 0.4))) for one in self.people}
        self._usual_shops = {one: pick.choices(self._shops, self._weights, k=5) for one in self.people}
        self._friends = {one: pick.sample(self.people, 6) for one in self.people}
        self._suppliers = {one: pick.sample(self._shops, 4) for one in self._shops}

    def days(self, count: int) -> Iterator[list[Transfer]]:
        for number in range(count):
            day = [*self._salaries(number), *self._rents(number), *self._shopping(number), *self._supplies(number)]
            yield sorted([*day, *self._among_friends(number)], key=lambda one: one.at)

    def _transfer(self, payer: Account, payee: Account, amount: int, day: int) -> Transfer:
        self._ids += 1
        at = BEGIN + timedelta(days=day, minutes=self._random.randrange(24 * 60))
        return Transfer(UUID(int=self._ids), payer, payee, max(1, amount), at)

    def _salaries(self, day: int) -> Iterator[Transfer]:
        for place, person in enumerate(self.people):
            if day % 30 == 24 + place % 3:
                employer, pay = self._pay[person]
                yield self._transfer(employer, person, pay, day)

    def _rents(self, day: int) -> Iterator[Transfer]:
        for place, person in enumerate(self.people):
            if day % 30 == place % 6 and self._rent[person][0] != person:
                yield self._transfer(person, *self._rent[person], day)

    def _shopping(self, day: int) -> Iterator[Transfer]:
        pick = self._random
        for person in pick.choices(self.people, k=len(self.people) // 3):
            usual = pick.random() < 0.7
            shop = pick.choice(self._usual_shops[person]) if usual else pick.choices(self._shops, self._weights)[0]
            yield self._transfer(person, shop, int(pick.lognormvariate(8.0, 0.9)), day)

    def _among_friends(self, day: int) -> Iterator[Transfer]:
        pick = self._random
        for person in pick.choices(self.people, k=len(self.people) // 12):
            friend = pick.choice(self._friends[person]) if pick.random() < 0.8 else pick.choice(self.people)
            amount = pick.choice(_ROUND) if pick.random() < 0.5 else int(pick.lognormvariate(9.0, 1.0))
            if friend != person:
                yield self._transfer(person, friend, amount, day)

    def _supplies(self, day: int) -> Iterator[Transfer]:
        pick = self._random
        for place, shop in enumerate(self._shops):
            if day % 7 == place % 7:
                for supplier in self._suppliers[shop]:
                    if supplier != shop:
                        yield self._transfer(shop, supplier, int(pick.lognormvariate(11.0, 0.6)), day)
