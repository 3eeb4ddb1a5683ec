"""Cases: opened from alerts, handed on, left waiting, closed by one or by two, opened again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import translation

from accounts.models import Account, AccountStatus, Customer
from approvals.errors import ConcernsReviewer, OwnRequest
from approvals.models import ApprovalRequest
from bankops.core.errors import ReasonRequired
from bankops.core.models import AuditEvent
from bankops.core.operations import ConsentRequired, Order
from notifications.models import Notice
from risk import errors, services
from risk.access import visible_cases
from risk.bands import Band
from risk.models import Alert, AlertCustomer, AlertOutcome, AlertState, Case, CaseReport, CaseState, LinkKind
from risk.selectors.concerned import concerned_in
from risk.services.cases import WORK
from staff.models import Branch, User
from staff.roles import Role
from tests.accounts.factories import NOW, make_account, make_branch, make_customer
from tests.approvals.factories import approve, approve_all, assigned, reject
from tests.desk import address, words
from tests.personas import SignIn, hire
from tests.risk.alerts.factories import make_alert
from tests.risk.cases.factories import close, complete_report, make_case, submit_closing
from tests.transactions.shipped import Shipped
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=3)


def again(case: Case) -> Case:
    return Case.objects.select_related("assignee", "branch").get(pk=case.pk)


# -- Opening ----------------------------------------------------------------------------------------------------------


def test_a_case_is_as_risky_as_its_riskiest_alert_and_due_with_the_first(analyst: User) -> None:
    low, high = make_alert(100), make_alert(800)
    case = make_case(analyst, alerts=[low, high])
    assert case.reference.startswith("RC-2026-")
    assert (case.state, case.score, case.priority, case.due_at) == (CaseState.OPEN, 800, Band.HIGH, high.due_at)
    assert case.assignee == analyst
    assert set(case.alerts.values_list("state", flat=True)) == {AlertState.IN_CASE}
    told = AuditEvent.objects.get(event_type="risk.case.opened")
    assert (told.reason, told.detail) == ("they belong together", {"alerts": [low.reference, high.reference]})
    assert AuditEvent.objects.filter(event_type="risk.alert.put_into_case").count() == 2


def test_what_is_in_other_hands_or_decided_cannot_be_taken_along(analyst: User, colleague: User) -> None:
    mine, others = make_alert(), make_alert()
    services.take_alert(alert_id=mine.pk, person=analyst, now=NOW)
    services.take_alert(alert_id=others.pk, person=colleague, now=NOW)
    with nothing_changes(), pytest.raises(errors.AlertNotWaiting, match="Bai Xue"):
        make_case(analyst, alerts=[mine, others])
    make_case(analyst, alerts=[mine])
    with nothing_changes(), pytest.raises(errors.AlertNotWaiting, match="part of a case"):
        make_case(analyst, alerts=[mine])


def test_nobody_opens_a_case_about_what_they_made(analyst: User) -> None:
    alert = make_alert(made_by=(analyst.public_id,))
    with nothing_changes(), pytest.raises(errors.ConflictOfInterest):
        make_case(analyst, alerts=[alert])


def test_a_case_needs_an_alert_and_a_reason(analyst: User) -> None:
    alert = make_alert()
    with nothing_changes():
        with pytest.raises(errors.CaseWithoutAlert):
            services.open_case(alert_ids=[], person=analyst, reason="so", now=NOW)
        with pytest.raises(ReasonRequired):
            services.open_case(alert_ids=[alert.pk], person=analyst, reason=" ", now=NOW)
        with pytest.raises(errors.UnknownAlert):
            services.open_case(alert_ids=[alert.pk, analyst.pk], person=analyst, reason="so", now=NOW)


def test_an_alert_that_joins_raises_what_the_case_weighs(analyst: User, colleague: User) -> None:
    case, risky = make_case(analyst, 100), make_alert(900)
    with nothing_changes(), pytest.raises(errors.CaseNotYours):
        services.add_alert_to_case(case_id=case.pk, alert_id=risky.pk, person=colleague, now=LATER)
    services.add_alert_to_case(case_id=case.pk, alert_id=risky.pk, person=analyst, now=LATER)
    assert (again(case).score, again(case).priority, again(case).due_at) == (900, Band.HIGH, risky.due_at)


def test_a_case_about_a_confidential_account_is_worked_like_any_other(analyst: User) -> None:
    account = make_account()
    case = make_case(analyst, accounts=(account.public_id,))
    Account.objects.filter(pk=account.pk).update(is_confidential=True)
    assert set(visible_cases(analyst)) == {case}
    services.write_case_note(case_id=case.pk, text="a note", person=analyst, now=LATER)


def test_whoever_works_for_one_branch_sees_a_case_with_all_of_its_alerts_or_none(analyst: User) -> None:
    here = Branch.objects.get(code="001")
    teller = hire("X1", "Xu Li", Role.TELLER, here)
    own = make_case(analyst, alerts=[make_alert(branch=here), make_alert(branch=here)])
    make_case(analyst, alerts=[make_alert(branch=here), make_alert(branch=make_branch())])
    make_case(analyst, alerts=[make_alert(branch=here), make_alert()])
    assert set(visible_cases(teller)) == {own}
    assert visible_cases(analyst).count() == 3


# -- Working ----------------------------------------------------------------------------------------------------------


def test_a_case_waits_and_is_taken_up_again(analyst: User) -> None:
    case = make_case(analyst)
    services.park_case(
        case_id=case.pk, waiting_for="the other bank's answer", until=date(2026, 3, 9), person=analyst, now=LATER
    )
    assert (again(case).state, again(case).waiting_for) == (CaseState.WAITING, "the other bank's answer")
    services.resume_case(case_id=case.pk, person=analyst, now=LATER)
    assert (again(case).state, again(case).waiting_for, again(case).waiting_until) == (CaseState.OPEN, "", None)
    with nothing_changes(), pytest.raises(errors.CaseUnchanged):
        services.resume_case(case_id=case.pk, person=analyst, now=LATER)


def test_the_head_of_risk_hands_a_case_on_but_to_nobody_concerned(
    analyst: User, colleague: User, shipped_bank: Shipped
) -> None:
    case = make_case(analyst, made_by=(shipped_bank.maker.public_id,))
    by = shipped_bank.final[0].as_actor()
    with nothing_changes(), pytest.raises(errors.NotAnAnalyst):
        services.reassign_case(case_id=case.pk, to=shipped_bank.maker, reason="busy", actor=by, now=LATER)
    services.reassign_case(case_id=case.pk, to=colleague, reason="busy", actor=by, now=LATER)
    assert again(case).assignee == colleague
    with nothing_changes(), pytest.raises(errors.CaseUnchanged):
        services.reassign_case(case_id=case.pk, to=colleague, reason="busy", actor=by, now=LATER)
    with pytest.raises(DatabaseError, match="case_worked_by_nobody_concerned"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(assignee=shipped_bank.maker)
    assert WORK == "risk.work_case"


# -- Closing ----------------------------------------------------------------------------------------------------------


def test_one_person_closes_a_case_that_is_not_of_high_priority(analyst: User) -> None:
    case = make_case(analyst, 699)
    told = submit_closing(case, analyst, AlertOutcome.FALSE_POSITIVE, reason="pays his rent")
    assert told.done
    closed = again(case)
    assert (closed.state, closed.outcome, closed.close_reason) == (CaseState.CLOSED, "FALSE_POSITIVE", "pays his rent")
    assert set(case.alerts.values_list("state", "outcome")) == {("CLOSED", "FALSE_POSITIVE")}


def test_two_people_close_one_of_high_priority(analyst: User) -> None:
    case = make_case(analyst, 700)
    told = submit_closing(case, analyst)
    assert (told.done, told.request.operation) == (False, "risk.close_high_risk_case")
    assert again(case).state == CaseState.OPEN
    approve(told.request)
    assert again(case).state == CaseState.OPEN
    assert approve_all(told.request).state == "EXECUTED"
    closed = again(case)
    assert (closed.state, closed.outcome) == (CaseState.CLOSED, "CONFIRMED")
    assert closed.approval_request_id == told.request.pk
    assert closed.closed_by_name == "Ren Xin"


def test_whoever_works_it_is_not_one_of_the_two(analyst: User) -> None:
    case = make_case(analyst, 700)
    request = submit_closing(case, analyst).request
    assert analyst not in assigned(request)
    with nothing_changes(), pytest.raises(OwnRequest):
        approve(request, by=analyst)


def test_whom_an_alert_is_about_does_not_agree_to_its_closing(analyst: User, shipped_bank: Shipped) -> None:
    ordered, final = shipped_bank.first[0], shipped_bank.final[0]
    namesake = make_customer(f" {final.full_name.upper()} ")
    alerts = [make_alert(700, made_by=(ordered.public_id,)), make_alert(customers=(namesake.public_id,))]
    case = make_case(analyst, alerts=alerts)
    assert set(concerned_in(case)) == {ordered, final}
    request = submit_closing(case, analyst).request
    assert ordered not in assigned(request)
    with nothing_changes(), pytest.raises(ConcernsReviewer):
        approve(request, by=ordered)
    done = approve_all(request)
    assert done.state == "EXECUTED"
    assert not {ordered.pk, final.pk} & set(done.decisions.values_list("reviewer", flat=True))


def test_concerned_are_those_whom_the_database_keeps_from_working_it(analyst: User, shipped_bank: Shipped) -> None:
    """One statement for everybody says the same as the function does for each."""
    customer = make_customer("ren xin ")
    case = make_case(analyst, made_by=(shipped_bank.maker.public_id,), staff=(shipped_bank.first[0].public_id,))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        AlertCustomer.objects.create(alert=case.alerts.get(), customer=customer)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute(
            "SELECT u.id FROM staff_user u JOIN risk_alert a ON a.case_id = %s"
            " WHERE risk_conflict_of_interest(a.id, u.id) <> '' ORDER BY u.id",
            [case.pk],
        )
        one_by_one = [key for (key,) in cursor.fetchall()]
    assert [one.pk for one in concerned_in(case)] == one_by_one
    assert {analyst.pk, shipped_bank.maker.pk, shipped_bank.first[0].pk} == set(one_by_one)


def test_a_persons_page_does_not_say_that_a_case_about_them_is_decided(
    analyst: User, shipped_bank: Shipped, signed_in_client: SignIn
) -> None:
    maker = shipped_bank.maker
    case = make_case(analyst, 700, made_by=(maker.public_id,))
    request = submit_closing(case, analyst).request
    branch = Branch.objects.get(code="001")
    for number, role, told in (("Y1", Role.ADMINISTRATOR, False), ("Y2", Role.AUDITOR, True)):
        page = words(signed_in_client(hire(number, f"Yan {number}", role, branch)).get(address(maker)))
        assert ("waits for approval" in page) is told
        assert (request.reference in page) is told


def test_a_rejected_closing_leaves_the_case_open(analyst: User) -> None:
    case = make_case(analyst, 700)
    request = submit_closing(case, analyst).request
    reject(request)
    assert again(case).state == CaseState.OPEN


def test_the_other_operation_does_not_get_round_the_two(analyst: User) -> None:
    high, low = make_case(analyst, 700), make_case(analyst, 699)
    with nothing_changes():
        with pytest.raises(errors.CaseNeedsTwo):
            submit_closing(high, analyst, key="risk.close_case")
        with pytest.raises(errors.CaseNeedsNoTwo):
            submit_closing(low, analyst, key="risk.close_high_risk_case")


def test_an_alert_that_became_risky_meanwhile_counts(analyst: User) -> None:
    case = make_case(analyst, 400, dedupe_key="k")
    make_alert(900, dedupe_key="k")
    with nothing_changes(), pytest.raises(errors.CaseNeedsTwo):
        submit_closing(case, analyst, key="risk.close_case")
    assert close(case, analyst).state == CaseState.CLOSED


def _note(case: Case, by: User) -> None:
    services.write_case_note(case_id=case.pk, text="one more thing", person=by, now=LATER)


def _link(case: Case, by: User) -> None:
    told: dict[str, Any] = {"text": make_customer().number, "why": "same address", "person": by, "now": LATER}
    services.link_to_case(case_id=case.pk, kind=LinkKind.CUSTOMER, **told)


def _alert_again(case: Case, _by: User) -> None:
    make_alert(300, dedupe_key=case.alerts.get().dedupe_key)


def _conflict(case: Case, _by: User) -> None:
    make_alert(300, dedupe_key=case.alerts.get().dedupe_key, made_by=(hire_somebody().public_id,))


def _operation(case: Case, by: User) -> None:
    customer = Customer.objects.get(pk=case.alerts.get().about_customers.get().customer_id)
    services.order_from_case(
        case_id=case.pk,
        key="accounts.raise_risk_rating",
        payload={"customer": customer.public_id, "rating": "HIGH"},
        about=(customer.public_id, customer.number),
        order=Order(actor=by.as_actor(), now=LATER, reason="money goes round", idempotency_key="k1"),
        person=by,
    )


def hire_somebody() -> User:
    return hire("X7", "Xu Li", Role.TELLER, Branch.objects.get(code="001"))


@pytest.mark.parametrize("change", [_note, _link, _alert_again, _conflict, _operation])
def test_what_is_added_while_reviewers_decide_makes_the_request_stale(
    analyst: User, change: Callable[[Case, User], None]
) -> None:
    case = make_case(analyst, 700, customers=(make_customer().public_id,))
    request = submit_closing(case, analyst).request
    change(case, analyst)
    assert approve_all(request).state == "STALE"
    assert again(case).state == CaseState.OPEN


def test_only_whoever_works_it_closes_it(analyst: User, colleague: User) -> None:
    case = make_case(analyst)
    with nothing_changes(), pytest.raises(errors.CaseNotYours):
        submit_closing(case, colleague)


@pytest.mark.parametrize("service", [services.close_case, services.close_high_risk_case])
def test_the_service_does_nothing_outside_the_gate(analyst: User, service) -> None:  # type: ignore[no-untyped-def]
    case = make_case(analyst)
    with nothing_changes(), pytest.raises(ConsentRequired):
        service(case_id=case.pk, outcome=AlertOutcome.CONFIRMED, reason="so", actor=analyst.as_actor(), now=LATER)


CLOSED = "state = 'CLOSED', outcome = 'CONFIRMED', closed_at = now(), closed_by_id = 'usr_x', close_reason = 'so'"


def sql(statement: str, *parameters: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def test_around_the_service_the_database_wants_two_people(analyst: User) -> None:
    case = make_case(analyst, 700)
    with pytest.raises(DatabaseError, match="case_closed_under_consent"):
        sql(f"UPDATE risk_case SET {CLOSED} WHERE id = %s", case.pk)


def test_a_request_for_another_case_or_outcome_is_no_consent(analyst: User) -> None:
    first, second = make_case(analyst, 700), make_case(analyst, 700)
    request = submit_closing(first, analyst, AlertOutcome.FALSE_POSITIVE).request
    sql("SET session_replication_role = replica")
    ApprovalRequest.objects.filter(pk=request.pk).update(state="APPROVED")
    sql("SET session_replication_role = DEFAULT")
    for case in (first, second):
        with pytest.raises(DatabaseError, match="case_closed_under_consent"):
            sql(f"UPDATE risk_case SET {CLOSED}, approval_request_id = %s WHERE id = %s", request.pk, case.pk)
    fitting = CLOSED.replace("CONFIRMED", "FALSE_POSITIVE")
    sql(f"UPDATE risk_case SET {fitting}, approval_request_id = %s WHERE id = %s", request.pk, first.pk)


def test_an_alert_in_a_case_is_decided_with_it_and_not_before(analyst: User) -> None:
    case = make_case(analyst)
    alert = case.alerts.get()
    told = "state = 'CLOSED', outcome = 'CONFIRMED', closed_at = now(), closed_by_id = 'usr_x'"
    with pytest.raises(DatabaseError, match="alert_moves"):
        sql(f"UPDATE risk_alert SET {told} WHERE id = %s", alert.pk)


# -- Reporting and opening again ----------------------------------------------------------------------------------------


def test_to_be_reported_it_needs_a_complete_report_which_is_frozen(analyst: User) -> None:
    case = make_case(analyst)
    with nothing_changes(), pytest.raises(errors.ReportMissing):
        submit_closing(case, analyst, AlertOutcome.REPORTED)
    services.draft_report(case_id=case.pk, person=analyst, now=LATER)
    with nothing_changes(), pytest.raises(errors.ReportIncomplete, match="Why, How"):
        submit_closing(case, analyst, AlertOutcome.REPORTED)
    report = complete_report(case, analyst)
    close(case, analyst, AlertOutcome.REPORTED)
    report.refresh_from_db()
    assert report.frozen_at is not None
    with pytest.raises(DatabaseError, match="case_report_frozen"):
        sql("UPDATE risk_casereport SET sha256 = 'x', version = version + 1")


def test_a_report_that_tells_less_than_the_case_knows_is_not_frozen(analyst: User) -> None:
    case = make_case(analyst)
    complete_report(case, analyst)
    services.add_alert_to_case(case_id=case.pk, alert_id=make_alert().pk, person=analyst, now=LATER)
    with nothing_changes(), pytest.raises(errors.ReportOutdated, match="write it once more"):
        submit_closing(case, analyst, AlertOutcome.REPORTED)
    complete_report(case, analyst)
    assert close(case, analyst, AlertOutcome.REPORTED).outcome == AlertOutcome.REPORTED


def test_a_report_is_as_new_as_before_in_any_language(analyst: User) -> None:
    account = make_account()
    assert account.customer
    case = make_case(analyst, accounts=(account.public_id,), customers=(account.customer.public_id,))
    complete_report(case, analyst)
    with translation.override("zh-hans"):
        assert submit_closing(case, analyst, AlertOutcome.REPORTED).done


def test_what_the_case_learns_while_reviewers_decide_makes_a_report_stale(analyst: User) -> None:
    account = make_account()
    case = make_case(analyst, 700, accounts=(account.public_id,))
    complete_report(case, analyst)
    request = submit_closing(case, analyst, AlertOutcome.REPORTED).request
    Account.objects.filter(pk=account.pk).update(status=AccountStatus.DORMANT)
    assert approve_all(request).state == "STALE"
    assert not CaseReport.objects.get().frozen_at


def test_a_closed_case_takes_nothing_in(analyst: User) -> None:
    case = make_case(analyst)
    close(case, analyst)
    with nothing_changes():
        with pytest.raises(errors.CaseClosed):
            services.write_case_note(case_id=case.pk, text="too late", person=analyst, now=LATER)
        with pytest.raises(errors.CaseClosed):
            services.draft_report(case_id=case.pk, person=analyst, now=LATER)
        with pytest.raises(errors.CaseClosed):
            submit_closing(case, analyst)
    columns = "id, case_id, written_at, author_id, author_name"
    with pytest.raises(DatabaseError, match="case_is_open"):
        sql(f"INSERT INTO risk_casenote ({columns}) VALUES (gen_random_uuid(), %s, now(), 'usr', 'x')", case.pk)
    with pytest.raises(DatabaseError, match="case_fixed"):
        sql("UPDATE risk_case SET outcome = 'FALSE_POSITIVE' WHERE id = %s", case.pk)


def test_opened_again_it_is_worked_with_its_alerts_and_can_be_reported_anew(analyst: User, colleague: User) -> None:
    case = make_case(analyst)
    complete_report(case, analyst)
    close(case, analyst, AlertOutcome.REPORTED)
    with nothing_changes(), pytest.raises(ReasonRequired):
        services.reopen_case(case_id=case.pk, reason=" ", person=colleague, now=LATER)
    services.reopen_case(case_id=case.pk, reason="more came to light", person=colleague, now=LATER)
    reopened = again(case)
    assert (reopened.state, reopened.outcome, reopened.reopened_count) == (CaseState.OPEN, "", 1)
    assert (reopened.assignee, reopened.closed_at, reopened.approval_request_id) == (colleague, None, None)
    assert case.alerts.get().state == AlertState.IN_CASE
    with nothing_changes(), pytest.raises(errors.CaseNotClosed):
        services.reopen_case(case_id=case.pk, reason="again", person=colleague, now=LATER)
    second = services.draft_report(case_id=case.pk, person=colleague, now=LATER)
    assert second.number == 2


def test_where_the_same_was_raised_again_a_new_case_is_opened_instead(analyst: User) -> None:
    case = make_case(analyst, dedupe_key="k")
    close(case, analyst)
    make_alert(dedupe_key="k")
    with nothing_changes(), pytest.raises(errors.AlertOpenAgain):
        services.reopen_case(case_id=case.pk, reason="again", person=analyst, now=LATER)


def test_nobody_concerned_opens_a_case_again(analyst: User, colleague: User) -> None:
    case = make_case(analyst, made_by=(colleague.public_id,))
    close(case, analyst)
    with nothing_changes(), pytest.raises(errors.ConflictOfInterest):
        services.reopen_case(case_id=case.pk, reason="more came", person=colleague, now=LATER)


# -- Following its alerts, and being told of ----------------------------------------------------------------------------


def test_a_case_follows_what_is_raised_again_in_it(analyst: User) -> None:
    case = make_case(analyst, 200, dedupe_key="k")
    assert services.follow_alerts(now=LATER) == 0
    make_alert(900, dedupe_key="k", now=LATER)
    assert services.follow_alerts(now=LATER) == 1
    risen = again(case)
    assert (risen.score, risen.priority, risen.due_at) == (900, Band.HIGH, case.alerts.get().due_at)
    assert risen.due_at < case.due_at
    told = AuditEvent.objects.get(event_type="risk.case.risen")
    assert (told.changes["score"], told.changes["priority"]) == (["200", "900"], ["low", "high"])
    assert services.follow_alerts(now=LATER) == 0


def test_a_case_opened_again_stays_due_when_it_became_anew(analyst: User) -> None:
    case = make_case(analyst)
    close(case, analyst)
    reopened = services.reopen_case(case_id=case.pk, reason="more", person=analyst, now=NOW + timedelta(days=90))
    assert services.follow_alerts(now=NOW + timedelta(days=90)) == 0
    assert again(case).due_at == reopened.due_at > NOW + timedelta(days=90)


def told_of(case: Case) -> set[tuple[str, str]]:
    told = Notice.objects.filter(words__case=case.reference)
    return {(one.recipient.full_name, one.kind) for one in told.select_related("recipient")}


def test_whoever_works_a_case_and_then_the_heads_of_risk_are_told_that_it_is_overdue(
    analyst: User, shipped_bank: Shipped
) -> None:
    case = make_case(analyst)
    heads = {(one.full_name, "risk.case.late") for one in shipped_bank.final}
    assert services.remind_of_cases(now=case.due_at - timedelta(seconds=1)) == 0
    assert services.remind_of_cases(now=case.due_at) == 1
    assert told_of(case) == {("Ren Xin", "risk.case.overdue")}
    assert services.remind_of_cases(now=case.due_at + timedelta(days=3)) == 1
    assert told_of(case) == {("Ren Xin", "risk.case.overdue"), *heads}
    assert services.remind_of_cases(now=case.due_at + timedelta(days=4)) == 0
    other = make_case(analyst)
    close(other, analyst)
    assert services.remind_of_cases(now=other.due_at + timedelta(days=4)) == 0


def test_after_it_was_handed_on_the_next_person_is_told_of_the_case_too(
    analyst: User, colleague: User, shipped_bank: Shipped
) -> None:
    case = make_case(analyst)
    services.remind_of_cases(now=case.due_at)
    by = shipped_bank.final[0].as_actor()
    services.reassign_case(case_id=case.pk, to=colleague, reason="ill", actor=by, now=case.due_at)
    services.remind_of_cases(now=case.due_at + timedelta(minutes=5))
    assert told_of(case) == {("Ren Xin", "risk.case.overdue"), ("Bai Xue", "risk.case.overdue")}


def test_when_the_day_has_come_whoever_works_it_is_told_to_look_again(analyst: User) -> None:
    case = make_case(analyst)

    def wait_until(day: date) -> None:
        services.park_case(case_id=case.pk, waiting_for="an answer", until=day, person=analyst, now=NOW)

    wait_until(NOW.date() + timedelta(days=1))
    assert services.remind_of_cases(now=NOW) == 0
    assert services.remind_of_cases(now=NOW + timedelta(days=1)) == 1
    assert services.remind_of_cases(now=NOW + timedelta(days=1, hours=1)) == 0
    assert told_of(case) == {("Ren Xin", "risk.case.look_again")}
    wait_until(NOW.date() + timedelta(days=1))
    assert services.remind_of_cases(now=NOW + timedelta(days=1, hours=2)) == 1


# -- What the database holds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ("state = 'PARKED'", "case_state_known"),
        ("state = 'WAITING'", "case_waits_for_something"),
        ("waiting_for = 'x'", "case_waits_for_something"),
        ("state = 'CLOSED'", "case_closed_with_outcome"),
        ("outcome = 'CONFIRMED'", "case_closed_with_outcome"),
        ("priority = 'low'", "case_fixed"),
        ("priority = 'urgent'", "case_priority_known"),
        ("score = 1", "case_fixed"),
        ("score = 1001", "case_score_within"),
        ("reference = 'RC-1'", "case_fixed"),
        ("reopened_count = 1", "case_fixed"),
    ],
)
def test_a_case_changes_as_its_services_change_it(analyst: User, change: str, refusal: str) -> None:
    make_case(analyst)
    with pytest.raises(DatabaseError, match=refusal):
        sql(f"UPDATE risk_case SET {change}")


@pytest.mark.parametrize(
    ("column", "value", "refusal"),
    [("state", "'CLOSED'", "case_begins_open"), ("state", "'OPEN'", "case_reference_once")],
)
def test_a_case_begins_open_and_has_a_number_of_its_own(analyst: User, column: str, value: str, refusal: str) -> None:
    make_case(analyst)
    row = f"to_jsonb(c) || jsonb_build_object('id', gen_random_uuid(), '{column}', {value})"
    with pytest.raises(DatabaseError, match=refusal):
        sql(f"INSERT INTO risk_case SELECT (jsonb_populate_record(c, {row})).* FROM risk_case c")


def test_in_a_case_is_in_some_case_and_high_is_not_closed_alone(analyst: User) -> None:
    make_alert(900)
    with pytest.raises(IntegrityError, match="alert_in_some_case"):
        sql("UPDATE risk_alert SET state = 'IN_CASE'")
    told = "state = 'CLOSED', outcome = 'CONFIRMED', closed_at = now(), closed_by_id = 'usr_x'"
    with pytest.raises(IntegrityError, match="alert_high_not_closed_alone"):
        sql(f"UPDATE risk_alert SET {told}")


def test_an_alert_does_not_change_its_case_nor_join_one_of_somebody_concerned(
    analyst: User, shipped_bank: Shipped
) -> None:
    first, second = make_case(analyst), make_case(analyst)
    with pytest.raises(DatabaseError, match="alert_fixed"), transaction.atomic():
        Alert.objects.filter(case=first).update(case=second)
    concerned = make_alert(staff=(analyst.public_id,))
    with pytest.raises(DatabaseError, match="case_worked_by_nobody_concerned"), transaction.atomic():
        Alert.objects.filter(pk=concerned.pk).update(case=second, state=AlertState.IN_CASE)


def test_nothing_of_a_case_is_removed(analyst: User) -> None:
    customer = make_customer()
    case = make_case(analyst, customers=(customer.public_id,))
    services.write_case_note(case_id=case.pk, text="a note", person=analyst, now=LATER)
    services.draft_report(case_id=case.pk, person=analyst, now=LATER)
    for table in ("case", "casenote", "casereport"):
        with pytest.raises(DatabaseError, match="append_only"):
            sql(f"DELETE FROM risk_{table}")
    for table in ("case", "casenote", "casefile", "caselink", "caseaction", "casereport"):
        with pytest.raises(DatabaseError, match="append_only"):
            sql(f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE risk_{table} CASCADE")
    with pytest.raises(DatabaseError, match="only_ending"):
        sql("UPDATE risk_casenote SET author_name = 'somebody else'")
