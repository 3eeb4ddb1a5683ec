"""Reference rates: what foreign money is worth to the policies, set under the consent of others only."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import transaction

from approvals.models import ReferenceRate
from approvals.operations import SetReferenceRate
from approvals.services import rates
from approvals.services.rates import in_base_currency, set_reference_rate
from bankops.core import operations
from bankops.core.models import AuditEvent, OutboxMessage
from bankops.core.money import MINOR_MAX, Money
from bankops.core.operations import Order
from staff.models import User
from tests.accounts.factories import NOW, TANG_LING
from tests.committed import at_once
from tests.unchanged import refused

OPERATION = SetReferenceRate()
LATER = NOW + timedelta(seconds=1)


def set_rate(rate: str = "7.12", *, currency: str = "USD", now: Any = NOW, reason: str = "Fixing") -> ReferenceRate:
    """Set a rate as the gate does when reviewers have consented."""
    with operations.carrying_out("approvals.set_reference_rate", request_id="apr_test"):
        return set_reference_rate(currency=currency, rate=rate, actor=TANG_LING, reason=reason, now=now)


def worth(figure: str, currency: str = "USD", now: Any = NOW) -> str | None:
    base = in_base_currency(amount=Money.parse(figure, currency), now=now)
    return f"{base} {base.currency}" if base else None


@pytest.mark.django_db
def test_the_base_currency_needs_no_rate_and_any_other_does() -> None:
    assert worth("12.34", "CNY") == "12.34 CNY"
    assert worth("12.34", "USD") is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rate", "currency", "figure", "base"),
    [
        ("7.12", "USD", "9000.00", "64080.00 CNY"),
        ("7.12345678", "USD", "0.01", "0.07 CNY"),
        ("0.5", "USD", "0.01", "0.00 CNY"),  # half to even, bankops.core.money
        ("1.5", "USD", "0.01", "0.02 CNY"),
        ("0.048", "JPY", "1000001", "48000.05 CNY"),
        ("23.1", "KWD", "1.001", "23.12 CNY"),
        ("0.00000001", "USD", "92233720368547758.07", "922337203.69 CNY"),
    ],
)
def test_an_amount_is_worth_what_the_rate_says_in_the_base_currency(
    rate: str, currency: str, figure: str, base: str
) -> None:
    set_rate(rate, currency=currency)
    assert worth(figure, currency) == base


@pytest.mark.django_db
def test_what_is_worth_more_than_the_books_hold_is_not_known_and_so_counts_as_large() -> None:
    set_rate("9999999999")
    assert in_base_currency(amount=Money(MINOR_MAX, "USD"), now=NOW) is None


@pytest.mark.django_db
def test_the_latest_rate_in_force_counts() -> None:
    set_rate("7.00", now=NOW)
    set_rate("8.00", now=LATER)
    assert worth("1.00", now=NOW) == "7.00 CNY"
    assert worth("1.00", now=LATER) == "8.00 CNY"
    assert worth("1.00", now=NOW - timedelta(seconds=1)) is None
    set_rate("9.00", now=LATER)
    assert worth("1.00", now=LATER) == "9.00 CNY"


@pytest.mark.django_db
def test_it_is_told_with_the_rate_before_and_after() -> None:
    set_rate("7.00")
    written = set_rate("7.5", now=LATER)
    event = AuditEvent.objects.order_by("-id")[0]
    assert (event.event_type, event.subject_id, event.reason) == ("approvals.reference_rate.set", "USD", "Fixing")
    assert event.changes == {"rate": ["7.00000000", "7.5"]}
    assert OutboxMessage.objects.order_by("-id")[0].payload == {"currency": "USD", "rate": "7.5"}
    assert (written.set_by_id, written.set_by_name) == (TANG_LING.id, TANG_LING.name)
    assert (written.note, written.valid_from, written.approval_request_id) == ("Fixing", LATER, "apr_test")


@pytest.mark.django_db
def test_without_consent_no_rate_is_set() -> None:
    with refused("consent_required"):
        set_reference_rate(currency="USD", rate="7", actor=TANG_LING, reason="Fixing", now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("currency", "rate", "code"),
    [
        ("CNY", "1", "rate_of_base_currency"),
        ("RMB", "1", "unknown_currency"),
        ("", "1", "unknown_currency"),
        ("USD", "0", "invalid_rate"),
        ("USD", "0.00000000", "invalid_rate"),
        ("USD", "-7", "invalid_rate"),
        ("USD", "7,1", "invalid_rate"),
        ("USD", "7.123456789", "invalid_rate"),
        ("USD", "12345678901", "invalid_rate"),
        ("USD", "1e3", "invalid_rate"),
        ("USD", "NaN", "invalid_rate"),
        ("USD", "٧", "invalid_rate"),
        ("USD", 7.12, "invalid_rate"),
        ("USD", None, "invalid_rate"),
    ],
)
def test_what_is_no_rate_is_refused(currency: str, rate: Any, code: str) -> None:
    with refused(code):
        set_rate(rate, currency=currency)
    with refused(code):
        OPERATION.clean({"currency": currency, "rate": rate})


@pytest.mark.django_db
def test_a_rate_that_is_in_force_already_is_refused_and_so_is_one_without_a_reason() -> None:
    set_rate("7.10")
    with refused("rate_unchanged"):
        set_rate("7.1", now=LATER)
    with refused("rate_unchanged"):
        OPERATION.refuse({"currency": "USD", "rate": "7.10000000"}, Order(TANG_LING, LATER, reason="Fixing"))
    with refused("reason_required"):
        set_rate("7.2", reason=" ")
    with refused("reason_required"):
        OPERATION.refuse({"currency": "USD", "rate": "7.2"}, Order(TANG_LING, NOW))


def test_equal_rates_at_once_are_one(committed_db: None) -> None:
    results = at_once(*[lambda: set_rate("7.1")] * 4)
    assert sorted(getattr(result, "code", "") for result in results) == ["", *["rate_unchanged"] * 3]
    assert ReferenceRate.objects.count() == 1


def test_without_the_lock_they_would_be_two(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: what the lock is for."""
    both_checked, write = Barrier(2), rates.write_rate

    def write_when_both_are_checked(**fields: Any) -> ReferenceRate:
        both_checked.wait(timeout=60)
        return write(**fields)

    monkeypatch.setattr(rates, "lock_rate", lambda _currency: None)
    monkeypatch.setattr(rates, "write_rate", write_when_both_are_checked)
    at_once(*[lambda: set_rate("7.1")] * 2)
    assert ReferenceRate.objects.count() == 2


