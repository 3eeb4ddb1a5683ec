"""The seam for checks of other apps fails closed: whatever goes wrong, nothing has passed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from accounts.kyc import checks, reasons
from accounts.kyc.findings import CheckKind, CheckState, Finding

SUBJECT = checks.CheckSubject(uuid4(), uuid4(), 1)


@pytest.fixture(autouse=True)
def _seam() -> Iterator[None]:
    before = checks.install(CheckKind.SCREENING, None)
    yield
    checks.install(CheckKind.SCREENING, before)


def test_not_screened_is_not_passed() -> None:
    assert checks.run(CheckKind.SCREENING, SUBJECT) == Finding(CheckState.PENDING, ("not_screened",))


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (TimeoutError("no answer"), reasons.CHECKER_TIMED_OUT),
        (ConnectionError("refused"), reasons.CHECKER_FAILED),
        (ZeroDivisionError(), reasons.CHECKER_FAILED),
    ],
)
def test_a_checker_that_fails_has_passed_nobody(failure: Exception, reason: str) -> None:
    def fails(_subject: checks.CheckSubject) -> Finding:
        raise failure

    checks.install(CheckKind.SCREENING, fails)
    assert checks.run(CheckKind.SCREENING, SUBJECT) == Finding(CheckState.PENDING, (reason,))


@pytest.mark.parametrize("answer", [None, True, "PASSED", CheckState.PASSED, Finding("PASSED")])  # type: ignore[arg-type]
def test_an_answer_that_is_no_finding_has_passed_nobody(answer: Any) -> None:
    checks.install(CheckKind.SCREENING, lambda _subject: answer)
    assert checks.run(CheckKind.SCREENING, SUBJECT) == Finding(CheckState.PENDING, (reasons.CHECKER_FAILED,))


@pytest.mark.parametrize("state", CheckState)
def test_a_finding_is_handed_on(state: CheckState) -> None:
    found = Finding(state, ("a", "b"), "run 7")
    before = checks.install(CheckKind.SCREENING, lambda _subject: found)
    assert before is None
    assert checks.run(CheckKind.SCREENING, SUBJECT) is found


def test_reasons_keep_their_meaning() -> None:
    assert reasons.label_of("no longer declared") == "no longer declared"
    with pytest.raises(ValueError, match="declared already"):
        reasons.declare(reasons.NOT_RUN, "Something else.")
