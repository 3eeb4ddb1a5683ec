"""A confidential account in alerts, cases, reports and registers: they are worked, and neither number nor holder is read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client

from accounts import numbers
from accounts.models import Account
from bankops.core import clock, operations
from bankops.core.operations import Order
from risk import access, errors, services
from risk.confidential import Veil
from risk.models import Alert, AlertOutcome, Case, CaseReport, LinkKind
from risk.reporting.draft import PARTS
from risk.selectors.case_veil import veil_of
from risk.services import keeping, reports
from staff.models import Branch, User
from staff.roles import Role
from tests.accounts.factories import NOW, make_account, make_customer
from tests.approvals.factories import approve_all
from tests.desk import address, code, words
from tests.personas import SignIn, hire
from tests.risk.alerts.factories import make_alert
from tests.risk.cases.factories import close, make_case
from tests.risk.cases.test_case_content import assessed
from tests.risk.monitoring.moved import move, transfer
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
ALERTS = "/admin/risk/alert/"


@pytest.fixture
def staff_account(analyst: User) -> Account:
    """The confidential account of Song Jia, who works here."""
    account = make_account(customer=make_customer("Song Jia"))
    Account.objects.filter(pk=account.pk).update(is_confidential=True)
    return Account.objects.select_related("customer").get(pk=account.pk)


@pytest.fixture
def paid_into(staff_account: Account) -> Alert:
    """An alert about a payment of Zhao Min's into that account."""
    payer = make_account(customer=make_customer("Zhao Min"))
    assert payer.customer
    assert staff_account.customer
    customers = (payer.customer.public_id, staff_account.customer.public_id)
    return make_alert(customers=customers, accounts=(payer.public_id, staff_account.public_id))


def secrets_of(account: Account) -> tuple[str, ...]:
    assert account.customer
    return (account.customer.name, account.customer.number, account.number, numbers.display(account.number))


def grant(account: Account, user: User, by: User) -> None:
    """Have two reviewers agree that somebody sees an account."""
    order = Order(actor=by.as_actor(), now=clock.now(), reason="looks into it")
    payload = {"account": account.public_id, "user": user.public_id}
    request = operations.submit("accounts.grant_access", payload, order).request
    assert approve_all(request).state == "EXECUTED"


def test_an_alert_shows_that_there_is_one_and_no_more(desk: Client, paid_into: Alert, staff_account: Account) -> None:
    for page in (ALERTS, address(paid_into)):
        shown = words(desk.get(page))
        assert "Zhao Min" in shown
        assert "Holder of a confidential account" in shown
        for secret in secrets_of(staff_account):
            assert secret not in shown
    assert "Confidential account" in words(desk.get(address(paid_into)))


def test_a_grant_shows_it(
    analyst: User, colleague: User, desk: Client, paid_into: Alert, staff_account: Account
) -> None:
    grant(staff_account, analyst, colleague)
    shown = words(desk.get(address(paid_into)))
    assert "Song Jia" in words(desk.get(ALERTS))
    assert numbers.display(staff_account.number) in shown
    assert "Holder of a confidential account" not in shown
    assert "Confidential account " not in shown


def test_whoever_has_another_account_in_it_is_named_by_that_one(desk: Client, staff_account: Account) -> None:
    customer = staff_account.customer
    assert customer
    accounts = (make_account(customer=customer).public_id, staff_account.public_id)
    shown = words(desk.get(address(make_alert(customers=(customer.public_id,), accounts=accounts))))
    assert "Song Jia" in shown
    assert staff_account.number not in shown.replace(" ", "")


def test_other_alerts_about_a_hidden_holder_are_not_told(
    desk: Client, paid_into: Alert, staff_account: Account
) -> None:
    assert staff_account.customer
    other = make_alert(customers=(staff_account.customer.public_id,))
    assert other.reference not in words(desk.get(address(paid_into)))


