"""What is attempted: a number of payments, each asked for many times over, in the three ways a partner repeats itself."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bankops.core.money import Money

PARTNERS, CREDENTIALS = 2, 2
_WAVE = 40  # payments whose attempts are mixed: near enough to each other that clients meet over one


class Repeat(StrEnum):
    """How an attempt repeats its payment."""

    SAME_KEY = "same_key"
    NEW_KEY = "new_key"  # with the same reference
    LOOK_ALIKE = "look_alike"  # new key, new reference, all else the same


_IN_TURN = (Repeat.SAME_KEY, Repeat.NEW_KEY, Repeat.SAME_KEY, Repeat.LOOK_ALIKE)


@dataclass(frozen=True, slots=True)
class Payment:
    """What shall be paid once. No two have payer, payee and amount in common, so each look-alike is one by intention."""

    number: int
    payer: str
    payee: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Attempt:
    """One time that a payment is asked for; `serial` counts those of its payment."""

    payment: Payment
    repeat: Repeat
    serial: int

    @property
    def key(self) -> str:
        """The Idempotency-Key: one for all that say they are the same request."""
        name = f"pay-{self.payment.number}"
        return name if self.repeat is Repeat.SAME_KEY else f"{name}-{self.serial}"

    @property
    def system(self) -> int:
        """The place of the system that asks, among those of the first partner and then the next.

        A payment is one partner's. Its key is one credential's, so that the same key comes from the same one; other keys
        come from each of the partner's in turn.
        """
        partner, turn = self.payment.number % PARTNERS, self.payment.number // PARTNERS
        if self.repeat is not Repeat.SAME_KEY:
            turn += 1 + self.serial // len(_IN_TURN)
        return partner * CREDENTIALS + turn % CREDENTIALS

    def body(self) -> dict[str, str]:
        """Return what is posted to `/api/v1/transfers`."""
        reference = f"PAY-{self.payment.number}"
        return {
            "from_account": self.payment.payer,
            "to_account": self.payment.payee,
            "amount": str(self.payment.amount),
            "currency": self.payment.amount.currency,
            "reference": f"{reference}-{self.serial}" if self.repeat is Repeat.LOOK_ALIKE else reference,
        }


def payments(count: int, *, accounts: Sequence[str], currency: str, seed: int) -> list[Payment]:
    """Return payments between random accounts, of an amount each has for itself."""
    chance = random.Random(seed)  # noqa: S311 - for repeating a run, not for secrets
    made = []
    for number in range(count):
        payer, payee = chance.sample(accounts, 2)
        made.append(Payment(number, payer, payee, Money(100 + number, currency)))
    return made


def dealt(asked_for: Sequence[Payment], *, attempts: int, clients: int, seed: int) -> list[list[Attempt]]:
    """Return what each client attempts, in order; every payment is attempted as often as any other, or once more.

    :raises ValueError: for fewer attempts than payments.
    """
    if attempts < len(asked_for):
        raise ValueError("every payment is attempted at least once")
    chance = random.Random(seed)  # noqa: S311 - see above
    every, more = divmod(attempts, len(asked_for))
    shares: list[list[Attempt]] = [[] for _client in range(clients)]
    for first in range(0, len(asked_for), _WAVE):
        wave = [
            Attempt(payment, _IN_TURN[serial % len(_IN_TURN)], serial)
            for payment in asked_for[first : first + _WAVE]
            for serial in range(every + (payment.number < more))
        ]
        chance.shuffle(wave)
        for place, attempt in enumerate(wave):
            shares[place % clients].append(attempt)
    return shares
