"""The bank of these tests: its policies in force, two accounts that a partner uses, and one that it does not know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Account
from accounts.partner_access import Right
from tests.accounts.factories import make_account
from tests.api.callers import System, give
from tests.consent import as_if_consented
from tests.personas import head_office, make_roles
from tests.standing import in_place, own
from tests.transactions.shipped import Shipped, ship


@dataclass(frozen=True)
class Desk:
    """A partner's system, and the accounts it deals with.

    Attributes:
        payer: it may read and debit it.
        payee: it may credit it, and not read it.
        strange: it has no right to it.

    """

    system: System
    payer: Account
    payee: Account
    strange: Account
    shipped: Shipped

    def transfer(self, amount: str = "100.00", **more: object) -> dict[str, object]:
        """Return the body of a transfer from payer to payee."""
        usual = {
            "from_account": self.payer.public_id,
            "to_account": self.payee.public_id,
            "amount": amount,
            "currency": "CNY",
            "reference": "INV-1",
        }
        return {**usual, **more}


@pytest.fixture(scope="module")
def standing_desk(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Desk | None]:
    with in_place(request, django_db_blocker, _open) as desk:
        yield desk


@pytest.fixture
def desk(standing_desk: Desk | None, db: None) -> Desk:
    if standing_desk is None:
        return _open()
    return replace(own(standing_desk), system=standing_desk.system.restarted())


def _open() -> Desk:
    make_roles()
    shipped = ship(head_office())
    with as_if_consented():
        payer, payee, strange = make_account("5000000.00"), make_account("10.00"), make_account("77.00")
    system = System(rate_per_second=1_000, rate_burst=10_000)  # all tests of a module call with this credential
    give(system.partner, payer, Right.READ, Right.DEBIT)
    give(system.partner, payee, Right.CREDIT)
    return Desk(system, payer, payee, strange, shipped)
