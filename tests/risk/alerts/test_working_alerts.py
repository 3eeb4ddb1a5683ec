"""Taking, handing back, handing on, stepping aside, closing; and telling of what is overdue."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from accounts.models import Account
from bankops.core.errors import ReasonRequired
from bankops.core.models import AuditEvent
from notifications.models import Notice
from risk import errors, services
from risk.access import visible_alerts
from risk.models import Alert, AlertOutcome, AlertState
from staff.models import Branch, User
from staff.roles import Role
from tests.accounts.factories import NOW, make_account, make_branch, make_customer
from tests.personas import hire
from tests.risk.alerts.factories import make_alert
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def colleague(risk_analyst: User, branch: Branch) -> User:
    return hire("T2005", "Bai Xue", Role.RISK_ANALYST, branch)


def take(person: User) -> Alert:
    return services.take_next_alert(person=person, now=LATER)


def test_the_riskier_goes_first(risk_analyst: User) -> None:
    make_alert(200)
    risky = make_alert(900)
    taken = take(risk_analyst)
    assert (taken.pk, taken.state, taken.assignee, taken.assigned_at) == (
        risky.pk,
        AlertState.ASSIGNED,
        risk_analyst,
        LATER,
    )
    told = AuditEvent.objects.get(event_type="risk.alert.taken")
    assert told.changes == {"assignee": ["", "Ren Xin"]}


def test_what_waited_long_goes_before_what_is_a_little_riskier(risk_analyst: User) -> None:
    """100 points are 500 minutes."""
    make_alert(500, now=NOW)
    old = make_alert(400, now=NOW - timedelta(minutes=501))
    assert take(risk_analyst).pk == old.pk


def test_an_alert_is_in_one_persons_hands_at_most(risk_analyst: User, colleague: User) -> None:
    only = make_alert()
    take(risk_analyst)
    with nothing_changes():
        with pytest.raises(errors.QueueEmpty):
            take(colleague)
        with pytest.raises(errors.AlertNotWaiting):
            services.take_alert(alert_id=only.pk, person=colleague, now=LATER)


def test_what_somebody_made_is_passed_over_and_refused(risk_analyst: User, colleague: User) -> None:
    alert = make_alert(900, made_by=(risk_analyst.public_id,))
    other = make_alert(100)
    assert take(risk_analyst).pk == other.pk
    with nothing_changes(), pytest.raises(errors.ConflictOfInterest, match="ordered or approved"):
        services.take_alert(alert_id=alert.pk, person=risk_analyst, now=LATER)
    with nothing_changes(), pytest.raises(errors.ConflictOfInterest):
        services.reassign_alert(alert_id=alert.pk, to=risk_analyst, reason="go", actor=colleague.as_actor(), now=LATER)
    assert take(colleague).pk == alert.pk


def test_whoever_has_the_name_of_the_customer_does_not_work_it(risk_analyst: User) -> None:
    customer = make_customer(" ren xin ")
    alert = make_alert(customers=(customer.public_id,))
    with nothing_changes():
        with pytest.raises(errors.QueueEmpty):
            take(risk_analyst)
        with pytest.raises(errors.ConflictOfInterest, match="about them"):
            services.take_alert(alert_id=alert.pk, person=risk_analyst, now=LATER)


def test_around_the_service_the_database_refuses_it(risk_analyst: User) -> None:
    alert = make_alert(made_by=(risk_analyst.public_id,))
    with pytest.raises(DatabaseError, match="alert_worked_by_nobody_concerned"), transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(state=AlertState.ASSIGNED, assignee=risk_analyst, assigned_at=NOW)


def test_stepping_aside_is_for_good(risk_analyst: User, colleague: User) -> None:
    alert = make_alert()
    take(risk_analyst)
    aside = services.declare_conflict(alert_id=alert.pk, person=risk_analyst, reason="my cousin", now=LATER)
    assert (aside.state, aside.assignee) == (AlertState.NEW, None)
    with pytest.raises(errors.QueueEmpty):
        take(risk_analyst)
    assert take(colleague).pk == alert.pk
    with nothing_changes(), pytest.raises(errors.AlertNotWaiting):
        services.declare_conflict(alert_id=alert.pk, person=risk_analyst, reason="again", now=LATER)


def test_somebody_may_step_aside_before_taking(risk_analyst: User) -> None:
    alert = make_alert()
    services.declare_conflict(alert_id=alert.pk, person=risk_analyst, reason="my cousin", now=LATER)
    with pytest.raises(errors.QueueEmpty):
        take(risk_analyst)


def test_what_is_handed_back_waits_in_its_old_place(risk_analyst: User) -> None:
    alert = make_alert()
    take(risk_analyst)
    back = services.hand_back_alert(alert_id=alert.pk, person=risk_analyst, reason="ill", now=LATER)
    assert (back.state, back.assignee, back.assigned_at) == (AlertState.NEW, None, None)
    assert back.urgent_since == alert.urgent_since


def test_only_whoever_works_it_hands_it_back_or_closes_it(risk_analyst: User, colleague: User) -> None:
    alert = make_alert()
    take(risk_analyst)
    with nothing_changes():
        with pytest.raises(errors.AlertNotYours, match="Ren Xin"):
            services.hand_back_alert(alert_id=alert.pk, person=colleague, reason="mine", now=LATER)
        with pytest.raises(errors.AlertNotYours):
            services.close_alert(
                alert_id=alert.pk, outcome=AlertOutcome.CONFIRMED, reason="so", person=colleague, now=LATER
            )


def test_the_head_of_risk_hands_it_to_somebody_else(
    risk_analyst: User, colleague: User, final_reviewer: User, teller: User
) -> None:
    alert = make_alert()
    take(risk_analyst)
    by = final_reviewer.as_actor()
    with nothing_changes():
        with pytest.raises(errors.NotAnAnalyst):
            services.reassign_alert(alert_id=alert.pk, to=teller, reason="busy", actor=by, now=LATER)
        with pytest.raises(errors.AlertNotInWork):
            services.reassign_alert(alert_id=alert.pk, to=risk_analyst, reason="busy", actor=by, now=LATER)
        with pytest.raises(ReasonRequired):
            services.reassign_alert(alert_id=alert.pk, to=colleague, reason=" ", actor=by, now=LATER)
    given = services.reassign_alert(alert_id=alert.pk, to=colleague, reason="busy", actor=by, now=LATER)
    assert given.assignee == colleague
    told = AuditEvent.objects.get(event_type="risk.alert.reassigned")
    assert (told.reason, told.changes) == ("busy", {"assignee": ["Ren Xin", "Bai Xue"]})


@pytest.mark.parametrize("outcome", [AlertOutcome.FALSE_POSITIVE, AlertOutcome.CONFIRMED])
def test_it_is_closed_with_an_outcome_and_a_reason(risk_analyst: User, outcome: AlertOutcome) -> None:
    alert = make_alert(699)
    take(risk_analyst)
    closed = services.close_alert(
        alert_id=alert.pk, outcome=outcome, reason="pays his rent", person=risk_analyst, now=LATER
    )
    assert (closed.state, closed.outcome, closed.closed_at, closed.close_reason) == (
        AlertState.CLOSED,
        outcome,
        LATER,
        "pays his rent",
    )


def test_nobody_decides_one_of_high_priority_alone(risk_analyst: User) -> None:
    alert = make_alert(700)
    take(risk_analyst)
    with nothing_changes(), pytest.raises(errors.HighAlertNeedsCase):
        services.close_alert(
            alert_id=alert.pk, outcome=AlertOutcome.FALSE_POSITIVE, reason="no", person=risk_analyst, now=LATER
        )


def test_reporting_needs_a_case(risk_analyst: User) -> None:
    alert = make_alert()
    take(risk_analyst)
    with nothing_changes(), pytest.raises(errors.UnknownAlertOutcome):
        services.close_alert(
            alert_id=alert.pk, outcome=AlertOutcome.REPORTED, reason="so", person=risk_analyst, now=LATER
        )


def test_an_alert_that_names_a_confidential_account_is_worked_like_any_other(risk_analyst: User) -> None:
    """Who launders would hide behind it: they would only have to pay into the account of somebody on the staff."""
    hidden = make_account()
    Account.objects.filter(pk=hidden.pk).update(is_confidential=True)
    alert = make_alert(accounts=(make_account().public_id, hidden.public_id))
    assert set(visible_alerts(risk_analyst)) == {alert}
    assert take(risk_analyst).pk == alert.pk


def test_whoever_works_for_one_branch_sees_its_alerts(teller: User, branch: Branch) -> None:
    here, elsewhere = make_alert(branch=branch), make_alert(branch=make_branch())
    assert set(visible_alerts(teller)) == {here}
    assert elsewhere.branch_id != branch.pk


def test_whoever_works_it_is_told_once_that_it_is_overdue(risk_analyst: User, final_reviewer: User) -> None:
    alert = make_alert(900)
    take(risk_analyst)
    assert services.remind_overdue(now=alert.due_at - timedelta(seconds=1)) == 0
    assert services.remind_overdue(now=alert.due_at) == 1
    assert services.remind_overdue(now=alert.due_at + timedelta(hours=1)) == 0
    told = Notice.objects.get()
    assert (told.recipient, told.kind, told.words) == (risk_analyst, "risk.alert.overdue", {"alert": alert.reference})


def test_a_business_day_later_the_head_of_risk_is_told(risk_analyst: User, final_reviewer: User) -> None:
    alert = make_alert(900)
    take(risk_analyst)
    assert services.remind_overdue(now=alert.due_at + timedelta(days=1)) == 2
    assert services.remind_overdue(now=alert.due_at + timedelta(days=2)) == 0
    told = Notice.objects.get(recipient=final_reviewer)
    assert (told.kind, told.severity) == ("risk.alert.late", "URGENT")
    assert told.words == {"alert": alert.reference, "worked_by": "Ren Xin"}


def test_of_what_nobody_works_the_head_of_risk_is_told_at_once(risk_analyst: User, final_reviewer: User) -> None:
    alert = make_alert(900)
    services.remind_overdue(now=alert.due_at)
    assert Notice.objects.get().recipient == final_reviewer


def test_after_it_was_handed_on_the_next_person_is_told_too(
    risk_analyst: User, colleague: User, final_reviewer: User
) -> None:
    alert = make_alert(900)
    take(risk_analyst)
    services.remind_overdue(now=alert.due_at)
    services.reassign_alert(
        alert_id=alert.pk, to=colleague, reason="ill", actor=final_reviewer.as_actor(), now=alert.due_at
    )
    services.remind_overdue(now=alert.due_at + timedelta(minutes=5))
    assert set(Notice.objects.values_list("recipient", flat=True)) == {risk_analyst.pk, colleague.pk}


def test_while_there_is_nobody_to_tell_it_stays_to_be_told(risk_analyst: User, branch: Branch) -> None:
    alert = make_alert(900)
    assert services.remind_overdue(now=alert.due_at) == 0
    assert Alert.objects.get().escalated_at is None
    head = hire("T2006", "Hua Rong", Role.FINAL_REVIEWER, branch)
    assert services.remind_overdue(now=alert.due_at) == 1
    assert Notice.objects.get().recipient == head
