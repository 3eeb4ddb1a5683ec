"""Notes, files and links of a case, its report, and what is ordered from it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import personal_data
from accounts.errors import RestrictionUnchanged
from accounts.kyc import errors as document_errors
from accounts.models import Account, AccountRestriction, CustomerReview, RiskRating
from bankops.core import ids
from bankops.core.models import AuditEvent
from bankops.core.operations import Order
from risk import errors, services
from risk.assessment.answer import Assessment
from risk.facts import Facts
from risk.models import (
    Alert,
    AlertOutcome,
    Case,
    CaseAction,
    CaseFile,
    CaseFileContent,
    CaseLink,
    CaseNote,
    CaseReport,
    LinkKind,
)
from risk.outcomes import Outcome
from risk.reporting.draft import PARTS
from risk.selectors.case_movements import movements_of
from risk.services import case_orders, keeping, reports
from risk.services.patterns import keep_pattern
from staff.models import User
from tests.accounts.factories import NOW, make_account, make_customer
from tests.accounts.kyc.files import jpeg, pdf
from tests.risk.cases.factories import close, complete_report, make_case
from tests.risk.monitoring.moved import at, found, move, transfer
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=3)


def assessed(facts: Facts) -> Assessment:
    return Assessment(
        id=ids.uuid7(),
        facts=facts,
        outcome=Outcome.APPROVE,
        score=0,
        reasons=(),
        assessed_at=NOW,
        milliseconds=1.0,
    )


def sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# -- Notes, files, links ------------------------------------------------------------------------------------------------


def test_a_note_is_kept_sealed(analyst: User, colleague: User) -> None:
    case = make_case(analyst)
    services.write_case_note(case_id=case.pk, text="Li Hua called.\nTwice.", person=analyst, now=LATER)
    note = CaseNote.objects.get()
    assert note.text
    assert note.text.reveal() == "Li Hua called.\nTwice."
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM risk_casenote")
        assert b"Li Hua" not in bytes(cursor.fetchone()[0])
    told = AuditEvent.objects.get(event_type="risk.case.note_written")
    assert "Li Hua" not in f"{told.reason} {told.detail}"
    with nothing_changes():
        with pytest.raises(errors.NoteRequired):
            services.write_case_note(case_id=case.pk, text=" \n", person=analyst, now=LATER)
        with pytest.raises(errors.NoteTooLong):
            services.write_case_note(case_id=case.pk, text="x" * 10_001, person=analyst, now=LATER)
        with pytest.raises(errors.CaseNotYours):
            services.write_case_note(case_id=case.pk, text="mine", person=colleague, now=LATER)


def test_a_file_is_looked_into_and_kept_sealed(analyst: User) -> None:
    case = make_case(analyst)
    content = jpeg()
    file = services.add_case_file(
        case_id=case.pk, label="Photo of the counter", name="x.jpg", content=content, person=analyst, now=LATER
    )
    assert (file.media_type, file.size) == ("image/jpeg", len(content))
    assert content[:20] not in bytes(CaseFileContent.objects.get().sealed)
    opened = services.open_case_file(case_id=case.pk, file_id=file.pk, person=analyst, now=LATER)
    assert opened.content.startswith(b"\xff\xd8\xff")
    assert AuditEvent.objects.filter(event_type="risk.case.file_opened").count() == 1


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("x.pdf", jpeg(), document_errors.DocumentNotWhatItSays),
        ("x.exe", b"MZ", document_errors.DocumentTypeRefused),
        ("x.pdf", b"", document_errors.DocumentEmpty),
        ("x.pdf", pdf(extra=b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), document_errors.DocumentActive),
    ],
)
def test_what_is_no_harmless_file_is_refused(
    analyst: User, name: str, content: bytes, refusal: type[Exception]
) -> None:
    case = make_case(analyst)
    with nothing_changes(), pytest.raises(refusal):
        services.add_case_file(case_id=case.pk, label="x", name=name, content=content, person=analyst, now=LATER)


def test_the_same_file_is_added_once(analyst: User) -> None:
    case = make_case(analyst)
    told: dict[str, Any] = {"case_id": case.pk, "name": "x.jpg", "content": jpeg(), "person": analyst, "now": LATER}
    services.add_case_file(label="one", **told)
    with nothing_changes(), pytest.raises(errors.CaseFileTaken):
        services.add_case_file(label="two", **told)
    with pytest.raises(IntegrityError, match="case_file_once"):
        sql(
            "INSERT INTO risk_casefile SELECT (jsonb_populate_record(f,"
            " to_jsonb(f) || jsonb_build_object('id', gen_random_uuid()))).* FROM risk_casefile f"
        )
    with pytest.raises(DatabaseError, match="append_only"):
        sql("UPDATE risk_casefile SET label = 'other'")
    with pytest.raises(IntegrityError, match="case_file_media_type_known"):
        sql(
            "INSERT INTO risk_casefile SELECT (jsonb_populate_record(f, to_jsonb(f) || jsonb_build_object("
            "'id', gen_random_uuid(), 'sha256', 'x', 'media_type', 'text/html'))).* FROM risk_casefile f"
        )


def test_records_are_linked_by_what_people_call_them(analyst: User) -> None:
    case, account = make_case(analyst), make_account()
    assert account.customer
    told: dict[str, Any] = {"case_id": case.pk, "why": "same address", "person": analyst, "now": LATER}
    services.link_to_case(kind=LinkKind.CUSTOMER, text=account.customer.number.lower(), **told)
    services.link_to_case(kind=LinkKind.ACCOUNT, text=account.number, **told)
    (moved,) = move([transfer(account.public_id, "acc_x", 700, 1)])
    services.link_to_case(kind=LinkKind.TRANSACTION, text=moved, **told)
    assert set(case.links.values_list("subject_id", flat=True)) == {
        account.customer.public_id,
        account.public_id,
        moved,
    }
    with nothing_changes():
        with pytest.raises(errors.NothingToLink):  # well formed, and nothing that risk ever saw
            services.link_to_case(kind=LinkKind.TRANSACTION, text=ids.encode("tr", ids.uuid7()), **told)
        with pytest.raises(errors.LinkedAlready):
            services.link_to_case(kind=LinkKind.ACCOUNT, text=account.number, **told)
        for kind in LinkKind:
            with pytest.raises(errors.NothingToLink):
                services.link_to_case(kind=kind, text="nothing", **told)
    with pytest.raises(IntegrityError, match="case_link_kind_known"), transaction.atomic():
        CaseLink.objects.create(case=case, kind="rumour", subject_id="x", label="x", why="x", added_at=NOW)
    with pytest.raises(IntegrityError, match="case_link_once"), transaction.atomic():
        CaseLink.objects.create(
            case=case, kind="account", subject_id=account.public_id, label="x", why="x", added_at=NOW
        )
    with pytest.raises(DatabaseError, match="append_only"):
        sql("DELETE FROM risk_caselink")


def test_a_linked_transaction_is_known_by_reference_and_amount_and_held_ones_too(analyst: User) -> None:
    case, payer = make_case(analyst), make_account()
    facts = transfer(payer.public_id, "acc_x", 700, 1)
    with transaction.atomic():
        keeping.keep(assessment=assessed(facts), reference="TR-2026-000077")
    link = services.link_to_case(
        case_id=case.pk, kind=LinkKind.TRANSACTION, text=facts.movement, why="so", person=analyst, now=LATER
    )
    assert link.label == "TR-2026-000077"
    (one,) = movements_of(case)
    assert (one.reference, one.money, one.moved, one.singly) == ("TR-2026-000077", facts.amount, False, True)
    move([facts])
    (one,) = movements_of(case)
    assert (one.reference, one.moved, one.accounts) == ("TR-2026-000077", True, (payer.public_id, "acc_x"))


def test_a_confidential_account_cannot_be_linked_without_a_grant(analyst: User) -> None:
    case, account = make_case(analyst), make_account()
    Account.objects.filter(pk=account.pk).update(is_confidential=True)
    with nothing_changes(), pytest.raises(errors.NothingToLink):
        services.link_to_case(
            case_id=case.pk, kind=LinkKind.ACCOUNT, text=account.number, why="so", person=analyst, now=LATER
        )


# -- The report --------------------------------------------------------------------------------------------------------


def test_a_draft_begins_with_what_the_case_knows(analyst: User) -> None:
    account = make_account(customer=make_customer("Zhao Min"))
    assert account.customer
    case = make_case(
        analyst,
        customers=(account.customer.public_id,),
        accounts=(account.public_id,),
        movement_id="tr_x",
        movement_reference="TR-2026-000005",
    )
    report = services.draft_report(case_id=case.pk, person=analyst, now=LATER)
    written = reports.read(report)
    assert written
    assert written.texts["who"] == f"Zhao Min ({account.customer.number})"
    assert written.texts["accounts"].startswith(account.number)
    assert written.texts["transactions"] == "TR-2026-000005"
    assert written.texts["what"] == "Paid at night to somebody new."
    assert {part.name for part in written.missing()} >= {"why", "how", "grounds"}
    assert services.draft_report(case_id=case.pk, person=analyst, now=LATER).pk == report.pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM risk_casereport")
        assert b"Zhao Min" not in bytes(cursor.fetchone()[0])


def test_a_report_about_a_pattern_tells_every_movement_of_it(analyst: User) -> None:
    """A pattern's alert is about no single movement: they come from what monitoring kept."""
    hub, *payees = [make_account() for _one in range(4)]
    moved = move(transfer(hub.public_id, one.public_id, 3_000, 1 + place) for place, one in enumerate(payees))
    elsewhere = move([transfer(hub.public_id, "other_0123456789abcdef", 900, 9)])
    tokens = [hub.public_id, *(one.public_id for one in payees)]
    with transaction.atomic():
        keep_pattern(found([*moved, *elsewhere], tokens=tokens), now=at(24))
    case = make_case(analyst, alerts=[Alert.objects.get()])
    written = reports.read(services.draft_report(case_id=case.pk, person=analyst, now=LATER))
    assert written
    told = written.facts["transactions"]
    assert [one["id"] for one in told] == [*moved, *elsewhere]
    assert (told[0]["payer"], told[0]["payee"]) == (hub.number, payees[0].number)
    assert (told[0]["at"], told[0]["amount"]) == ("2026-03-02T01:00:00+08:00", "CNY 3,000.00")
    assert told[3]["payee"] == "at another bank"
    lines = written.texts["transactions"].splitlines()
    assert len(lines) == 4
    assert lines[0] == f"2026-03-02 {moved[0]} {hub.number} → {payees[0].number} CNY 3,000.00"


