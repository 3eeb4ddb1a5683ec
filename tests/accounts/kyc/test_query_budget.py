"""The pages of knowing the customer ask the database as often for thirty rows as for three."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import services
from accounts.models import Application, Customer, Outcome, RejectionReason
from bankops.core import clock
from staff.models import User
from tests.accounts.factories import NOW, OU_YAN, TANG_LING, TODAY
from tests.accounts.kyc.applying import bring, newcomer, start
from tests.desk import address
from tests.personas import SignIn

pytestmark = pytest.mark.django_db

PAGES: dict[str, Callable[[Application], str]] = {
    "applications": lambda _one: reverse("admin:accounts_application_changelist"),
    "stuck, filtered": lambda _one: reverse("admin:accounts_application_changelist") + "?stuck=3",
    "stuck": lambda _one: reverse("admin:accounts_application_stuck") + "?days=3",
    "application": address,
    "documents": lambda _one: reverse("admin:accounts_document_changelist"),
    "customer": lambda one: address(one.customer),
    "reviews due": lambda _one: reverse("admin:accounts_customer_reviews_due"),
}


def grow(application: Application, rows: int) -> None:
    """Add applications, reviews that are due, and to the one application documents and rounds."""
    for _row in range(rows):
        start()
        due = newcomer()
        Customer.objects.filter(pk=due.pk).update(state="ACTIVE", next_review_on=clock.business_date())
        bring(application.customer)
    for _round in range(rows // 3):
        services.reject_application(
            application_id=application.pk,
            outcome=Outcome.RETRY,
            reasons=[RejectionReason.OTHER],
            note="again",
            actor=OU_YAN,
            now=NOW,
        )
        services.resubmit_application(
            application_id=application.pk, note="again", actor=TANG_LING, now=NOW, business_date=TODAY
        )


def test_pages_ask_as_often_for_many_rows_as_for_few(signed_in_client: SignIn, auditor: User) -> None:
    client, application = signed_in_client(auditor), start()

    def counts() -> dict[str, int]:
        return {name: _queries(client, where(application)) for name, where in PAGES.items()}

    grow(application, 3)
    counts()  # what is read once and kept
    few = counts()
    grow(application, 9)
    assert counts() == few
    assert max(few.values()) < 45


def _queries(client: Client, where: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(where).status_code == 200
    return len(asked)
