"""The approval matrix: the product keeps to its listing, and the matrix would notice if it did not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from approvals.eligibility import Authority
from approvals.models import ApprovalRequest
from approvals.services import decisions
from bankops import matrix, urls
from bankops.core import operations
from bankops.matrix import doors, listed, pages, stage, submissions, tries
from bankops.matrix.report import Plan, Report, Row
from bankops.matrix.scratch import scratch_database
from bankops.matrix.stage import Stage
from bankops.matrix.tries import Answer, Cell, Expected, Mark, Wanted
from staff.models import User
from tests.architecture.source import ROOT
from transactions.admin.money_doors import Deposit

PAGE = ROOT / "docs" / "approval-matrix.md"
_PARTS = 23  # that every process has some, also towards the end; a prime, because pages and forms stand in turns


@pytest.fixture(scope="module")
def bank(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    """Give the tests of this module the bank that the command makes for itself."""
    with django_db_blocker.unblock(), matrix.quietly():
        own = connection.settings_dict["NAME"]
        with scratch_database():
            assert connection.settings_dict["NAME"] != own
            yield stage.build()
        assert connection.settings_dict["NAME"] == own


@pytest.fixture(scope="module")
def plans(bank: Stage) -> list[Plan]:
    return matrix.planned(bank)


def tried(bank: Stage, about: str) -> Report:
    """Try the doors whose name contains the words."""
    return matrix.tried(bank, matrix.planned(bank, about=about))


def marks(rows: list[Row] | Any, door: str) -> dict[str, Mark]:
    """Return what came of one door, by persona."""
    (row,) = [row for row in rows if row.door == door]
    return {persona: cell.mark for persona, cell in row.cells.items()}


# -- What the product promises -----------------------------------------------------------------------------------------


@pytest.mark.shared
@pytest.mark.parametrize("part", range(_PARTS))
def test_every_door_keeps_to_its_listing(bank: Stage, plans: list[Plan], part: int) -> None:
    """Whoever keeps to it has the line of the page that it has as listed."""
    mine = plans[part::_PARTS]
    report = matrix.tried(bank, mine)
    assert report.faults() == []
    assert [row.line() for row in report.rows] == [plan.as_listed().line() for plan in mine]


def test_the_page_says_who_gets_through(plans: list[Plan]) -> None:
    report = Report([plan.as_listed() for plan in plans])
    assert report.tries() > 13_000
    current = "run manage.py approval_matrix --write docs/approval-matrix.md, and read what changed"
    assert PAGE.read_text() == report.as_markdown(), current


def test_every_operation_and_every_door_of_the_admin_is_listed() -> None:
    assert (pages.unlisted(), pages.vanished()) == ([], [])
    assert (submissions.unlisted(), submissions.vanished()) == ([], [])
    assert {"admin:approvals_approvalrequest_approve", "admin:accounts_account_transfer"} <= set(doors.found())


def test_a_door_is_listed_with_what_it_does_and_not_only_with_its_page() -> None:
    """Whoever lists a door of ours says what happens when its form is sent, too."""
    posted = {entry.door for entry in listed.listed() if entry.method == "POST"}
    pages = (
        "accounts_account_statement",
        "accounts_account_balance_then",
        "accounts_application_stuck",
        "accounts_customer_reviews_due",
        "notifications_replayjob_progress",
        "risk_riskdayreport_day",
        "risk_riskdayreport_large_values",
        "risk_riskdayreport_suspicious",
        "risk_riskdayreport_tuning",
        "risk_rulebacktest_progress",
        "transactions_duplicatedayreport_day",
        "transactions_journalentry_trial_balance",
    )
    reading = {f"admin:{page}" for page in pages}
    around = ("search", "index", "jsi18n", "password", "log", "app_list", "autocomplete", "view_on_site", "simulator")
    only_read = {
        entry.door
        for entry in listed.listed()
        if entry.door.startswith("admin:") and entry.door not in posted | reading
        if not entry.door.endswith(("_history", "_simple_history"))
        if not any(word in entry.door for word in around)
    }
    assert only_read == set()


# -- What the matrix would notice --------------------------------------------------------------------------------------


def test_a_door_that_forgets_its_right_is_noticed(bank: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Deposit, "allowed", lambda _door, _request: True)
    report = tried(bank, "POST accounts_account_deposit")
    came = marks(report.rows, "POST accounts_account_deposit")
    assert came["finance"] is came["first_reviewer"] is Mark.GOT_THROUGH
    assert came["teller"] is Mark.ALLOWED
    assert came["elsewhere"] is Mark.REFUSED
    # The page behind the door still knows whom it shows an account to, and the session who is signed in.
    assert came["outsider"] is came["nobody"] is came["password_only"] is came["disabled"] is Mark.REFUSED
    assert not report.holds()
    assert "core_auditevent" in report.faults()[0]


def test_a_door_that_asks_for_another_right_is_noticed(bank: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Deposit, "permission", "transactions.charge_fee")
    came = marks(tried(bank, "accounts_account_deposit").rows, "GET accounts_account_deposit")
    assert (came["finance"], came["teller"]) == (Mark.GOT_THROUGH, Mark.SHUT_OUT)


def test_a_decision_service_that_forgets_the_maker_is_noticed(bank: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database refuses the decision even then, but the maker's code would have been used up."""

    def anybody(_request: ApprovalRequest, _reviewer: User, **_moment: Any) -> Authority:
        return Authority(None)

    monkeypatch.setattr(decisions, "authority", anybody)
    report = tried(bank, "approve: made by the teller and first reviewer")
    (row,) = report.rows
    assert row.cells["two_roles"].mark is Mark.GOT_THROUGH
    assert row.cells["two_roles"].why.startswith("own_request; changed approvals_proof")
    assert not report.holds()