def test_a_draft_has_room_to_write_however_many_movements_there_are(analyst: User) -> None:
    hub, payee = make_account(), make_account()
    moved = move(transfer(hub.public_id, payee.public_id, 3_000, 1 + place / 10) for place in range(120))
    with transaction.atomic():
        keep_pattern(found(moved, tokens=[hub.public_id, payee.public_id]), now=at(24))
    case = make_case(analyst, alerts=[Alert.objects.get()])
    written = reports.read(services.draft_report(case_id=case.pk, person=analyst, now=LATER))
    assert written
    assert len(written.facts["transactions"]) == 120
    assert written.texts["transactions"].splitlines()[-1] == "70 more are in the table."
    assert len(written.texts["transactions"]) < 9_000
    with CaptureQueriesContext(connection) as queries:
        movements_of(case)
    assert len(queries) <= 7


def test_a_draft_is_changed_by_whoever_saw_it_last(analyst: User) -> None:
    case = make_case(analyst)
    report = complete_report(case, analyst)
    assert report.version == 2
    with nothing_changes(), pytest.raises(errors.ReportChanged):
        services.change_report(case_id=case.pk, texts={"who": "?"}, version=1, person=analyst, now=LATER)
    with nothing_changes(), pytest.raises(errors.NoteTooLong):
        services.change_report(case_id=case.pk, texts={"who": "x" * 10_001}, version=2, person=analyst, now=LATER)
    with pytest.raises(IntegrityError, match="case_report_draft_once"), transaction.atomic():
        CaseReport.objects.create(case=case, number=2, written_at=NOW)
    with pytest.raises(IntegrityError, match="case_report_number_once"), transaction.atomic():
        CaseReport.objects.create(case=case, number=1, written_at=NOW, frozen_at=NOW)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_report_is_exported_as_json_and_on_paper_and_leaves_a_trace(request: pytest.FixtureRequest) -> None:
    analyst: User = request.getfixturevalue("analyst")
    customer = make_customer("赵敏 Zhao Min")
    case = make_case(analyst, customers=(customer.public_id,))
    report = complete_report(case, analyst)
    name, content = services.export_report(report_id=report.pk, form="json", person=analyst, now=LATER)
    told = json.loads(content)
    assert name == f"{case.reference}-1.json"
    assert (told["case"], told["version"], told["sha256"]) == (case.reference, 2, report.sha256)
    assert told["facts"]["customers"][0]["name"] == "赵敏 Zhao Min"
    name, content = services.export_report(report_id=report.pk, form="pdf", person=analyst, now=LATER)
    assert (name[-4:], content[:5]) == (".pdf", b"%PDF-")
    assert len(content) > 5_000
    forms = [event.detail["form"] for event in AuditEvent.objects.filter(event_type="risk.report.exported")]
    assert forms == ["json", "pdf"]


