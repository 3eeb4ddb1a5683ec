"""A bank with a million closed and ten thousand open approval requests, and people to decide new ones. Needs Django."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals import services
from approvals.eligibility import deciders
from approvals.models import ApprovalRequest, Verdict
from approvals.services import Seen
from bankops.core import clock, ids, operations
from bankops.core.actor import Actor
from bankops.core.operations import Order
from benchmarks import bench_bank
from benchmarks.bench_people import STEP, clocked, hire, people, signed_in, superuser, timed
from staff import one_time_codes
from staff.models import Branch, User
from staff.roles import Role
from staff.services.second_factor import secret_of

CLOSED, OPEN, ACCOUNTS = 1_000_000, 10_000, 200
_ACTOR = Actor.system("benchmark")
_HIRED = {Role.TELLER: 20, Role.FIRST_REVIEWER: 10, Role.FINAL_REVIEWER: 10}
_FILL = Path(__file__).with_suffix(".sql")


def found() -> None:
    """Open accounts with money, hire people, ship the policies, and fill in years of requests."""
    bench_bank.found(ACCOUNTS)
    call_command("seed_policies", verbosity=0)
    _hire()
    with superuser() as cursor:
        cursor.execute(
            "SET session_replication_role = replica"
        )  # the guards would refuse requests that were never decided
        for statement in _FILL.read_text().split(";\n"):
            cursor.execute(statement, {"closed": CLOSED, "open": OPEN})
        cursor.execute("SELECT setval('approvals_reference_seq', %s)", [CLOSED + OPEN])
        cursor.execute("VACUUM ANALYZE")


def read_inbox(rounds: int) -> dict[str, Any]:
    """Open the inbox of a first reviewer, each view a few times; return milliseconds and queries of each."""
    reviewer = people(Role.FIRST_REVIEWER)[0]
    client = signed_in(reviewer)
    url = reverse("admin:approvals_approvalrequest_changelist")
    views = {"for_me": f"{url}?scope=mine", "all_open": f"{url}?scope=open", "closed": f"{url}?scope=closed"}
    answer: dict[str, Any] = {name: timed(partial(_get, client, view), rounds) for name, view in views.items()}
    answer["home_with_badge"] = timed(partial(_get, client, reverse("admin:index")), rounds)
    with CaptureQueriesContext(connection) as captured:
        _get(client, views["for_me"])
    answer["queries_for_me"] = len(captured)
    answer["badge_query"] = timed(partial(_badge, reviewer), rounds)
    return answer


def submit_and_decide(samples: int) -> dict[str, float]:
    """Submit large transfers and have each approved twice; return the median milliseconds of every step."""
    accounts = bench_bank.customer_accounts()
    makers = people(Role.TELLER)
    times: dict[str, list[float]] = {"submit": [], "first_decision": [], "final_decision_with_execution": []}
    for number in range(samples):
        payload = {
            "from_account": _public("acc", accounts[number]),
            "to_account": _public("acc", accounts[-1 - number]),
            "amount": "60000.00",
            "currency": "CNY",
        }
        order = Order(actor=makers[number % len(makers)].as_actor(), now=clock.now(), idempotency_key=f"bench:{number}")
        outcome = clocked(times["submit"], operations.submit, "transactions.transfer", payload, order)
        for step in ("first_decision", "final_decision_with_execution"):
            _decide(outcome.request, times[step])
        outcome.request.refresh_from_db()
        assert outcome.request.state == "EXECUTED", outcome.request.closing_note
    return {name: round(median(taken), 2) for name, taken in times.items()}


def _decide(request: ApprovalRequest, taken: list[float]) -> None:
    request.refresh_from_db()
    reviewer, now = _with_fresh_code(deciders(request, now=clock.now()))
    code = one_time_codes.code_at(secret_of(reviewer.one_time_code_device), now)
    seen = Seen(request.pk, request.sight)
    clocked(taken, services.decide, seen=seen, verdict=Verdict.APPROVE, reviewer=reviewer, code=code, now=now)


def _with_fresh_code(people: list[User]) -> tuple[User, datetime]:
    """Return one of `people` whose phone shows a code not used yet, and the moment at which it does.

    A code is good once in half a minute; so a reviewer of the benchmark may be up to four minutes ahead of the clock.
    """
    now = clock.now()
    reviewer = min(people, key=lambda person: person.one_time_code_device.last_step)
    reviewer = User.objects.select_related("one_time_code_device").get(pk=reviewer.pk)
    ahead = max(reviewer.one_time_code_device.last_step + 1 - one_time_codes.step_at(now), 0)
    return reviewer, now + ahead * STEP


def _hire() -> None:
    branch, now = Branch.objects.get(), clock.now()
    for role, count in _HIRED.items():
        hire(role, count, branch=branch, actor=_ACTOR, now=now)


def _get(client: Client, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)


def _badge(reviewer: User) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM approvals_decidable(%s, now())", [reviewer.pk])
        (count,) = cursor.fetchone()
    assert count > 0
    return int(count)


def _public(prefix: str, value: Any) -> str:
    return ids.encode(prefix, value)
