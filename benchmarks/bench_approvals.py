"""A bank with a million closed and ten thousand open approval requests, and people to decide new ones. Needs Django."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_otp import DEVICE_ID_SESSION_KEY

from approvals import services
from approvals.eligibility import deciders
from approvals.models import ApprovalRequest, Verdict
from approvals.services import Seen
from bankops.core import clock, ids, operations
from bankops.core.actor import Actor
from bankops.core.operations import Order
from benchmarks import bench_bank
from staff import one_time_codes, session_clock
from staff.models import Branch, User
from staff.roles import Role
from staff.services import begin_enrolment, confirm_enrolment, hire_user
from staff.services.passwords import replace_temporary_password
from staff.services.second_factor import secret_of

CLOSED, OPEN, ACCOUNTS = 1_000_000, 10_000, 200
_ACTOR = Actor.system("benchmark")
_PASSWORD = "correct horse battery"
_HIRED = {Role.TELLER: 20, Role.FIRST_REVIEWER: 10, Role.FINAL_REVIEWER: 10}
_FILL = Path(__file__).with_suffix(".sql")
_STEP = timedelta(seconds=one_time_codes.STEP_SECONDS)


def found() -> None:
    """Open accounts with money, hire people, ship the policies, and fill in years of requests."""
    bench_bank.found(ACCOUNTS)
    call_command("seed_policies", verbosity=0)
    _hire()
    with _superuser() as cursor:
        cursor.execute(
            "SET session_replication_role = replica"
        )  # the guards would refuse requests that were never decided
        for statement in _FILL.read_text().split(";\n"):
            cursor.execute(statement, {"closed": CLOSED, "open": OPEN})
        cursor.execute("SELECT setval('approvals_reference_seq', %s)", [CLOSED + OPEN])
        cursor.execute("VACUUM ANALYZE")


def read_inbox(rounds: int) -> dict[str, Any]:
    """Open the inbox of a first reviewer, each view a few times; return milliseconds and queries of each."""
    reviewer = _people(Role.FIRST_REVIEWER)[0]
    client = _signed_in(reviewer)
    url = reverse("admin:approvals_approvalrequest_changelist")
    views = {"for_me": f"{url}?scope=mine", "all_open": f"{url}?scope=open", "closed": f"{url}?scope=closed"}
    answer: dict[str, Any] = {name: _timed(partial(_get, client, view), rounds) for name, view in views.items()}
    answer["home_with_badge"] = _timed(partial(_get, client, reverse("admin:index")), rounds)
    with CaptureQueriesContext(connection) as captured:
        _get(client, views["for_me"])
    answer["queries_for_me"] = len(captured)
    answer["badge_query"] = _timed(partial(_badge, reviewer), rounds)
    return answer


def submit_and_decide(samples: int) -> dict[str, float]:
    """Submit large transfers and have each approved twice; return the median milliseconds of every step."""
    accounts = bench_bank.customer_accounts()
    makers = _people(Role.TELLER)
    times: dict[str, list[float]] = {"submit": [], "first_decision": [], "final_decision_with_execution": []}
    for number in range(samples):
        payload = {
            "from_account": _public("acc", accounts[number]),
            "to_account": _public("acc", accounts[-1 - number]),
            "amount": "60000.00",
            "currency": "CNY",
        }
        order = Order(actor=makers[number % len(makers)].as_actor(), now=clock.now(), idempotency_key=f"bench:{number}")
        outcome = _clocked(times["submit"], operations.submit, "transactions.transfer", payload, order)
        for step in ("first_decision", "final_decision_with_execution"):
            _decide(outcome.request, times[step])
        outcome.request.refresh_from_db()
        assert outcome.request.state == "EXECUTED", outcome.request.closing_note
    return {name: round(median(taken), 2) for name, taken in times.items()}


@contextmanager
def _superuser() -> Iterator[psycopg.Cursor[Any]]:
    """Open a cursor of the embedded server's superuser; on the bank's own server there is none for us."""
    here = connection.settings_dict
    with (
        psycopg.connect(host=here["HOST"], dbname=here["NAME"], user="postgres", autocommit=True) as session,
        session.cursor() as cursor,
    ):
        yield cursor


def _decide(request: ApprovalRequest, taken: list[float]) -> None:
    request.refresh_from_db()
    reviewer, now = _with_fresh_code(deciders(request, now=clock.now()))
    code = one_time_codes.code_at(secret_of(reviewer.one_time_code_device), now)
    seen = Seen(request.pk, request.sight)
    _clocked(taken, services.decide, seen=seen, verdict=Verdict.APPROVE, reviewer=reviewer, code=code, now=now)


def _with_fresh_code(people: list[User]) -> tuple[User, datetime]:
    """Return one of `people` whose phone shows a code not used yet, and the moment at which it does.

    A code is good once in half a minute; so a reviewer of the benchmark may be up to four minutes ahead of the clock.
    """
    now = clock.now()
    reviewer = min(people, key=lambda person: person.one_time_code_device.last_step)
    reviewer = User.objects.select_related("one_time_code_device").get(pk=reviewer.pk)
    ahead = max(reviewer.one_time_code_device.last_step + 1 - one_time_codes.step_at(now), 0)
    return reviewer, now + ahead * _STEP


def _hire() -> None:
    branch, now = Branch.objects.get(), clock.now()
    for role, count in _HIRED.items():
        for number in range(count):
            hired = hire_user(
                employee_number=f"{role.value[:5].upper()}{number}",
                full_name=f"{role.label} {number}",
                branch=branch,
                roles=[role],
                actor=_ACTOR,
                reason="benchmark",
                now=now,
            )
            replace_temporary_password(user=hired.user, new=_PASSWORD, now=now)
            device = begin_enrolment(user=hired.user)
            confirm_enrolment(
                user=hired.user, code=one_time_codes.code_at(secret_of(device), now - 9 * _STEP), now=now - 9 * _STEP
            )


def _people(role: Role) -> list[User]:
    return list(User.objects.filter(groups__name=role.value).order_by("employee_number"))


def _signed_in(user: User) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = user.one_time_code_device.persistent_id
    session_clock.start(session, clock.now())
    session.save()
    return client


def _get(client: Client, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)


def _badge(reviewer: User) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM approvals_decidable(%s, now())", [reviewer.pk])
        (count,) = cursor.fetchone()
    assert count > 0
    return int(count)


def _timed(action: Callable[[], object], rounds: int) -> float:
    """Return the median milliseconds of an action that has been warmed up."""
    taken: list[float] = []
    action()
    for _ in range(rounds):
        _clocked(taken, action)
    return round(median(taken), 1)


def _clocked(taken: list[float], action: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    started = time.perf_counter()
    result = action(*arguments, **named)
    taken.append((time.perf_counter() - started) * 1000)
    return result


def _public(prefix: str, value: Any) -> str:
    return ids.encode(prefix, value)
