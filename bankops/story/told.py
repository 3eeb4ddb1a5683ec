"""What the steps share: who is signed in, what came of the steps before, and how a person does things."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from accounts.models import Account, Application, Customer
from approvals.models import ApprovalRequest
from bankops.core import clock
from bankops.core.visitor import Page, UnexpectedPage, Visitor
from bankops.story.system import System
from bankops.story.terminal import Terminal
from staff import demo, one_time_codes
from staff.models import OneTimeCodeDevice
from transactions.models import Hold, Transaction

TELLER, OPERATOR, RISK_ANALYST, ADMINISTRATOR = "E1001", "E1002", "E1005", "E1009"
_CODE_SECONDS_MAX = 2 * one_time_codes.STEP_SECONDS + 5
_LOOKS_EVERY = 0.2  # seconds


@dataclass
class Story:
    """The world of the story.

    Attributes:
        mark: what names carry that must be new each time the story is told.
        system: the partner's terminal, and `answer` what it was told of its large transfer; `terminal` is
            where it receives webhooks.
        reviews_ms: how long the bank took over each decision on a request, beyond the human's own time.

    """

    base_url: str
    mark: str = field(default_factory=lambda: str(time.time_ns() // 10**6))
    system: System = field(init=False)
    terminal: Terminal = field(init=False)
    answer: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Visitor] = field(default_factory=dict)
    used_codes: dict[str, str] = field(default_factory=dict)
    customer: Customer | None = None
    application: Application | None = None
    payer: Account | None = None
    payee: Account | None = None
    transfer: Transaction | None = None
    hold: Hold | None = None
    requests: dict[str, ApprovalRequest] = field(default_factory=dict)
    deciders: dict[str, str] = field(default_factory=dict)
    reviews_ms: dict[str, list[float]] = field(default_factory=dict)

    def person(self, employee_number: str) -> Visitor:
        """Return somebody's browser, signed in at an earlier step or now."""
        if employee_number not in self.people:
            self.sign_in(employee_number)
        return self.people[employee_number]

    def sign_in(self, employee_number: str) -> str:
        """Sign somebody in with password and code, and return their number."""
        visitor = Visitor(self.base_url)
        form = {"employee_number": employee_number, "password": demo.PASSWORD}
        page = visitor.post_form(reverse("staff:sign_in"), form)
        self.used_codes[employee_number] = code_of(employee_number)
        visitor.submit(page, {"code": self.used_codes[employee_number]})
        must_be_at(visitor.get(reverse("admin:index")), reverse("admin:index"))
        self.people[employee_number] = visitor
        return employee_number

    def door(self, name: str) -> str:
        """Return the address of a door on the payer's account."""
        assert self.payer is not None
        return reverse(f"admin:accounts_account_{name}", args=[self.payer.pk])

    def move(self, door: str, form: dict[str, str]) -> Page:
        """Fill in a money door as the teller, read the confirmation, confirm it; return the page this leads to."""
        teller = self.person(TELLER)
        confirmation = teller.post_form(self.door(door), form)
        confirmation.must_show("You are about to")
        return teller.submit(confirmation, {}, press="confirmed")

    def shown_balance(self, figure: str, *more: str) -> str:
        """Look at the payer's page as the teller, and say what it shows."""
        assert self.payer is not None
        page = self.person(TELLER).get(reverse("admin:accounts_account_change", args=[self.payer.pk]))
        words = f"Ledger balance CNY {figure}"
        for expected in (words, *more):
            page.must_show(expected)
        return ", ".join((words, *more))


def until(holds: Callable[[], object], otherwise: str, *, seconds: float) -> None:
    """Wait until something holds.

    :raises AssertionError: when it does not for so many seconds; with `otherwise`.
    """
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise)
        time.sleep(_LOOKS_EVERY)


def code_of(employee_number: str) -> str:
    """Return a code that somebody's phone shows and that was not used yet, waiting for it as they would have to."""
    until(lambda: has_fresh_code(employee_number), f"no fresh code for {employee_number}", seconds=_CODE_SECONDS_MAX)
    return demo.fresh_code(employee_number)


def has_fresh_code(employee_number: str) -> bool:
    """Tell whether somebody could enter a code without waiting."""
    return _last_step(employee_number) <= one_time_codes.step_at(clock.now())


def must_be_at(page: Page, path: str) -> None:
    """:raises UnexpectedPage: when a page is somewhere else."""
    if not page.url.endswith(path):
        raise UnexpectedPage(f"{page.url} instead of {path}.{page.complaint()}")


def _last_step(employee_number: str) -> int:
    return OneTimeCodeDevice.objects.get(user__employee_number=employee_number, confirmed=True).last_step
