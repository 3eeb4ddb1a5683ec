"""Every code in the table is one that a test of the API expects, and the page in docs is the table.

That every code which a test is answered with stands in the table is what `callers.code_of` looks after.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from accounts.models import Account, AccountStatus
from bankops.core import clock, idempotency, operations
from bankops.core.api import error_table
from bankops.core.errors import error_codes
from bankops.core.models import IdempotencyRecord
from partners.models import Partner, PartnerState
from tests.api.callers import code_of, said
from tests.api.conftest import Desk
from tests.partners.factories import guards_asleep
from transactions.api.refusals import OF_AN_ACCOUNT, OF_THE_PAYER
from transactions.models import Transaction

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("tests/api", "tests/core/api", "tests/partners")
"""Where tests are that call the API."""
Node = TypeVar("Node", bound=ast.AST)


def table() -> list[str]:
    return [row.code for section in error_table.sections() for row in section.rows]


def expected_in_tests() -> set[str]:
    """Return the texts that tests of the API compare with something, or are parametrized with."""
    return {
        text
        for place in PLACES
        for path in (ROOT / place).glob("test_*.py")
        for text in expected_in(ast.parse(path.read_text()))
    }


def expected_in(module: ast.Module) -> Iterator[str]:
    """Yield the texts in the assertions and parameters of a module's tests, and in the tables that these name."""
    tables = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and node.value
    }
    tests = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    for test in tests:
        named = [tables[name.id] for name in parts(test, ast.Name) if name.id in tables]
        for node in (*parts(test, ast.Assert), *test.decorator_list, *named, *_compared(test)):
            yield from (text.value for text in parts(node, ast.Constant) if isinstance(text.value, str))


def _compared(test: ast.FunctionDef) -> list[ast.expr]:
    """Return the values that a test gives names, or puts into what has one, which its assertions name."""
    asserted = {name.id for each in parts(test, ast.Assert) for name in parts(each, ast.Name)}
    return [
        node.value
        for node in parts(test, ast.Assign)
        if not isinstance(node.value, ast.Call) and asserted & {name.id for name in parts(node.targets[0], ast.Name)}
    ]


def parts(of: ast.AST, kind: type[Node]) -> list[Node]:
    return [node for node in ast.walk(of) if isinstance(node, kind)]


def test_every_code_is_one_of_ours_and_listed_once() -> None:
    assert sorted(table()) == sorted(set(table()))
    assert set(table()) <= set(error_codes())


def test_every_refusal_that_an_account_gives_is_listed() -> None:
    assert sorted({error.code for error in (*OF_AN_ACCOUNT, *OF_THE_PAYER)} - set(table())) == []


def test_every_code_is_expected_by_a_test_of_the_api() -> None:
    assert sorted(set(table()) - expected_in_tests()) == []


def test_a_text_that_a_test_only_mentions_is_not_expected() -> None:
    module = """
TABLE, UNUSED = ["in_a_table_with_another"], []
FLAWS = {"a": "in_a_table"}
OTHERS = ["in_a_table_that_nobody_names"]
@pytest.mark.parametrize("flaw", [*FLAWS, "a_parameter"])
def test_it(flaw):
    "in_a_docstring"
    with refused("of_a_service"):
        answer = call("argument")
    expected = "expected"
    wanted["a"] = (422, "wanted")
    forgotten = "forgotten"
    assert (answer, wanted) == ("asserted", expected)
def helper():
    assert answer == "in_a_helper"
"""
    parameters, compared = {"flaw", "a", "in_a_table", "a_parameter"}, {"asserted", "expected", "wanted"}
    assert set(expected_in(ast.parse(module))) == parameters | compared


def test_the_page_in_docs_is_the_table() -> None:
    call_command("api_errors", check=ROOT / "docs" / "api-errors.md")


def test_a_page_that_says_something_else_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    with pytest.raises(CommandError, match="out of date"):
        call_command("api_errors", check=page)
    call_command("api_errors", write=page)
    call_command("api_errors", check=page)
    page.write_text(page.read_text().replace("`busy`", "`idle`"))
    with pytest.raises(CommandError, match="out of date"):
        call_command("api_errors", check=page)


