"""The shapes of what the API answers, for its description; `outputs` writes them, and a test compares the two."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from bankops.core.api.examples import told
from transactions.api import examples
from transactions.services.partner_holds import STATUSES as HOLD_STATUSES
from transactions.services.partner_orders import CANCELLED, STATUSES
from transactions.services.telling import UNDER_REVIEW

Shape = serializers.Serializer[Any]


def _amount() -> serializers.CharField:
    return serializers.CharField(help_text="A decimal string with all the currency's decimal places: 1250.00")


class BalanceNow(Shape):
    """What is on an account: `available` is what can be paid from it, null without a limit."""

    ledger = _amount()
    held = _amount()
    available = serializers.CharField(allow_null=True)


@extend_schema_serializer(examples=told(account=examples.ACCOUNT))
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


@extend_schema_serializer(examples=told(balance=examples.BALANCE))
class BalanceThen(Shape):
    """The ledger balance that stood on an account at a moment."""

    object = serializers.ChoiceField(["balance"])
    account = serializers.CharField()
    ledger = _amount()
    currency = serializers.CharField()
    at = serializers.DateTimeField()


@extend_schema_serializer(examples=told(posting=examples.POSTING))
class PostingShape(Shape):
    """A line of an account's statement. One field names the partner's own order that made it; another's are all null."""

    id = serializers.CharField(help_text="pst_…")
    object = serializers.ChoiceField(["posting"])
    transfer = serializers.CharField(allow_null=True)
    deposit = serializers.CharField(allow_null=True)
    withdrawal = serializers.CharField(allow_null=True)
    refund = serializers.CharField(allow_null=True)
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


@extend_schema_field({"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/AccountShape"}]})
class AccountReference(serializers.CharField):
    """An account: its id, the number it was named by, or, expanded, the account."""


@extend_schema_field({"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/TransferShape"}]})
class TransferReference(serializers.CharField):
    """A transfer: its id or, expanded, the transfer."""


@extend_schema_field({"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/DepositShape"}]})
class DepositReference(serializers.CharField):
    """A deposit: its id or, expanded, the deposit."""


@extend_schema_field({"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/WithdrawalShape"}]})
class WithdrawalReference(serializers.CharField):
    """A withdrawal: its id or, expanded, the withdrawal."""


class PaymentShape(Shape):
    """What all payments have. Money has moved when `status` is `posted`, and only then.

    One that is held back as a possible duplicate looks like `possible_duplicate_of`, is the `ordinal`-th of its like, and waits
    until `confirm_by`. One that is `under_review` waits for the bank.
    """

    id = serializers.CharField()
    status = serializers.ChoiceField(sorted({*STATUSES.values(), CANCELLED}))
    reference = serializers.CharField()
    bank_reference = serializers.CharField()
    amount = _amount()
    currency = serializers.CharField()
    narrative = serializers.CharField(allow_blank=True)
    approval = ApprovalShape(allow_null=True)
    created_at = serializers.DateTimeField()
    booking_date = serializers.DateField(allow_null=True)
    metadata = serializers.DictField(child=serializers.CharField())
    livemode = serializers.BooleanField()
    links = serializers.DictField(child=serializers.CharField())


class ComparedShape(PaymentShape):
    """A payment that is compared with others, and held back when it looks like one."""

    held_because = serializers.ChoiceField(["possible_duplicate", UNDER_REVIEW], allow_null=True)
    possible_duplicate_of = serializers.CharField(allow_null=True)
    ordinal = serializers.IntegerField(allow_null=True)
    confirm_by = serializers.DateTimeField(allow_null=True)


@extend_schema_serializer(
    examples=[
        *told(posted=examples.TRANSFER),
        *told(
            "202",
            awaiting_approval=examples.TRANSFER_WAITING,
            held=examples.TRANSFER_HELD,
            under_review=examples.TRANSFER_UNDER_REVIEW,
        ),
    ]
)
class TransferShape(ComparedShape):
    """A transfer that the partner ordered. Money has moved when `status` is `posted`, and only then."""

    object = serializers.ChoiceField(["transfer"])
    from_account = AccountReference()
    to_account = AccountReference()
    possible_duplicate_of = TransferReference(allow_null=True)
    refunded = _amount()


@extend_schema_serializer(
    examples=[
        *told(posted=examples.DEPOSIT),
        *told("202", awaiting_approval=examples.waiting(examples.DEPOSIT)),
    ]
)
class DepositShape(ComparedShape):
    """Cash that an agent took in for a customer."""

    object = serializers.ChoiceField(["deposit"])
    agent_account = AccountReference()
    customer_account = AccountReference()
    possible_duplicate_of = DepositReference(allow_null=True)


@extend_schema_serializer(
    examples=[
        *told(posted=examples.WITHDRAWAL),
        *told("202", awaiting_approval=examples.waiting(examples.WITHDRAWAL)),
    ]
)
class WithdrawalShape(ComparedShape):
    """Cash that an agent paid out for a customer."""

    object = serializers.ChoiceField(["withdrawal"])
    customer_account = AccountReference()
    agent_account = AccountReference()
    possible_duplicate_of = WithdrawalReference(allow_null=True)


@extend_schema_serializer(
    examples=[
        *told(posted=examples.REFUND),
        *told("202", awaiting_approval=examples.waiting(examples.REFUND)),
    ]
)
class RefundShape(PaymentShape):
    """A part of a transfer that is given back. `left` is what can still be given back."""

    object = serializers.ChoiceField(["refund"])
    refund_of = TransferReference()
    refunded_total = _amount()
    left = _amount()


@extend_schema_serializer(examples=told(page=examples.REFUNDS))
class RefundPage(Shape):
    """A page of what was given back of a transfer, with the sum of all, which counts what waits, and what is left."""

    data = RefundShape(many=True)  # type: ignore[assignment]  # a field
    has_more = serializers.BooleanField()
    next_cursor = serializers.CharField(allow_null=True)
    refunded_total = _amount()
    left = _amount()


@extend_schema_serializer(
    examples=[
        *told(pending=examples.HOLD, captured=examples.HOLD_CAPTURED),
        *told("202", awaiting_approval=examples.HOLD_WAITING),
    ]
)
class HoldShape(Shape):
    """Money held for a payee until `expires_at`, to be captured once, in full or in part, or released."""

    id = serializers.CharField()
    object = serializers.ChoiceField(["hold"])
    status = serializers.ChoiceField(sorted(HOLD_STATUSES.values()))
    reference = serializers.CharField()
    amount = _amount()
    currency = serializers.CharField()
    from_account = AccountReference()
    to_account = AccountReference()
    narrative = serializers.CharField(allow_blank=True)
    captured = serializers.CharField(allow_null=True)
    transfer = TransferReference(allow_null=True)
    approval = ApprovalShape(allow_null=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    metadata = serializers.DictField(child=serializers.CharField())
    livemode = serializers.BooleanField()
    links = serializers.DictField(child=serializers.CharField())


@extend_schema_serializer(examples=told(nearly=examples.PAYEE_CHECK))
class PayeeCheckShape(Shape):
    """Whether a name fits an account number. It never says whose the account is, or whether there is one."""

    object = serializers.ChoiceField(["payee_check"])
    result = serializers.ChoiceField(["match", "close_match", "no_match"])
