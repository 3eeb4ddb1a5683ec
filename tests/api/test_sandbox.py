"""The sandbox: every magic amount over HTTP, what an answer says of itself, and that live books never become one."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from approvals.services.shipping import seed_policies
from bankops.core import clock, sandbox
from bankops.core.actor import Actor
from partners.errors import InstallationIsLive, InstallationIsSandbox
from partners.models import Installation
from partners.services.installation import settle_installation
from tests.api.callers import code_of, said
from tests.api.conftest import Desk
from tests.core.test_production_settings import COMPLETE, load
from tests.unchanged import nothing_changes, refused_by_database
from transactions.models import Transaction
from transactions.services.sandbox_reviews import decide_in_sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def play(settings: Any, desk: Desk) -> Desk:
    """Return the desk in a sandbox, whose policies let the magic amounts wait."""
    settings.BANKOPS_SANDBOX = True
    settle_installation(sandbox=True, now=clock.now())
    seed_policies(actor=Actor.system("tests"), now=clock.now())
    return desk


def decided(after: float = 60) -> int:
    return decide_in_sandbox(now=clock.now() + timedelta(seconds=after))


@pytest.mark.parametrize(("amount", "code"), sandbox.REFUSED.items())
def test_an_amount_that_is_refused(play: Desk, amount: str, code: str) -> None:
    answer = play.system.post("transfers", play.transfer(amount), key="magic")
    told = answer.json()  # type: ignore[attr-defined]
    assert told["code"] == code
    assert answer["Bankops-Sandbox"] == "true"
    assert not Transaction.objects.exclude(partner=None).exists()
    again = play.system.post("transfers", play.transfer(amount), key="magic")
    assert (again.status_code, again.json()["code"]) == (answer.status_code, code)  # type: ignore[attr-defined]


def test_the_refusals_look_as_real_ones_do(play: Desk) -> None:
    funds = play.system.post("transfers", play.transfer("4000.01"))
    assert (code_of(funds), funds.json()["param"]) == ("insufficient_funds", "from_account")  # type: ignore[attr-defined]
    broken = play.system.post("transfers", play.transfer("4000.07"))
    assert broken.status_code == 500
    slower = play.system.post("transfers", play.transfer("4000.08"))
    assert (slower.status_code, slower["Retry-After"]) == (429, "1")


def test_an_amount_that_waits_for_ever(play: Desk) -> None:
    told = said(play.system.post("transfers", play.transfer(sandbox.WAITS)), 202)
    assert (told["status"], told["livemode"]) == ("awaiting_approval", False)
    assert decided() == 0


def test_an_amount_that_is_approved(play: Desk) -> None:
    told = said(play.system.post("transfers", play.transfer(sandbox.APPROVED)), 202)
    assert decided(after=0) == 0, "whoever asked sees it wait first"
    assert [decided(60), decided(120)] == [1, 1]
    posted = said(play.system.get(told["links"]["self"]))
    assert (posted["status"], posted["livemode"]) == ("posted", False)
    assert decided(180) == 0


def test_books_that_were_never_said_to_be_a_sandbox_decide_nothing(settings: Any, desk: Desk) -> None:
    settings.BANKOPS_SANDBOX = True
    seed_policies(actor=Actor.system("tests"), now=clock.now())
    said(desk.system.post("transfers", desk.transfer(sandbox.APPROVED)), 202)
    assert decided() == 0


def test_an_amount_that_is_rejected(play: Desk) -> None:
    told = said(play.system.post("transfers", play.transfer(sandbox.REJECTED)), 202)
    assert decided() == 1
    assert said(play.system.get(told["links"]["self"]))["status"] == "rejected"


def test_an_amount_that_is_slow(play: Desk) -> None:
    began = time.monotonic()
    assert said(play.system.post("transfers", play.transfer(sandbox.SLOW)), 201)["status"] == "posted"
    assert time.monotonic() - began >= sandbox.SLOW_SECONDS


def test_a_look_alike_needs_no_magic(play: Desk) -> None:
    first = said(play.system.post("transfers", play.transfer("12.00")), 201)
    twin = said(play.system.post("transfers", play.transfer("12.00", reference="INV-2")), 202)
    assert (twin["status"], twin["possible_duplicate_of"]) == ("held", first["id"])


def test_in_live_books_an_amount_is_an_amount(desk: Desk) -> None:
    for place, amount in enumerate((*sandbox.REFUSED, *sandbox.REVIEWED, sandbox.SLOW)):
        answer = desk.system.post("transfers", desk.transfer(amount, reference=f"INV-{place}"))
        told = said(answer, 201)
        assert (told["status"], told["livemode"]) == ("posted", True)
        assert "Bankops-Sandbox" not in answer
    assert decided() == 0


# -- Which books these are -------------------------------------------------------------------------------------------


def test_live_books_never_become_a_sandbox() -> None:
    assert not settle_installation(sandbox=False, now=clock.now()).is_sandbox
    assert not settle_installation(sandbox=False, now=clock.now()).is_sandbox
    with nothing_changes(), pytest.raises(InstallationIsLive):
        settle_installation(sandbox=True, now=clock.now())


def test_a_sandbox_never_becomes_live() -> None:
    assert settle_installation(sandbox=True, now=clock.now()).is_sandbox
    with nothing_changes(), pytest.raises(InstallationIsSandbox):
        settle_installation(sandbox=False, now=clock.now())


def test_the_database_keeps_what_was_said() -> None:
    settle_installation(sandbox=False, now=clock.now())
    with refused_by_database("installation_never_changes"):
        Installation.objects.update(is_sandbox=True)
    with refused_by_database("installation_never_changes"):
        Installation.objects.all().delete()
    with refused_by_database("installation_is_one"):
        Installation.objects.create(id=2, is_sandbox=True, said_at=clock.now())


def test_production_asks_twice() -> None:
    once = load({**COMPLETE, "BANKOPS_SANDBOX": "true"})
    assert once.returncode == 1
    assert "BANKOPS_SANDBOX_DATABASE" in once.stderr.splitlines()[-1]
    assert load({**COMPLETE, "BANKOPS_SANDBOX": "true", "BANKOPS_SANDBOX_DATABASE": "true"}).returncode == 0