@pytest.fixture
def worked(analyst: User, colleague: User, paid_into: Alert, staff_account: Account) -> Case:
    """A case whose account was frozen by somebody who may see it, and that is in the hands of somebody who may not."""
    case = make_case(colleague, alerts=[paid_into])
    grant(staff_account, colleague, analyst)
    colleague = User.objects.get(pk=colleague.pk)
    services.link_to_case(
        case_id=case.pk, kind=LinkKind.ACCOUNT, text=staff_account.number, why="received", person=colleague, now=LATER
    )
    order = Order(actor=colleague.as_actor(), now=LATER, reason="stop it", idempotency_key="k")
    payload = {
        "account": staff_account.public_id,
        "restriction": "BLOCK_ALL",
        "reason_code": "OTHER",
        "legal_reference": "",
        "ends_at": "",
    }
    about = (staff_account.public_id, numbers.display(staff_account.number))
    key = "accounts.freeze_account"
    services.order_from_case(case_id=case.pk, key=key, payload=payload, about=about, order=order, person=colleague)
    head = hire("H1", "Hua Rong", Role.FINAL_REVIEWER, Branch.objects.get(code="001")).as_actor()
    return services.reassign_case(case_id=case.pk, to=analyst, reason="busy", actor=head, now=LATER)


def form_of(desk: Client, case: Case, **said: str) -> dict[str, str]:
    """Return the report's form as it is offered, with what somebody fills in."""
    form = desk.get(address(case, "write_report")).context["form"]
    return {**{name: str(value) for name, value in form.initial.items()}, **said}


def written_by_who_may_see_it(case: Case, text: str) -> None:
    """Have every part of a case's draft but one say so, by the colleague with a grant; then it is the analyst's again."""
    analyst, colleague = (User.objects.get(employee_number=name) for name in ("R1", "R2"))
    head = User.objects.get(employee_number="H1").as_actor()
    services.reassign_case(case_id=case.pk, to=colleague, reason="knows it", actor=head, now=LATER)
    draft = services.draft_report(case_id=case.pk, person=colleague, now=LATER)
    texts = {part.name: text for part in PARTS} | {"why": "Not known yet."}
    services.change_report(case_id=case.pk, texts=texts, version=draft.version, person=colleague, now=LATER)
    services.reassign_case(case_id=case.pk, to=analyst, reason="goes on", actor=head, now=LATER)


def test_a_case_shows_that_there_is_one_and_no_more(desk: Client, worked: Case, staff_account: Account) -> None:
    assert desk.post(address(worked, "write_report"), form_of(desk, worked)).status_code == 302
    pages = [
        address(worked),
        *(address(worked, door) for door in ("freeze_account", "raise_risk_rating", "write_report")),
    ]
    for page in pages:
        shown = words(desk.get(page))
        assert "Zhao Min" in shown or "freeze_account" in page or "write_report" in page
        for secret in secrets_of(staff_account):
            assert secret not in shown, page
    assert words(desk.get(address(worked))).count("Confidential account") >= 3  # drawn, linked, frozen


def test_the_graph_does_not_join_it_to_a_holder_who_is_named_for_another_reason(
    analyst: User, desk: Client, staff_account: Account
) -> None:
    customer = staff_account.customer
    assert customer
    accounts = (make_account(customer=customer).public_id, staff_account.public_id)
    case = make_case(analyst, customers=(customer.public_id,), accounts=accounts)
    page = desk.get(address(case))
    assert "Song Jia" in words(page)
    # the alert with both accounts, and the one account with its customer
    assert page.content.decode().count('class="bk-graph__line"') == 3


def test_a_report_begun_without_a_grant_is_kept_in_clear_and_read_without_it(
    analyst: User, desk: Client, worked: Case, staff_account: Account
) -> None:
    assert desk.post(address(worked, "write_report"), form_of(desk, worked, why="A ring.")).status_code == 302
    written = reports.read(CaseReport.objects.get())
    assert written
    assert written.texts["why"] == "A ring."
    assert "Song Jia" in written.texts["who"]
    assert staff_account.number in written.texts["accounts"]
    assert staff_account.number in [one["number"] for one in written.facts["accounts"]]
    version, offered = reports.offered(worked, analyst)
    said = " ".join(offered.values())
    assert version == 2
    assert "Zhao Min" in said
    assert "Confidential account" in said
    for secret in secrets_of(staff_account):
        assert secret not in said


