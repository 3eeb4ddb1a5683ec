"""Two people save the same customer at the same moment: the second is refused, and without the lock nobody would notice."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from accounts.changes import Change
from accounts.models import Customer, CustomerKind
from accounts.services import customer_changes
from tests.accounts.factories import NOW, TANG_LING, make_branch, make_customer
from tests.committed import at_once
from tests.concurrency.racing import execute
from tests.elsewhere import Meeting


def saving(customer: Customer, **fields: str) -> Any:
    """Return a call that carries out a change which was asked for on the first version."""
    draft = customer_changes.draft_change(
        customer_id=customer.pk, base_version=1, change=Change(fields), actor=TANG_LING, now=NOW
    )
    return lambda: customer_changes.update_customer(
        customer_id=customer.pk, base_version=1, digest=draft.digest, actor=TANG_LING, reason="as agreed", now=NOW
    )


def race(monkeypatch: pytest.MonkeyPatch, customer: Customer) -> Counter[str]:
    """Let two people save, who wait for each other between reading the customer and writing it; return what they are told."""
    calls = [saving(customer, name="Li Yi"), saving(customer, ownership_note="Listed")]
    plain, other = customer_changes.examine, Meeting(2)

    def slowly(*args: Any, **kwargs: Any) -> Any:
        other()
        return plain(*args, **kwargs)

    monkeypatch.setattr(customer_changes, "examine", slowly)
    results = at_once(*calls)
    return Counter("saved" if isinstance(one, Customer) else getattr(one, "code", repr(one)) for one in results)


@pytest.fixture
def customer(committed_db: None) -> Customer:
    return make_customer("Li Hua", branch=make_branch(), kind=CustomerKind.PERSON)


def test_of_two_who_save_a_customer_the_second_is_refused(monkeypatch: pytest.MonkeyPatch, customer: Customer) -> None:
    assert race(monkeypatch, customer) == {"saved": 1, "customer_changed": 1}
    after = Customer.objects.get(pk=customer.pk)
    assert after.version == 2
    assert (after.name == "Li Yi") != (after.ownership_note == "Listed")  # one or the other, never both by accident


def without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer_changes, "customer_for_update", lambda customer_id: None)


def test_without_the_lock_the_database_refuses_the_second(monkeypatch: pytest.MonkeyPatch, customer: Customer) -> None:
    without_lock(monkeypatch)
    told = race(monkeypatch, customer)
    assert told.pop("saved") == 1
    assert "customer_version_moves" in next(iter(told))
    assert Customer.objects.get(pk=customer.pk).version == 2


def test_without_lock_and_guard_both_believe_they_saved_the_same_version(
    monkeypatch: pytest.MonkeyPatch, customer: Customer
) -> None:
    """The twin: what lock and guard are for. Both wrote version 2, so the version no longer says who saw what."""
    without_lock(monkeypatch)
    execute("ALTER TABLE accounts_customer DISABLE TRIGGER customer_version_moves")
    try:
        assert race(monkeypatch, customer) == {"saved": 2}
    finally:
        execute("ALTER TABLE accounts_customer ENABLE TRIGGER customer_version_moves")
    assert Customer.objects.get(pk=customer.pk).version == 2