def test_every_part_has_a_name_and_a_question() -> None:
    assert [part.name for part in PARTS] == [
        "who",
        "what",
        "when",
        "where",
        "why",
        "how",
        "identification",
        "accounts",
        "transactions",
        "grounds",
        "action",
    ]
    assert all(str(part.label) and str(part.asks) for part in PARTS)


# -- Operations from a case ------------------------------------------------------------------------------------------------


def order(by: User, key: str = "k1") -> Order:
    return Order(actor=by.as_actor(), now=LATER, reason="money goes round", idempotency_key=key)


def freeze(case: Case, account: Account, by: User, key: str = "k1") -> Any:
    payload = {
        "account": account.public_id,
        "restriction": "BLOCK_ALL",
        "reason_code": "SUSPECTED_FRAUD",
        "legal_reference": "",
        "ends_at": "",
    }
    return services.order_from_case(
        case_id=case.pk,
        key="accounts.freeze_account",
        payload=payload,
        about=(account.public_id, account.number),
        order=order(by, key),
        person=by,
    )


def test_an_account_is_frozen_from_a_case_which_keeps_it(analyst: User) -> None:
    account = make_account()
    case = make_case(analyst, accounts=(account.public_id,))
    assert freeze(case, account, analyst).done
    placed = AccountRestriction.objects.get()
    assert placed.reason == "By decision of the bank."
    kept = CaseAction.objects.get()
    assert (kept.operation, kept.subject_id, kept.approval_request, kept.reason) == (
        "accounts.freeze_account",
        account.public_id,
        None,
        "money goes round",
    )
    assert AuditEvent.objects.filter(event_type="risk.case.operation_ordered").count() == 1
    freeze(case, account, analyst)  # the same click again
    assert (CaseAction.objects.count(), AccountRestriction.objects.count()) == (1, 1)