# -- The operation ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_equal_wishes_have_one_payload() -> None:
    for wish in ({"currency": " usd", "rate": "7.1"}, {"currency": "USD", "rate": "7.10000000"}):
        assert OPERATION.clean(wish) == {"currency": "USD", "rate": "7.10000000"}


@pytest.mark.django_db
def test_reviewers_read_the_rate_before_and_after() -> None:
    described = OPERATION.describe({"currency": "USD", "rate": "7.10000000"})
    assert described.summary == "One USD will count as 7.1 CNY when policies look at amounts."
    assert described.changes == {"CNY for one USD": ("", "7.1")}
    assert list(described.warnings) == ["Until now amounts in this currency counted as large, because it had no rate."]
    set_rate("7.10")
    described = OPERATION.describe({"currency": "USD", "rate": "10.00000000"})
    assert (described.changes, list(described.warnings)) == ({"CNY for one USD": ("7.1", "10")}, [])


@pytest.mark.django_db
def test_it_goes_stale_when_the_rate_moved_and_is_carried_out_in_the_makers_name(administrator: User) -> None:
    payload = {"currency": "USD", "rate": "7.10000000"}
    before = OPERATION.preconditions(payload)
    set_rate("0.9", currency="HKD")
    assert OPERATION.preconditions(payload) == before
    with operations.carrying_out(OPERATION.key), transaction.atomic():
        OPERATION.lock(payload)
        written = OPERATION.execute(payload, Order(administrator.as_actor(), NOW, reason="Fixing"))
    assert OPERATION.preconditions(payload) != before
    assert (written.rate, written.set_by_id) == (Decimal("7.1"), administrator.public_id)
    assert OPERATION.concerns(payload) == [OPERATION.subject_of(written)]
