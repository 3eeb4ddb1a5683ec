"""An alert that rises while somebody closes its case alone: nobody decides alone what has become risky. With its twin."""

from __future__ import annotations

import threading

import pytest

from bankops.core import clock, operations
from bankops.core.operations import Order, Outcome
from risk import locks
from risk.models import Alert, AlertState, Case, CaseState
from risk.services import case_closing
from staff.models import User
from staff.roles import Role
from tests.accounts.factories import home_branch
from tests.committed import at_once
from tests.elsewhere import LONG, Meeting
from tests.personas import hire, make_roles
from tests.risk.alerts.factories import make_alert
from tests.risk.cases.factories import make_case
from tests.transactions.shipped import ship

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def case() -> Case:
    """One of low priority."""
    make_roles()
    ship(home_branch())
    return make_case(hire("R1", "Ren Xin", Role.RISK_ANALYST, home_branch()), 200, dedupe_key="k")


def close_while_it_rises(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the case closed, and its alert raised again between the writing of the case and of its alerts, if nothing waits."""
    between, meet, in_case = threading.Event(), Meeting(2), case_closing._in_case

    def pausing(one: Case) -> list[Alert]:
        between.set()
        meet()
        return in_case(one)

    monkeypatch.setattr(case_closing, "_in_case", pausing)
    analyst = User.objects.get(pk=case.assignee_id)

    def close() -> Outcome:
        order = Order(actor=analyst.as_actor(), now=clock.now(), reason="salary")
        return operations.submit("risk.close_case", {"case": case.public_id, "outcome": "FALSE_POSITIVE"}, order)

    def rise() -> Alert:
        assert between.wait(LONG)
        risen = make_alert(900, dedupe_key="k")
        meet()
        return risen

    closed, _risen = at_once(close, rise)
    assert isinstance(closed, Outcome), closed
    assert Case.objects.get().state == CaseState.CLOSED


def test_what_rises_while_its_case_is_closed_is_another_alert(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    close_while_it_rises(case, monkeypatch)
    decided, waiting = Alert.objects.order_by("id")
    assert (decided.state, decided.priority) == (AlertState.CLOSED, "low")
    assert (waiting.state, waiting.priority, waiting.case) == (AlertState.NEW, "high", None)


def test_without_the_lock_it_would_be_decided_alone(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "alerts_for_update", lambda keys: list(Alert.objects.filter(pk__in=set(keys))))
    close_while_it_rises(case, monkeypatch)
    decided = Alert.objects.get()
    assert (decided.state, decided.priority, Case.objects.get().approval_request) == (AlertState.CLOSED, "high", None)