def test_what_the_operation_refuses_is_not_kept(analyst: User, colleague: User) -> None:
    account = make_account()
    case = make_case(analyst, accounts=(account.public_id,))
    freeze(case, account, analyst)
    with nothing_changes(), pytest.raises((RestrictionUnchanged, errors.CaseNotYours)):
        freeze(case, account, colleague, "k2")
    close(case, analyst)
    with nothing_changes(), pytest.raises(errors.CaseClosed):
        freeze(case, account, analyst, "k3")


def test_an_operation_that_meets_a_closed_case_leaves_nothing(analyst: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever ordered looked before another one closed the case, and writes after that."""
    account = make_account()
    case = make_case(analyst, accounts=(account.public_id,))
    close(case, analyst)
    monkeypatch.setattr(case_orders, "check_open", lambda _case: None)
    with nothing_changes(), pytest.raises(errors.CaseClosed):
        freeze(case, account, analyst)


def raise_rating(case: Case, customer: Any, by: User, rating: str = "HIGH") -> Any:
    return services.order_from_case(
        case_id=case.pk,
        key="accounts.raise_risk_rating",
        payload={"customer": customer.public_id, "rating": rating},
        about=(customer.public_id, customer.number),
        order=order(by, f"rate {rating}"),
        person=by,
    )


def test_a_customers_rating_is_raised_from_a_case_and_never_lowered(analyst: User) -> None:
    customer = make_customer()
    case = make_case(analyst, customers=(customer.public_id,))
    assert raise_rating(case, customer, analyst).done
    customer.refresh_from_db()
    assert customer.risk_rating == RiskRating.HIGH
    review = CustomerReview.objects.get()
    assert (review.rating, review.reasons[-1], review.note) == (
        "HIGH",
        "risk_raised",
        "By decision of the bank.",
    )
    with nothing_changes(), pytest.raises(Exception, match="rated high already"):
        raise_rating(case, customer, analyst, "MEDIUM")


def test_the_right_of_the_operation_is_asked_for_too(analyst: User, colleague: User) -> None:
    account = make_account()
    case = make_case(analyst, accounts=(account.public_id,))
    colleague.groups.clear()
    with nothing_changes(), pytest.raises(errors.UnknownCase):
        freeze(case, account, colleague)


def test_an_action_is_one_line_for_one_click_and_stays(analyst: User) -> None:
    account = make_account()
    case = make_case(analyst, accounts=(account.public_id,))
    freeze(case, account, analyst)
    with pytest.raises(IntegrityError, match="case_action_once"):
        sql(
            "INSERT INTO risk_caseaction (case_id, operation, subject_id, subject_label, done, ordered_at, ordered_by_id,"
            " ordered_by_name, order_key, reason) SELECT case_id, operation, subject_id, subject_label, done, ordered_at,"
            " ordered_by_id, ordered_by_name, order_key, reason FROM risk_caseaction"
        )
    with pytest.raises(DatabaseError, match="append_only"):
        sql("UPDATE risk_caseaction SET subject_label = 'x'")


def test_reported_and_closed_the_file_stays(analyst: User) -> None:
    case = make_case(analyst, 800)
    services.add_case_file(case_id=case.pk, label="Photo", name="x.jpg", content=jpeg(), person=analyst, now=LATER)
    complete_report(case, analyst)
    closed = close(case, analyst, AlertOutcome.REPORTED)
    assert closed.outcome == AlertOutcome.REPORTED
    assert CaseFile.objects.count() == 1


# -- Forgetting ----------------------------------------------------------------------------------------------------------


def years_after(case: Case, years: int) -> datetime:
    assert case.closed_at
    return case.closed_at.replace(year=case.closed_at.year + years)


def test_so_many_years_after_it_was_closed_a_case_forgets_what_people_wrote(analyst: User, settings: Any) -> None:
    settings.BANKOPS_RETENTION_YEARS = 7
    customer = make_customer("Wang Wei")
    case = make_case(analyst, customers=(customer.public_id,))
    services.write_case_note(case_id=case.pk, text="Wang Wei called", person=analyst, now=LATER)
    services.add_case_file(case_id=case.pk, label="Photo", name="x.jpg", content=jpeg(), person=analyst, now=LATER)
    account = make_account()
    services.link_to_case(
        case_id=case.pk, kind=LinkKind.ACCOUNT, text=account.number, why="received", person=analyst, now=LATER
    )
    complete_report(case, analyst)
    assert services.erase_old_cases(now=LATER + timedelta(days=9_999)) == 0  # it is open
    case = close(case, analyst, AlertOutcome.REPORTED)
    with nothing_changes():
        assert services.erase_old_cases(now=years_after(case, 7) - timedelta(days=2)) == 0
        with transaction.atomic():  # their customer leaves, and the report stays
            assert "cases" not in personal_data.erase(customer, LATER)
    assert services.erase_old_cases(now=years_after(case, 7)) == 1
    assert services.erase_old_cases(now=years_after(case, 8)) == 0
    assert not CaseNote.objects.get().text
    assert not CaseFileContent.objects.exists()
    report = CaseReport.objects.get()
    assert not report.content
    assert report.frozen_at
    assert [link.why for link in case.links.all()] == ["received"]
    assert AuditEvent.objects.get(event_type="risk.case.linked").reason == "received"
    told = AuditEvent.objects.get(event_type="risk.case.erased")
    assert told.detail == {"notes": 1, "reports": 1, "files": 1}
    with pytest.raises(errors.ReportErased):
        services.export_report(report_id=report.pk, form="json", person=analyst, now=LATER)
    with pytest.raises(errors.UnknownCaseFile):
        services.open_case_file(case_id=case.pk, file_id=CaseFile.objects.get().pk, person=analyst, now=LATER)


def test_a_case_that_is_opened_again_keeps_everything_as_long_anew(analyst: User) -> None:
    case = make_case(analyst)
    services.write_case_note(case_id=case.pk, text="a note", person=analyst, now=LATER)
    late = years_after(close(case, analyst), 20)
    services.reopen_case(case_id=case.pk, reason="more", person=analyst, now=LATER)
    assert services.erase_old_cases(now=late) == 0
    assert CaseNote.objects.get().text


def test_nothing_of_a_case_is_handed_out_to_its_customer(analyst: User) -> None:
    customer = make_customer("Zhao Min")
    case = make_case(analyst, customers=(customer.public_id,))
    services.write_case_note(case_id=case.pk, text="suspicious", person=analyst, now=LATER)
    told = json.dumps([list(records) for _name, records in personal_data.sections(customer)])
    for secret in (case.reference, case.alerts.get().reference, "suspicious"):
        assert secret not in told
