"""A bank whose policies ask for two reviewers, and requests that really wait in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from approvals.models import ApprovalRequest
from approvals.services.shipping import seed_policies
from bankops.core import clock, operations
from bankops.core.actor import Actor
from staff.models import Branch, User
from staff.roles import Role
from tests.accounts.factories import make_account
from tests.desk import address
from tests.personas import SignIn, code_of, hire

Submit = Callable[..., ApprovalRequest]
At = Callable[[str], Client]

_serial = count(1)


@pytest.fixture
def policies(db: None) -> None:
    """The shipped policies: CNY 50,000 and more needs a first and a final review, both with a code."""
    seed_policies(actor=Actor.system("test"), now=clock.now())


@pytest.fixture
def payer(policies: None) -> Account:
    return make_account("9000000.00")


@pytest.fixture
def payee(policies: None) -> Account:
    return make_account()


@pytest.fixture
def submit(payer: Account, payee: Account, teller: User, first_reviewer: User, final_reviewer: User) -> Submit:
    """Return a function that submits a transfer as the teller and returns the request it waits in."""

    def submit(amount: str = "60000.00", *, maker: User = teller, **fields: str) -> ApprovalRequest:
        payload = {
            "from_account": payer.public_id,
            "to_account": payee.public_id,
            "amount": amount,
            "currency": "CNY",
            "narrative": f"Rent {next(_serial)}",
            **fields,
        }
        order = operations.Order(actor=maker.as_actor(), now=clock.now())
        outcome = operations.submit("transactions.transfer", payload, order)
        assert not outcome.done
        return ApprovalRequest.objects.get(pk=outcome.request.pk)

    return submit


@pytest.fixture
def waiting(submit: Submit) -> ApprovalRequest:
    return submit()


@pytest.fixture
def other_final_reviewer(roles: None, branch: Branch) -> User:
    return hire("T2004", "Fu Xin", Role.FINAL_REVIEWER, branch)


@pytest.fixture
def at(request: pytest.FixtureRequest, signed_in_client: SignIn) -> At:
    """Return a function from a persona's name to a browser at which they are signed in."""
    return lambda persona: signed_in_client(request.getfixturevalue(persona))


def hash_on(response: Any) -> str:
    """Return the content hash that a door's page carries."""
    found = re.search(r'name="sight" value="([0-9a-f]{64})"', response.content.decode())
    assert found, "the page carries no content hash"
    return found[1]


def decide(client: Client, row: ApprovalRequest, user: User, door: str = "approve", **fields: str) -> Any:
    """Go through a deciding door as its page leads: open it, read it, enter a code."""
    url = address(row, door)
    filled_in = {"sight": hash_on(client.get(url)), "code": code_of(user), **fields}
    return client.post(url, filled_in, follow=True)