def test_it_is_printed() -> None:
    out = StringIO()
    call_command("api_errors", stdout=out)
    assert "| `insufficient_funds` | 422 Unprocessable Entity |" in out.getvalue()


@pytest.mark.django_db
def test_the_type_of_a_problem_leads_to_its_code_on_a_page_without_outside_asset() -> None:
    problem = Client().get("/api/v1/transfers").json()
    address, _sharp, anchor = problem["type"].partition("#")
    page = Client().get("/" + address.split("/", 3)[3])
    text = page.content.decode()
    assert page.status_code == 200
    assert f'<tr id="{anchor}">' in text
    assert "<script" not in text
    assert "//" not in text.partition("</style>")[2]
    assert 'src="' not in text


@pytest.mark.django_db
def test_a_dormant_account_pays_nobody(desk: Desk) -> None:
    Account.objects.filter(pk=desk.payer.pk).update(status=AccountStatus.DORMANT)
    assert code_of(desk.system.post("transfers", desk.transfer())) == "account_dormant"


@pytest.mark.django_db
def test_who_waits_too_long_for_somebody_else_is_told_and_may_ask_again(desk: Desk) -> None:
    body, other = desk.transfer(), connection.copy()
    other.set_autocommit(autocommit=False)
    try:
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE partners_partnerusage IN EXCLUSIVE MODE NOWAIT")
        answer = desk.system.post("transfers", body, key="k-1")
    finally:
        other.close()
    assert (answer.status_code, code_of(answer)) == (409, "busy")
    assert said(desk.system.post("transfers", body, key="k-1"), 201)["status"] == "posted"


@pytest.mark.django_db
def test_what_was_broken_off_is_answered_so_for_good(desk: Desk) -> None:
    body = desk.transfer()
    digest = idempotency.digest_of("POST", "/api/v1/transfers", body)
    begun = clock.now() - timedelta(minutes=11)
    IdempotencyRecord.objects.create(
        state="STARTED",
        scope=desk.system.credential.public_id,
        key="k-1",
        digest=digest,
        method="POST",
        path="/api/v1/transfers",
        started_at=begun,
    )
    assert idempotency.settle_abandoned(now=clock.now()) == 1
    for _time in range(2):
        answer = desk.system.post("transfers", body, key="k-1")
        assert (answer.status_code, code_of(answer)) == (409, "request_abandoned")


@pytest.mark.django_db
def test_without_the_gate_nothing_is_done_and_nothing_is_kept(desk: Desk) -> None:
    gate = operations.install_gate(None)
    try:
        answer = desk.system.post("transfers", desk.transfer(), key="k-1")
    finally:
        operations.install_gate(gate)
    assert (answer.status_code, json.loads(answer.content)["code"]) == (503, "no_approval_gate")
    assert said(desk.system.post("transfers", desk.transfer(), key="k-1"), 201)["status"] == "posted"


@dataclass
class SuspendingGate:
    """The bank's own gate, which a partner comes to that was suspended after it was let in."""

    partner: Partner
    real: operations.Gate | None = None

    def submit(self, operation: operations.Operation, payload: Any, order: operations.Order) -> operations.Outcome:
        assert self.real is not None
        with guards_asleep():
            Partner.objects.filter(pk=self.partner.pk).update(state=PartnerState.SUSPENDED)
        return self.real.submit(operation, payload, order)


@pytest.mark.django_db
def test_who_is_suspended_between_the_door_and_the_gate_is_refused_by_the_gate(desk: Desk) -> None:
    before, gate = Transaction.objects.count(), SuspendingGate(desk.system.partner)
    gate.real = operations.install_gate(gate)
    try:
        answer = desk.system.post("transfers", desk.transfer())
    finally:
        operations.install_gate(gate.real)
    assert (answer.status_code, code_of(answer)) == (403, "partner_not_allowed")
    assert Transaction.objects.count() == before
