"""The shapes of what the API answers, for its description; `outputs` writes them, and a test compares the two."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from transactions.services.partner_orders import CANCELLED, STATUSES

Shape = serializers.Serializer[Any]


def _amount() -> serializers.CharField:
    return serializers.CharField(help_text="A decimal string with all the currency's decimal places: 1250.00")


class BalanceNow(Shape):
    """What is on an account: `available` is what can be paid from it, null without a limit."""

    ledger = _amount()
    held = _amount()
    available = serializers.CharField(allow_null=True)


class AccountShape(Shape):
    """A customer's account."""

    id = serializers.CharField()
    object = serializers.ChoiceField(["account"])
    number = serializers.CharField()
    name = serializers.CharField()
    currency = serializers.CharField()
    status = serializers.ChoiceField(["pending", "active", "dormant", "closed"])
    restriction = serializers.ChoiceField(["none", "block_debit", "block_credit", "block_all"])
    balance = BalanceNow()
    as_of = serializers.DateTimeField()


class BalanceThen(Shape):
    """The ledger balance that stood on an account at a moment."""

    object = serializers.ChoiceField(["balance"])
    account = serializers.CharField()
    ledger = _amount()
    currency = serializers.CharField()
    at = serializers.DateTimeField()


class PostingShape(Shape):
    """A line of an account's statement; `transfer` is null where another ordered it."""

    id = serializers.CharField()
    object = serializers.ChoiceField(["posting"])
    transfer = serializers.CharField(allow_null=True)
    reference = serializers.CharField(allow_blank=True)
    direction = serializers.ChoiceField(["debit", "credit"])
    amount = _amount()
    currency = serializers.CharField()
    balance_after = _amount()
    booking_date = serializers.DateField()
    value_date = serializers.DateField()
    posted_at = serializers.DateTimeField()
    description = serializers.CharField()


class ApprovalShape(Shape):
    """The approval request that a transfer waits in."""

    id = serializers.CharField()
    reference = serializers.CharField()
    stage = serializers.IntegerField()
    stages = serializers.IntegerField()
    expires_at = serializers.DateTimeField()
    waiting_for = serializers.ChoiceField(["bank", "you"])


class TransferShape(Shape):
    """A transfer that the partner ordered. Money has moved when `status` is `posted`, and only then."""

    id = serializers.CharField()
    object = serializers.ChoiceField(["transfer"])
    status = serializers.ChoiceField(sorted({*STATUSES.values(), CANCELLED}))
    reference = serializers.CharField()
    bank_reference = serializers.CharField()
    amount = _amount()
    currency = serializers.CharField()
    from_account = serializers.CharField()
    to_account = serializers.CharField()
    narrative = serializers.CharField(allow_blank=True)
    approval = ApprovalShape(allow_null=True)
    held_because = serializers.CharField(allow_null=True)
    possible_duplicate_of = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    booking_date = serializers.DateField(allow_null=True)
    metadata = serializers.DictField(child=serializers.CharField())
    livemode = serializers.BooleanField()
    links = serializers.DictField(child=serializers.CharField())
