"""Cases in the admin: who sees them, what the page says, and the doors; and that nothing of them is told elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AccountRestriction
from approvals.models import ApprovalRequest
from bankops.core import clock
from bankops.core.operations import Order
from risk import services
from risk.models import Alert, AlertOutcome, Case, CaseAction, CaseFile, CaseNote, CaseState, Pattern
from risk.reporting.draft import PARTS
from risk.services import reports
from risk.services.patterns import keep_pattern
from staff.models import Branch, User
from staff.roles import Role
from tests.accounts.factories import NOW, make_account, make_customer
from tests.accounts.kyc.files import jpeg
from tests.approvals.factories import approve_all, assigned, policy
from tests.desk import address, code, words
from tests.personas import SignIn, hire
from tests.risk.alerts.factories import make_alert
from tests.risk.cases.factories import complete_report, make_case, submit_closing
from tests.risk.monitoring.moved import at, found, move, transfer
from tests.transactions.shipped import Shipped

pytestmark = pytest.mark.django_db

LIST = "/admin/risk/case/"
LATER = NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.TELLER, 403),
        (Role.OPERATOR, 403),
        (Role.CUSTOMER_SERVICE, 403),
        (Role.FINANCE, 403),
        (Role.ADMINISTRATOR, 403),
        (Role.FIRST_REVIEWER, 200),
        (Role.FINAL_REVIEWER, 200),
        (Role.AUDITOR, 200),
    ],
)
def test_who_talks_to_customers_sees_no_case(analyst: User, signed_in_client: SignIn, role: Role, status: int) -> None:
    case = make_case(analyst)
    client = signed_in_client(hire("X1", "Xu Li", role, Branch.objects.get(code="001")))
    for page in (LIST, address(case)):
        assert client.get(page).status_code == status
    for door in ("write_note", "close_case", "write_report", "freeze_account", "export_report", "add_file"):
        assert client.get(address(case, door)).status_code in {403, 404}  # 404: holds the right, and sees no case


@pytest.mark.parametrize("role", [Role.TELLER, Role.OPERATOR, Role.CUSTOMER_SERVICE])
def test_a_customers_and_an_accounts_page_say_nothing_of_a_case(
    analyst: User, signed_in_client: SignIn, role: Role
) -> None:
    account = make_account(customer=make_customer("Zhao Min"))
    assert account.customer
    case = make_case(analyst, customers=(account.customer.public_id,), accounts=(account.public_id,))
    desk = signed_in_client(analyst)
    froze = {"account": account.public_id, "restriction": "BLOCK_ALL", "reason_code": "OTHER", "legal_reference": ""}
    desk.post(address(case, "freeze_account"), {**froze, "reason": "washing money", "idempotency_key": "f"})
    raised = {"customer": account.customer.public_id, "rating": "HIGH"}
    desk.post(address(case, "raise_risk_rating"), {**raised, "reason": "washing money", "idempotency_key": "g"})
    assert CaseAction.objects.filter(done=True, reason="washing money").count() == 2
    client = signed_in_client(hire("X1", "Xu Li", role, Branch.objects.get(code="001")))
    alert = case.alerts.get()
    for record in (account, account.customer):
        page = words(client.get(address(record)))
        assert "By decision of the bank." in page
        for secret in (case.reference, alert.reference, "washing money", "suspect", "Alert", "Case "):
            assert secret not in page
    for text in (case.reference, alert.reference, case.public_id):
        found = client.get("/admin/search/", {"q": text})
        assert found.status_code == 200
        assert "/admin/risk/" not in found.content.decode()


def test_the_list_says_what_is_due_and_is_narrowed_in_the_address(desk: Client, analyst: User, colleague: User) -> None:
    mine, others = make_case(analyst, 800), make_case(colleague)
    closed = make_case(analyst)
    assert submit_closing(closed, analyst).done
    page = words(desk.get(LIST))
    assert "overdue" in page
    assert mine.reference in page
    assert closed.reference not in page

    def references(query: str) -> set[str]:
        shown = words(desk.get(f"{LIST}?{query}"))
        return {case.reference for case in (mine, others, closed) if case.reference in shown}

    assert references("desk=mine") == {mine.reference}
    assert references("desk=closed") == {closed.reference}
    assert references("desk=all") == {mine.reference, others.reference, closed.reference}
    assert references("desk=waiting") == set()
    assert references("desk=overdue") == {mine.reference, others.reference}


def test_the_list_costs_the_same_however_long_it_is(desk: Client, analyst: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(LIST).status_code == 200
        return len(queries)

    make_case(analyst)
    cost()
    few = cost()
    for _more in range(6):
        make_case(analyst)
    assert cost() <= few <= 14


def test_the_page_shows_everything_and_costs_the_same_however_much_it_is(desk: Client, analyst: User) -> None:
    def cost(case: Case) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(address(case)).status_code == 200
        return len(queries)

    def about(count: int) -> Case:
        alerts = []
        for _one in range(count):
            account = make_account()
            assert account.customer
            alerts.append(
                make_alert(customers=(account.customer.public_id,), accounts=(account.public_id,), movement_id="tr_1")
            )
        case = make_case(analyst, alerts=alerts)
        for _one in range(count):
            services.write_case_note(case_id=case.pk, text="a note", person=analyst, now=LATER)
        return case

    one, many = about(1), about(5)
    cost(one)
    assert cost(many) <= cost(one)


def test_a_patterns_movements_are_drawn_between_the_alert_and_the_accounts(desk: Client, analyst: User) -> None:
    hub, *payees = [make_account() for _one in range(4)]
    moved = move(transfer(hub.public_id, one.public_id, 3_000, 1 + place) for place, one in enumerate(payees))
    with transaction.atomic():
        keep_pattern(found(moved, tokens=[hub.public_id, *(one.public_id for one in payees)]), now=at(24))
    case = make_case(analyst, alerts=[Alert.objects.get()])
    page = desk.get(address(case)).content.decode()
    assert page.count("bk-graph__box--transaction") == 3
    # alert–movement and movement–payee thrice each, movement–hub thrice, account–customer four times
    assert page.count('class="bk-graph__line"') == 3 + 6 + 4
    assert f'href="{address(Pattern.objects.get())}"' in page
    shown = words(desk.get(address(case)))
    assert f"{moved[0]} 2026-03-02 · CNY 3,000.00" in shown


def test_a_linked_transaction_is_drawn(desk: Client, analyst: User) -> None:
    account = make_account()
    case = make_case(analyst, accounts=(account.public_id,))
    (moved,) = move([transfer(account.public_id, "acc_x", 700, 1)])
    text = {"kind": "transaction", "text": moved, "reason": "the same day", "idempotency_key": "d"}
    desk.post(address(case, "link_record"), text)
    page = desk.get(address(case)).content.decode()
    assert page.count("bk-graph__box--transaction") == 1
    assert f"{moved} · 2026-03-02 · CNY 700.00" in page


def test_a_reviewer_reads_the_report_that_they_agree_to(
    desk: Client, analyst: User, signed_in_client: SignIn, shipped_bank: Shipped
) -> None:
    case = make_case(analyst, 800)
    complete_report(case, analyst)
    request = submit_closing(case, analyst, AlertOutcome.REPORTED).request
    client = signed_in_client(assigned(request)[0])
    assert f'href="{address(case)}"' in client.get(address(request)).content.decode()
    shown = words(client.get(address(case)))
    for part in PARTS:
        assert f"{part.label}: said." in shown


def test_reviewers_of_an_operation_find_the_case_and_the_reason_behind_it(
    analyst: User, signed_in_client: SignIn, shipped_bank: Shipped
) -> None:
    customer = make_customer()
    case = make_case(analyst, customers=(customer.public_id,))
    policy(name="Ratings", operations=["accounts.raise_risk_rating"])
    order = Order(actor=analyst.as_actor(), now=clock.now(), reason="washing money", idempotency_key="k")
    request = services.order_from_case(
        case_id=case.pk,
        key="accounts.raise_risk_rating",
        payload={"customer": customer.public_id, "rating": "HIGH"},
        about=(customer.public_id, customer.number),
        order=order,
        person=analyst,
    ).request
    assert request.reason == "By decision of the bank."
    branch = Branch.objects.get(code="001")
    read = {
        role: words(signed_in_client(person).get(address(request)))
        for role, person in {
            "asked": assigned(request)[0],
            "auditor": hire("Y1", "Yan Li", Role.AUDITOR, branch),
            "teller": hire("Y2", "Yu Fei", Role.TELLER, branch),
            "unasked": hire("Y3", "Yi Bo", Role.FINAL_REVIEWER, branch),
        }.items()
    }
    told = {role for role, page in read.items() if case.reference in page or "washing money" in page}
    assert told == {"asked", "auditor"}


def test_the_graph_joins_alerts_accounts_and_customers_and_stands_beside_a_table(desk: Client, analyst: User) -> None:
    account = make_account(customer=make_customer("Zhao Min"))
    assert account.customer
    case = make_case(
        analyst,
        customers=(account.customer.public_id,),
        accounts=(account.public_id,),
        movement_reference="TR-2026-000042",
    )
    page = desk.get(address(case)).content.decode()
    assert page.count('class="bk-graph__line"') == 2
    assert page.count("<rect class=") == 3
    for url in (address(account), address(account.customer), address(case.alerts.get())):
        assert f'<a href="{url}">' in page
    shown = words(desk.get(address(case)))
    assert f"{case.alerts.get().reference} movement of money" in shown
    assert "What belongs together" in shown


def test_from_alert_to_closed_case_by_the_doors(desk: Client, analyst: User) -> None:
    customer = make_customer("Zhao Min")
    account = make_account(customer=customer)
    alert = make_alert(800, customers=(customer.public_id,), accounts=(account.public_id,))
    other = make_alert(100, customers=(customer.public_id,))
    assert other.reference in words(desk.get(address(alert, "open_case")))
    answer = desk.post(
        address(alert, "open_case"), {"reason": "belong together", "others": [str(other.pk)], "idempotency_key": "a"}
    )
    case = Case.objects.get()
    assert answer.headers["Location"] == address(case)
    assert case.alerts.count() == 2

    desk.post(address(case, "write_note"), {"text": "He called.", "idempotency_key": "b"})
    desk.post(
        address(case, "add_file"),
        {"label": "Photo", "file": SimpleUploadedFile("x.jpg", jpeg()), "idempotency_key": "c"},
    )
    desk.post(
        address(case, "link_record"),
        {"kind": "customer", "text": make_customer("Bai Yun").number, "reason": "same phone", "idempotency_key": "d"},
    )
    desk.post(address(case, "park_case"), {"waiting_for": "an answer", "until": "2026-03-09", "idempotency_key": "e"})
    desk.post(
        address(case, "freeze_account"),
        {
            "account": account.public_id,
            "restriction": "BLOCK_ALL",
            "reason_code": "SUSPECTED_FRAUD",
            "legal_reference": "",
            "reason": "goes round",
            "idempotency_key": "f",
        },
    )
    desk.post(
        address(case, "raise_risk_rating"),
        {"customer": customer.public_id, "rating": "HIGH", "reason": "so", "idempotency_key": "g"},
    )
    page = words(desk.get(address(case)))
    for said in (
        "He called.",
        "Photo",
        "same phone",
        "Waits for: an answer",
        "Freeze account",
        "Raise risk rating",
        "carried out",
    ):
        assert said in page
    assert (CaseNote.objects.count(), CaseFile.objects.count(), CaseAction.objects.count()) == (1, 1, 2)
    assert AccountRestriction.objects.get().reason == "By decision of the bank."
    assert "“goes round”" in page
    customer.refresh_from_db()
    assert customer.risk_rating == "HIGH"

    saved = desk.post(address(case, "open_file"), {"file": str(CaseFile.objects.get().pk), "idempotency_key": "h"})
    assert saved.headers["Content-Type"] == "image/jpeg"
    assert "attachment" in saved.headers["Content-Disposition"]
    assert "no-store" in saved.headers["Cache-Control"]

    desk.post(address(case, "resume_case"), {"idempotency_key": "i"})
    desk.post(address(case, "close_case"), {"outcome": "FALSE_POSITIVE", "reason": "salary", "idempotency_key": "j"})
    request = ApprovalRequest.objects.get(operation="risk.close_high_risk_case")
    assert "Waits for approval" in words(desk.get(address(request)))
    assert approve_all(request).state == "EXECUTED"
    page = words(desk.get(address(case)))
    assert "false positive" in page
    assert "Close case of high risk" not in page.split("What happened")[0].split("Notes")[-1]
    assert "Case closed" in page

    desk.post(address(case, "reopen_case"), {"reason": "more came", "idempotency_key": "k"})
    assert Case.objects.get().state == CaseState.OPEN


def test_the_report_is_written_checked_and_exported(desk: Client, analyst: User) -> None:
    case = make_case(analyst)
    page = words(desk.get(address(case, "write_report")))
    assert "Why it is suspicious" in page
    assert not case.reports.exists()  # a page that is only looked at writes nothing
    texts = {part.name: "Said." for part in PARTS}
    desk.post(address(case, "write_report"), {**texts, "why": "", "version": "0", "idempotency_key": "a"})
    report = reports.latest(case)
    assert report
    assert "The draft is kept. 1 parts say nothing yet." in words(desk.get(address(case)))
    stale = desk.post(address(case, "write_report"), {**texts, "version": "1", "idempotency_key": "b"})
    assert (stale.status_code, code(stale)) == (409, "report_changed")
    desk.post(address(case, "write_report"), {**texts, "version": str(report.version), "idempotency_key": "c"})
    saved = desk.post(address(case, "export_report"), {"form": "json", "idempotency_key": "d"})
    assert saved.headers["Content-Disposition"] == f'attachment; filename="{case.reference}-1.json"'
    assert saved.json()["texts"]["why"] == "Said."
    assert "Report exported" in words(desk.get(address(case)))


def test_an_alert_is_added_to_a_case_by_its_reference(desk: Client, analyst: User, colleague: User) -> None:
    case, alert, strange = make_case(analyst), make_alert(), make_case(colleague)
    refused = desk.post(address(alert, "add_to_case"), {"case": "RC-1", "idempotency_key": "a"})
    assert (refused.status_code, code(refused)) == (404, "unknown_case")
    refused = desk.post(address(alert, "add_to_case"), {"case": strange.reference, "idempotency_key": "a"})
    assert (refused.status_code, code(refused)) == (409, "case_not_yours")
    desk.post(address(alert, "add_to_case"), {"case": case.reference.lower(), "idempotency_key": "a"})
    alert.refresh_from_db()
    assert alert.case == case
    assert case.reference in words(desk.get(address(alert)))


def test_the_head_of_risk_hands_a_case_on(
    analyst: User, colleague: User, signed_in_client: SignIn, shipped_bank: object
) -> None:
    case = make_case(analyst)
    head = signed_in_client(hire("H1", "Hua Rong", Role.FINAL_REVIEWER, Branch.objects.get(code="001")))
    head.post(address(case, "reassign_case"), {"to": str(colleague.pk), "reason": "busy", "idempotency_key": "a"})
    case.refresh_from_db()
    assert case.assignee == colleague
