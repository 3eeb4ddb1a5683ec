"""What the database itself holds of knowing the customer, whoever writes: one refusal for every constraint and trigger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection

from accounts.models import Application, ApplicationRound, Check, Customer, CustomerReview, Document, RequestedAccount
from tests.accounts.factories import NOW, TODAY
from tests.accounts.kyc.applying import approve, bring, override, ready, start, verify
from tests.unchanged import check_deferred, refused_by_database

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]


def update(model: type[Any], **values: Any) -> Callable[[], None]:
    return lambda: model.objects.update(**values)


def copy_of(row: Any, **changed: Any) -> Callable[[], None]:
    """Return what inserts a copy of a row, with another key."""

    def insert() -> None:
        again = type(row).objects.get(pk=row.pk)
        again.pk = None if type(row)._meta.pk.get_internal_type() != "UUIDField" else type(row)().pk
        for name, value in changed.items():
            setattr(again, name, value)
        again.save(force_insert=True)

    return insert


@pytest.fixture
def application() -> Application:
    return start()


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("application_stage_known", {"stage": "SOMEWHERE"}),
        ("application_form_known", {"legal_form": "ROBOT"}),
        ("application_activity_known", {"activity": "FISHING"}),
        ("application_countries_are_codes", {"residence": "cn"}),
        ("application_countries_are_codes", {"tax_country": "C1"}),
    ],
)
def test_applications(application: Application, constraint: str, values: dict[str, Any]) -> None:
    with refused_by_database(constraint):
        update(Application, **values)()


def test_one_open_application_and_one_reference(application: Application) -> None:
    with refused_by_database("application_open_once"):
        copy_of(application, reference="KY-1")()
    with refused_by_database("application_reference_once"):
        copy_of(application, stage="REJECTED")()


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("round_ended_somehow", {"ending": "REJECTED", "outcome": "RETRY", "reasons": ["OTHER"]}),
        ("round_ended_somehow", {"ended_at": NOW}),
        ("round_rejection_has_reasons", {"ending": "REJECTED", "ended_at": NOW, "outcome": "RETRY"}),
        ("round_rejection_has_reasons", {"ending": "REJECTED", "ended_at": NOW, "reasons": ["OTHER"]}),
        ("round_rejection_has_reasons", {"ending": "EXPIRED", "ended_at": NOW, "reasons": ["OTHER"]}),
    ],
)
def test_rounds(application: Application, constraint: str, values: dict[str, Any]) -> None:
    with refused_by_database(constraint):
        update(ApplicationRound, **values)()


def test_a_round_exists_once_and_ends_once(application: Application) -> None:
    with refused_by_database("round_once"):
        copy_of(application.rounds.get())()
    update(ApplicationRound, ending="EXPIRED", ended_at=NOW)()
    with refused_by_database("round_ended"):
        update(ApplicationRound, note="another one")()
    with refused_by_database("check_fixed"):
        update(Check, reference="later")()


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("requested_overdraft_not_negative", {"overdraft_limit": -1}),
        ("requested_currency_code", {"currency": "cny"}),
    ],
)
def test_requested_accounts(application: Application, constraint: str, values: dict[str, Any]) -> None:
    with refused_by_database(constraint):
        update(RequestedAccount, **values)()


def test_an_account_is_wanted_once(application: Application) -> None:
    with refused_by_database("requested_account_once"):
        copy_of(application.requested_accounts.get())()


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("check_kind_known", {"kind": "HOROSCOPE"}),
        ("check_state_known", {"state": "MAYBE"}),
        ("check_override_known", {"override_code": "BECAUSE"}),
        ("check_override_known", {"override_code": "OTHER", "state": "PASSED"}),
    ],
)
def test_checks(application: Application, constraint: str, values: dict[str, Any]) -> None:
    with refused_by_database(constraint):
        Check.objects.filter(kind="SCREENING").update(**values)


def test_a_check_exists_once_in_its_round(application: Application) -> None:
    with refused_by_database("check_once"):
        copy_of(application.checks.get(kind="SCREENING"))()


def test_the_history_of_checks(application: Application) -> None:
    override(application)
    event = application.checks.get(kind="SCREENING").events.get(source="OVERRIDE")
    with refused_by_database("check_event_source_known"):
        copy_of(event, source="RUMOUR")()
    for missing in ({"note": ""}, {"approval_request_id": ""}, {"override_code": ""}):
        with refused_by_database("check_event_override_agreed"):
            copy_of(event, **missing)()


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("document_kind_known", {"kind": "DIARY"}),
        ("document_media_type_known", {"media_type": "text/html"}),
        ("document_state_whole", {"state": "VERIFIED"}),
        ("document_state_whole", {"state": "REFUSED", "decided_at": NOW}),
        ("document_state_whole", {"decided_at": NOW}),
        ("document_state_whole", {"state": "SUBMITTED", "refusal": "OTHER"}),
    ],
)
def test_documents(application: Application, constraint: str, values: dict[str, Any]) -> None:
    """What a document is cannot be changed at all, so these are inserted."""
    document = bring(application.customer)
    with refused_by_database(constraint):
        copy_of(document, sha256="", **values)()


def test_documents_once_and_by_two_people(application: Application) -> None:
    document = bring(application.customer)
    with refused_by_database("document_file_once"):
        copy_of(document)()
    with refused_by_database("document_four_eyes"):
        copy_of(document, sha256="", decided_by_id=document.uploaded_by_id)()


@pytest.mark.parametrize(
    "values",
    [{"kind": "OTHER"}, {"size": 1}, {"sha256": "0" * 64}, {"uploaded_by_id": "usr_x"}, {"state": "REFUSED"}],
)
def test_a_document_stays_what_it_is(application: Application, values: dict[str, Any]) -> None:
    verify(bring(application.customer))
    with refused_by_database("document_fixed"):
        Document.objects.update(**values)


def test_reviews(application: Application) -> None:
    approve(ready())
    review = CustomerReview.objects.get()
    with refused_by_database("review_rating_known"):
        copy_of(review, rating="NONE")()
    with refused_by_database("review_next_is_later"):
        copy_of(review, next_review_on=TODAY)()
    with refused_by_database("append_only"):
        update(CustomerReview, next_review_on=date(2050, 1, 1))()


def test_a_customer_is_in_a_state_we_know(application: Application) -> None:
    with refused_by_database("customer_state_known"):
        Customer.objects.update(state="FRIEND")


@pytest.mark.parametrize(
    "table", ["application", "applicationround", "check", "checkevent", "document", "customerreview"]
)
def test_nothing_of_it_is_deleted(table: str) -> None:
    application = ready()
    approve(application)
    with refused_by_database("append_only"), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM accounts_{table}")


@pytest.mark.parametrize("table", ["checkevent", "customerreview"])
def test_history_is_neither_changed_nor_emptied(table: str) -> None:
    approve(ready())
    check_deferred()
    with refused_by_database("append_only"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_{table} SET actor_name = 'Nobody'")
    with refused_by_database("append_only"), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE accounts_{table}")
