"""Freezing and releasing: by order of the bank or of a court, with a reason, and on the record."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.models import Account, AccountStatus, Restriction
from accounts.services import freeze_account, release_account
from bankops.core.models import AuditEvent, OutboxMessage
from tests.accounts.factories import NOW, TANG_LING, make_account, own_account
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def freeze(
    account: Account, restriction: Restriction = Restriction.BLOCK_DEBIT, reason: str = "court order"
) -> Account:
    return freeze_account(account_id=account.pk, restriction=restriction, reason=reason, actor=TANG_LING, now=NOW)


def release(account: Account, reason: str = "order lifted") -> Account:
    return release_account(account_id=account.pk, reason=reason, actor=TANG_LING, now=NOW)


def test_an_account_is_frozen_and_released() -> None:
    account = make_account()
    assert freeze(account).restriction == Restriction.BLOCK_DEBIT
    assert freeze(account, Restriction.BLOCK_ALL).restriction == Restriction.BLOCK_ALL
    assert release(account).restriction == Restriction.NONE
    account.refresh_from_db()
    assert account.restriction == Restriction.NONE
    assert list(account.history.order_by("history_id").values_list("restriction", flat=True)) == [
        "NONE",
        "BLOCK_DEBIT",
        "BLOCK_ALL",
        "NONE",
    ]
    events = AuditEvent.objects.filter(event_type__in=["accounts.account.frozen", "accounts.account.released"])
    assert [(event.reason, event.changes["restriction"]) for event in events.order_by("id")] == [
        ("court order", ["NONE", "BLOCK_DEBIT"]),
        ("court order", ["BLOCK_DEBIT", "BLOCK_ALL"]),
        ("order lifted", ["BLOCK_ALL", "NONE"]),
    ]
    told = OutboxMessage.objects.filter(subject_id=account.public_id).order_by("id")
    assert [message.topic for message in told][1:] == [event.event_type for event in events.order_by("id")]


def test_a_reason_is_needed() -> None:
    account = make_account(restriction=Restriction.BLOCK_ALL)
    with refused("reason_required"):
        freeze(account, Restriction.BLOCK_DEBIT, reason=" \n")
    with refused("reason_required"):
        release(account, reason="")


def test_what_changes_nothing_is_refused() -> None:
    account = make_account()
    with refused("restriction_unchanged"):
        release(account)
    with refused("restriction_unchanged"):
        freeze(account, Restriction.NONE)
    freeze(account)
    with refused("restriction_unchanged"):
        freeze(account)


def test_only_an_open_customers_account_can_be_frozen() -> None:
    closed, cash = make_account(status=AccountStatus.CLOSED), own_account()
    for code, account in (
        ("account_not_open", closed),
        ("own_account_protected", cash),
        ("account_not_found", Account(pk=uuid4())),
    ):
        with refused(code):
            freeze(account)
        with refused(code):
            release(account)
