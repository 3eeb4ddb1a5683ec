"""The seam for checks that other apps bring, such as screening, which `risk` will. It fails closed.

    checks.install(CheckKind.SCREENING, screen)         # screen(subject: CheckSubject) -> Finding

Without a checker, with one that raises, times out or answers something else, the check stays pending: what was not screened
has not passed. A checker that asks over the network brings its own time-outs and raises `TimeoutError`; while it runs no
transaction is open, and what is stored says "pending".
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from accounts.kyc import reasons
from accounts.kyc.findings import CheckKind, CheckState, Finding

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CheckSubject:
    """Whom a check is about. The checker reads through `accounts.selectors` what else it needs.

    Attributes:
        customer_id: the customer's key.
        application_id: the application's key.
        round: which round of the application it is, from 1.

    """

    customer_id: UUID
    application_id: UUID
    round: int


Checker = Callable[[CheckSubject], Finding]

_installed: dict[CheckKind, Checker] = {}
_WITHOUT_CHECKER = {CheckKind.SCREENING: reasons.NOT_SCREENED}


def install(kind: CheckKind, checker: Checker | None) -> Checker | None:
    """Let `checker` answer for a kind of check from now on (None: nobody); return the one before."""
    before = _installed.pop(kind, None)
    if checker is not None:
        _installed[kind] = checker
    return before


def run(kind: CheckKind, subject: CheckSubject) -> Finding:
    """Return what the installed checker finds; pending, with the reason, when there is no answer to rely on."""
    checker = _installed.get(kind)
    if checker is None:
        return Finding(CheckState.PENDING, (_WITHOUT_CHECKER.get(kind, reasons.NOT_RUN),))
    try:
        finding = checker(subject)
    except TimeoutError:
        _log.warning("check timed out", extra={"check": kind.value})
        return Finding(CheckState.PENDING, (reasons.CHECKER_TIMED_OUT,))
    except Exception:  # noqa: BLE001  # whatever it is, it is no pass
        _log.exception("check failed", extra={"check": kind.value})
        return Finding(CheckState.PENDING, (reasons.CHECKER_FAILED,))
    return finding if _is_finding(finding) else Finding(CheckState.PENDING, (reasons.CHECKER_FAILED,))


def _is_finding(answer: object) -> bool:
    return isinstance(answer, Finding) and isinstance(answer.state, CheckState)
