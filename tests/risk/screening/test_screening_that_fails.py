"""Somebody who cannot be screened keeps nobody else waiting, is not taken for clear, and is told of."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from accounts.models import Customer
from bankops.core import clock
from notifications.models import Notice
from risk.models import DueBecause, RescreenChunk, RescreenRun, ScreeningDue, ScreeningHit, ScreeningState
from risk.selectors.screening import Standing, standing
from risk.services import screening
from risk.services.screening import rescreen_next, screen_due
from risk.services.screening_delays import look_after_screening
from risk.services.screening_queue import AGAIN
from staff.models import User
from tests.accounts.factories import make_customer
from tests.desk import words
from tests.partners.factories import guards_asleep
from tests.personas import SignIn
from tests.risk.screening.lists import LINES, NOW, load

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bank")]

BORN = date(1974, 2, 17)


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    load(tmp_path, *LINES)
    screened()
    return tmp_path


def screened() -> None:
    while rescreen_next(now=NOW) or screen_due(now=NOW):
        pass


def stands(customer: Customer) -> Standing:
    return standing([customer.public_id])[customer.public_id]


def unreadable(customer: Customer) -> Customer:
    """Let what is sealed of a customer not open any more."""
    with guards_asleep(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_customer SET birth_date = %s WHERE id = %s", [b"\x00" * 60, customer.pk])
    return customer


@pytest.fixture
def broken(listed: Path) -> Customer:
    return unreadable(make_customer("Wang Xiaoming"))


def test_one_customer_who_cannot_be_read_stops_nobody_else(broken: Customer, risk_analyst: User) -> None:
    found, clear = make_customer("Dmitri Karamazov", birth_date=BORN), make_customer("Li Na")
    screened()
    assert (stands(found), stands(clear), stands(broken)) == (Standing.POSSIBLE, Standing.CLEAR, Standing.UNSCREENED)
    left = ScreeningDue.objects.get()
    assert (left.customer_id, left.failed_at) == (broken.pk, NOW)
    assert left.failure
    told = Notice.objects.get(recipient=risk_analyst, kind="risk.screening.failed")
    assert (told.words, told.severity) == ({"customer": broken.number, "count": 1}, "URGENT")
    assert told.link == reverse("admin:accounts_customer_change", args=[broken.pk])


def test_it_is_tried_again_after_an_hour_and_then_counts(broken: Customer) -> None:
    screened()
    assert screen_due(now=NOW + AGAIN - timedelta(seconds=1)) == 0
    broken.birth_date = BORN.isoformat()
    broken.save(update_fields=["birth_date"])
    assert screen_due(now=NOW + AGAIN) == 1
    assert not ScreeningDue.objects.exists()
    assert stands(broken) is Standing.CLEAR


def test_what_failed_before_a_customer_was_corrected_is_over_once_it_is_screened(broken: Customer) -> None:
    ScreeningDue.objects.update(because=DueBecause.PARTY)
    screened()
    assert stands(broken) is Standing.UNSCREENED
    broken.birth_date, broken.version = BORN.isoformat(), broken.version + 1
    broken.save(update_fields=["birth_date", "version"])
    assert screen_due(now=NOW + timedelta(minutes=1)) == 1
    assert stands(broken) is Standing.CLEAR
    assert not ScreeningDue.objects.exists()


def test_who_was_clear_is_not_any_more_once_nobody_can_look(listed: Path) -> None:
    customer = make_customer("Wang Xiaoming")
    screened()
    assert stands(customer) is Standing.CLEAR
    unreadable(customer)
    ScreeningDue.objects.create(customer_id=customer.pk, because=DueBecause.INTERVAL)
    screened()
    assert not ScreeningState.objects.filter(customer=customer).exists()
    assert stands(customer) is Standing.UNSCREENED


def test_a_part_of_a_run_with_one_who_cannot_be_read_is_screened_one_by_one(tmp_path: Path) -> None:
    load(tmp_path, *LINES[1:])
    found, unread = make_customer("Dmitri Karamazov", birth_date=BORN), make_customer("Dimitri Karamazov")
    screened()
    unreadable(unread)
    load(tmp_path, *LINES)
    screened()
    assert not RescreenChunk.objects.exists()
    assert RescreenRun.objects.filter(finished_at=None).count() == 0
    assert ScreeningHit.objects.get().customer == found
    assert ScreeningDue.objects.get().customer_id == unread.pk


def test_a_database_that_is_gone_is_nobodys_fault(listed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_customer("Wang Xiaoming")

    def gone(*_told: object) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(screening, "_screen", gone)
    with pytest.raises(OperationalError):
        screen_due(now=NOW)
    assert ScreeningDue.objects.get().failed_at is None


def test_who_waits_too_long_is_told_of_once_an_hour(listed: Path, risk_analyst: User) -> None:
    now = clock.now()
    assert not look_after_screening(now=now)
    customer = make_customer("Wang Xiaoming")
    ScreeningDue.objects.create(customer_id=customer.pk, because=DueBecause.INTERVAL, queued_at=now - timedelta(days=9))
    assert not look_after_screening(now=now)
    ScreeningDue.objects.filter(because=DueBecause.NEW).update(queued_at=now - timedelta(minutes=16))
    assert look_after_screening(now=now)
    assert look_after_screening(now=now)
    told = Notice.objects.get(recipient=risk_analyst)
    assert (told.kind, told.words) == ("risk.screening.late", {"minutes": 16})


def test_a_customers_page_says_that_nobody_could_look(
    broken: Customer, risk_analyst: User, signed_in_client: SignIn
) -> None:
    screened()
    page: Client = signed_in_client(risk_analyst)
    shown = words(page.get(reverse("admin:accounts_customer_change", args=[broken.pk])))
    assert "Could not be screened at" in shown
    assert "what this customer pays is held back" in shown