def test_what_somebody_wrote_who_may_see_it_is_read_without_it_and_stays(
    analyst: User, desk: Client, worked: Case, staff_account: Account
) -> None:
    written_by_who_may_see_it(worked, f"Song Jia received it on {staff_account.number}.")
    for page in (address(worked), address(worked, "write_report")):
        shown = words(desk.get(page))
        assert "Holder of a confidential account received it on Confidential account." in shown
        assert "Song Jia" not in shown
    assert desk.post(address(worked, "write_report"), form_of(desk, worked, why="A ring.")).status_code == 302
    written = reports.read(CaseReport.objects.get())
    assert written
    assert written.texts["why"] == "A ring."
    assert written.texts["how"] == f"Song Jia received it on {staff_account.number}."


def test_who_reads_a_part_without_it_does_not_change_that_part(
    desk: Client, worked: Case, staff_account: Account
) -> None:
    written_by_who_may_see_it(worked, "Song Jia received it.")
    with nothing_changes():
        refused = desk.post(address(worked, "write_report"), form_of(desk, worked, how="Nothing."))
    assert (refused.status_code, code(refused)) == (403, "report_part_confidential")
    assert "“How” names a confidential account" in words(refused)


def test_a_form_filled_in_before_the_grant_is_not_saved_after_it(
    analyst: User, colleague: User, desk: Client, worked: Case, staff_account: Account
) -> None:
    written_by_who_may_see_it(worked, "Song Jia received it.")
    filled_in = form_of(desk, worked)
    grant(staff_account, analyst, colleague)
    refused = desk.post(address(worked, "write_report"), filled_in)
    assert (refused.status_code, code(refused)) == (409, "report_changed")
    assert desk.post(address(worked, "write_report"), form_of(desk, worked, how="Otherwise.")).status_code == 302
    written = reports.read(CaseReport.objects.get())
    assert written
    assert (written.texts["who"], written.texts["how"]) == ("Song Jia received it.", "Otherwise.")


def test_the_file_in_clear_is_for_those_with_a_grant(
    analyst: User, colleague: User, desk: Client, worked: Case, staff_account: Account
) -> None:
    report = services.draft_report(case_id=worked.pk, person=analyst, now=LATER)
    with pytest.raises(errors.ReportNamesConfidential):
        services.export_report(report_id=report.pk, form="json", person=analyst, now=LATER)
    refused = desk.post(address(worked, "export_report"), {"form": "json", "idempotency_key": "d"})
    assert refused.status_code == 403
    granted = User.objects.get(pk=colleague.pk)
    _name, content = services.export_report(report_id=report.pk, form="json", person=granted, now=LATER)
    assert staff_account.number.encode() in content


def test_the_register_of_suspicions_hides_it_too(
    analyst: User, colleague: User, signed_in_client: SignIn, paid_into: Alert, staff_account: Account
) -> None:
    case = make_case(analyst, alerts=[paid_into])
    services.draft_report(case_id=case.pk, person=analyst, now=LATER)
    version, begun = reports.offered(case, analyst)
    texts = {part.name: begun.get(part.name) or "Said." for part in PARTS}
    services.change_report(case_id=case.pk, texts=texts, version=version, person=analyst, now=LATER)
    close(case, analyst, AlertOutcome.REPORTED)
    assert CaseReport.objects.get().frozen_at
    shown = words(signed_in_client(analyst).get("/admin/risk/riskdayreport/suspicious/"))
    assert case.reference in shown
    assert "Confidential account" in shown
    for secret in secrets_of(staff_account):
        assert secret not in shown
    grant(staff_account, colleague, analyst)
    page = signed_in_client(colleague).get("/admin/risk/riskdayreport/suspicious/")
    assert staff_account.number in words(page)