def test_a_gate_that_lets_everything_through_is_noticed(bank: Stage, open_gate: Any) -> None:
    report = tried(bank, "transactions.transfer (CNY 50,000)")
    came = marks(report.rows, "transactions.transfer (CNY 50,000)")
    assert came["teller"] is came["finance"] is Mark.GOT_THROUGH


def test_a_table_without_its_guard_is_noticed(bank: Stage) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE approvals_decision DISABLE TRIGGER decision_no_change")
    try:
        report = tried(bank, "decision")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE approvals_decision ENABLE TRIGGER decision_no_change")
    assert marks(report.rows, "a decision is turned") == {"": Mark.GOT_THROUGH}


def test_a_guard_that_a_temporary_table_deceives_is_noticed(bank: Stage) -> None:
    guard, about = "ALTER FUNCTION approvals_rules_under_consent()", "a policy is retired under a temporary table"
    with connection.cursor() as cursor:
        cursor.execute(f"{guard} RESET search_path")
    try:
        report = tried(bank, about)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"{guard} SET search_path = public, pg_temp")
    assert marks(report.rows, f"{about} of requests") == {"": Mark.GOT_THROUGH}


@pytest.fixture
def back_door() -> Iterator[None]:
    """Have one address more, and one that hides behind the name of another."""

    def opened(_request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    more = [path("back-door/", opened), path("another-home/", opened, name="home")]
    urls.urlpatterns.extend(more)
    yield
    del urls.urlpatterns[-len(more) :]


@pytest.mark.usefixtures("back_door")
def test_an_unlisted_door_is_noticed() -> None:
    assert pages.unlisted() == ["back-door/", "home #2"]
    assert not Report([], pages.unlisted()).holds()


def test_an_admin_page_nobody_listed_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    known = [entry for entry in listed.listed() if entry.door != "admin:accounts_account_transfer"]
    monkeypatch.setattr(pages, "listed", lambda: known)
    assert pages.unlisted() == ["admin:accounts_account_transfer"]


def test_a_listed_door_that_is_gone_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [door for door in doors.found() if door != "admin:accounts_account_transfer"]
    monkeypatch.setattr(doors, "found", lambda: there)
    assert pages.vanished() == ["admin:accounts_account_transfer"]
    assert not Report([], vanished=pages.vanished()).holds()


def test_an_unlisted_operation_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    known = [one for one in submissions.LISTED if one.key != "transactions.reverse"]
    monkeypatch.setattr(submissions, "LISTED", known)
    assert submissions.unlisted() == ["transactions.reverse"]
    without = {key: one for key, one in operations.registered().items() if key != "transactions.transfer"}
    monkeypatch.setattr(operations, "_registry", without)
    assert submissions.vanished() == ["transactions.transfer"]


@pytest.mark.parametrize(
    ("answer", "changed", "wanted", "mark"),
    [
        (Answer(opened=False, words="403"), "", Wanted(Expected.REFUSED), Mark.REFUSED),
        (Answer(opened=True, words="200"), "", Wanted(Expected.REFUSED), Mark.GOT_THROUGH),
        (Answer(opened=False, words="403"), "accounts_balance", Wanted(Expected.REFUSED), Mark.GOT_THROUGH),
        (Answer(opened=False, words="wrong_role"), "", Wanted(Expected.REFUSED, "own_request"), Mark.SHUT_OUT),
        (Answer(opened=False, words="500", broken=True), "", Wanted(Expected.REFUSED), Mark.SHUT_OUT),
        (Answer(opened=True, words="200"), "", Wanted(Expected.READ), Mark.ALLOWED),
        (Answer(opened=True, words="200"), "accounts_balance", Wanted(Expected.READ), Mark.GOT_THROUGH),
        (Answer(opened=True, words="200"), "", Wanted(Expected.IDLE), Mark.IDLE),
        (Answer(opened=True, words="200"), "accounts_balance", Wanted(Expected.IDLE), Mark.GOT_THROUGH),
        (Answer(opened=False, words="403"), "", Wanted(Expected.READ), Mark.SHUT_OUT),
        (Answer(opened=True, words="302"), "accounts_balance", Wanted(Expected.ACT), Mark.ALLOWED),
        (Answer(opened=True, words="200"), "", Wanted(Expected.ACT), Mark.SHUT_OUT),
        (Answer(opened=True, words="carried out"), "t", Wanted(Expected.ACT, "parked"), Mark.GOT_THROUGH),
    ],
)
def test_judgement(answer: Answer, changed: str, wanted: Wanted, mark: Mark) -> None:
    assert tries.judge(answer, frozenset(filter(None, [changed])), wanted).mark is mark


# -- The command -------------------------------------------------------------------------------------------------------


def _row(mark: Mark) -> Row:
    return Row("Attempts", "approve without a code", "code_required", {"": Cell(mark, "200")})


@pytest.mark.parametrize(
    "report", [Report([_row(Mark.GOT_THROUGH)]), Report([_row(Mark.SHUT_OUT)]), Report([], ["back-door/"])]
)
def test_the_command_ends_with_1_when_something_is_wrong(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "run", lambda *, about: report)
    said = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("approval_matrix", stdout=said)
    assert ended.value.code == 1
    assert report.faults()[0] in said.getvalue()


def test_the_command_writes_the_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    report = Report([_row(Mark.REFUSED)])
    monkeypatch.setattr(matrix, "run", lambda *, about: report)
    said, page = io.StringIO(), tmp_path / "matrix.md"
    call_command("approval_matrix", "--json", "--write", str(page), stdout=said)
    assert '"holds": true' in said.getvalue()
    assert "| approve without a code | `code_required` | – |" in page.read_text()
