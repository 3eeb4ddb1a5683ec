"""Two people at one application at the same moment; each race has a twin without its lock, which goes wrong."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from accounts import services
from accounts.kyc.required import DocumentKind
from accounts.models import (
    AccountRestriction,
    Application,
    ApplicationRound,
    Customer,
    Document,
    DocumentRefusal,
    Outcome,
    RejectionReason,
)
from accounts.services import documents, funnel
from tests.accounts.factories import NOW, OU_YAN, TANG_LING, TODAY, current_account, make_account, make_customer
from tests.accounts.kyc import files
from tests.accounts.kyc.applying import bring, fresh, newcomer, start, verify
from tests.committed import at_once
from tests.elsewhere import Meeting

pytestmark = pytest.mark.usefixtures("committed_db")


def told(results: list[Any]) -> Counter[str]:
    return Counter("done" if not isinstance(one, Exception) else getattr(one, "code", repr(one)) for one in results)


def reject(application: Application) -> Any:
    return services.reject_application(
        application_id=application.pk,
        outcome=Outcome.FINAL,
        reasons=[RejectionReason.OTHER],
        note="no",
        actor=OU_YAN,
        now=NOW,
    )


def withdraw(application: Application) -> Any:
    return services.withdraw_application(application_id=application.pk, note="no", actor=TANG_LING, now=NOW)


def slow_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the other between reading an application and ending it."""
    plain, other = funnel.refuse_closed, Meeting(2)

    def slowly(application: Application) -> None:
        plain(application)
        other()

    monkeypatch.setattr(funnel, "refuse_closed", slowly)


def test_an_application_ends_once(monkeypatch: pytest.MonkeyPatch) -> None:
    application = start()
    slow_ending(monkeypatch)
    results = at_once(lambda: reject(application), lambda: withdraw(application))
    assert told(results) == {"done": 1, "application_closed": 1}
    assert ApplicationRound.objects.get().ending in ("REJECTED", "WITHDRAWN")


def test_twin_without_the_lock_both_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the trigger on ended rounds notices, and answers with a fault instead of a refusal."""
    application = start()
    slow_ending(monkeypatch)

    def read_without_lock(application_id: Any) -> Application:
        return Application.objects.select_related("customer", "branch").get(pk=application_id)

    monkeypatch.setattr(funnel, "application_for_update", read_without_lock)
    results = at_once(lambda: reject(application), lambda: withdraw(application))
    assert told(results)["application_closed"] == 0
    assert any("round_ended" in str(one) for one in results) or told(results) == {"done": 2}


def test_two_tellers_start_for_one_newcomer() -> None:
    customer = newcomer()
    current_account()
    results = at_once(*[lambda: start(customer)] * 4)
    assert told(results) == {"done": 1, "application_open": 3}
    assert Application.objects.count() == 1


def upload(customer: Customer) -> Any:
    return services.upload_document(
        customer_id=customer.pk,
        kind=DocumentKind.IDENTITY,
        name="scan.pdf",
        content=files.pdf(),
        actor=TANG_LING,
        now=NOW,
        business_date=TODAY,
    )


def test_one_file_uploaded_at_two_desks() -> None:
    customer = newcomer()
    results = at_once(*[lambda: upload(customer)] * 3)
    assert told(results) == {"done": 1, "document_taken": 2}
    assert Document.objects.count() == 1


def test_without_the_lock_the_constraint_still_says_so_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    customer = newcomer()
    monkeypatch.setattr(documents, "customer_for_update", lambda _customer_id: None)
    results = at_once(*[lambda: upload(customer)] * 3)
    assert told(results) == {"done": 1, "document_taken": 2}


def test_two_colleagues_look_at_one_document() -> None:
    document = bring(start().customer)

    def verify() -> Any:
        return services.verify_document(
            document_id=document.pk, expires_on=None, permanent=True, actor=OU_YAN, now=NOW, business_date=TODAY
        )

    def refuse() -> Any:
        return services.refuse_document(
            document_id=document.pk,
            refusal=DocumentRefusal.OTHER,
            note="odd",
            actor=OU_YAN,
            now=NOW,
            business_date=TODAY,
        )

    assert told(at_once(verify, refuse)) == {"done": 1, "document_decided": 1}


def test_documents_brought_at_two_desks_leave_the_stage_right() -> None:
    application = start()
    for _again in range(3):
        assert told(at_once(*[lambda: bring(application.customer)] * 2)) == {"done": 2}
    fresh(application)  # which compares the stored stage with the computed one


def test_two_evenings_at_once_block_an_account_once() -> None:
    customer = make_customer()
    make_account(customer=customer)
    verify(bring(customer), expires_on=TODAY)
    services.announce_expiring(now=NOW, business_date=TODAY)
    later: Any = {"now": NOW + timedelta(days=31), "business_date": TODAY + timedelta(days=31)}
    blocked = at_once(*[lambda: services.restrict_expired(**later)] * 3)
    assert sorted(map(str, blocked)) == ["0", "0", "1"]
    assert AccountRestriction.objects.count() == 1