# -- Movements ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def salary(staff_account: Account) -> str:
    """A payment to that account from another one, of which risk knows only that it moved."""
    payer = make_account(customer=make_customer("Zhao Min"))
    (moved,) = move([transfer(payer.public_id, staff_account.public_id, 900, 1)])
    return moved


def test_a_movement_of_a_confidential_account_is_linked_by_those_with_a_grant(
    analyst: User, colleague: User, salary: str, staff_account: Account
) -> None:
    facts = transfer(staff_account.public_id, "acc_x", 700, 1)
    with transaction.atomic():
        keeping.keep(assessment=assessed(facts), reference="TR-2026-000077")
    case = make_case(analyst)
    assert not access.sees_movement(analyst, facts)
    for movement in (salary, facts.movement):
        with nothing_changes(), pytest.raises(errors.NothingToLink):
            services.link_to_case(
                case_id=case.pk, kind=LinkKind.TRANSACTION, text=movement, why="so", person=analyst, now=LATER
            )
    grant(staff_account, analyst, colleague)
    granted = User.objects.get(pk=analyst.pk)
    for movement in (salary, facts.movement):
        services.link_to_case(
            case_id=case.pk, kind=LinkKind.TRANSACTION, text=movement, why="so", person=granted, now=LATER
        )
    assert case.links.count() == 2


def test_what_a_movement_names_is_hidden_on_the_page_in_the_draft_and_from_the_file(
    analyst: User, colleague: User, desk: Client, salary: str, staff_account: Account
) -> None:
    """An alert about the payment alone: the account is no account of the case, and stands in its transactions."""
    case = make_case(analyst, movement_id=salary, movement_reference="TR-2026-000078")
    assert veil_of(case, analyst).accounts == {staff_account.pk}
    report = services.draft_report(case_id=case.pk, person=analyst, now=LATER)
    for page in (address(case), address(case, "write_report")):
        shown = words(desk.get(page))
        assert "→ Confidential account" in shown
        for secret in secrets_of(staff_account):
            assert secret not in shown, page
    for form in ("json", "pdf"):
        with pytest.raises(errors.ReportNamesConfidential):
            services.export_report(report_id=report.pk, form=form, person=analyst, now=LATER)
    grant(staff_account, analyst, colleague)
    granted = User.objects.get(pk=analyst.pk)
    assert not veil_of(case, granted).accounts
    _name, content = services.export_report(report_id=report.pk, form="json", person=granted, now=LATER)
    assert staff_account.number.encode() in content


def test_an_account_that_a_movement_names_says_nothing_of_who_holds_another(
    analyst: User, staff_account: Account, paid_into: Alert
) -> None:
    case, customer = make_case(analyst, alerts=[paid_into]), staff_account.customer
    assert customer
    own = make_account(customer=customer)
    (moved,) = move([transfer(own.public_id, "acc_x", 700, 1)])
    services.link_to_case(case_id=case.pk, kind=LinkKind.TRANSACTION, text=moved, why="so", person=analyst, now=LATER)
    assert veil_of(case, analyst).holders == {customer.pk}


# -- Names in texts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Analysis: An paid. An's wife, Andy and Ann.", "Analysis: X paid. X's wife, Andy and Ann."),
        ("Joan An, Li An and An Li", "Joan X, Y and X Li"),
        ("客户An转账给王伟明。王伟付款", "客户X转账给Y明。Y付款"),
        ("Émile and Émilean", "X and Émilean"),
        ("622200011, 6222 00011 and No622200011", "N, N and NoN"),
    ],
)
def test_a_name_is_hidden_where_it_is_a_word(text: str, read: str) -> None:
    veil = Veil(numbers=frozenset({"622200011", "6222 00011"}), names=frozenset({"An", "Li An", "王伟", "Émile"}))
    said = veil.text(text).replace("Holder of a confidential account", "X").replace("Confidential account", "N")
    assert said == read.replace("Y", "X")
