"""What partners' systems may write: these fields and no others (`status` and `approved_by` are not theirs to set)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.models import Account
from bankops.core import ids
from bankops.core.api import errors
from bankops.core.api.fields import (
    InputSerializer,
    InstantField,
    MetadataField,
    MoneyInput,
    TextField,
    complain,
    complaint,
)
from bankops.core.errors import BankOpsError
from bankops.core.texts import REASON_MAX
from transactions.api import examples
from transactions.api.context import WithContext
from transactions.errors import AmountNotPositive
from transactions.models import Transaction
from transactions.models.transfer_batch import REFERENCE_MAX

GENUINE_BECAUSE_MAX = 200
NARRATIVE_MAX = Transaction._meta.get_field("narrative").max_length


@extend_schema_field({"type": "string", "pattern": "^acc_[0-9a-z]{26}$"})
class AccountIdField(serializers.Field[str, Any, str, Any]):
    """An account's id, as it was written: `acc_…`."""

    codes = frozenset({"field_invalid", "invalid_id"})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            complain(errors.FieldInvalid())
        try:
            return ids.encode(Account.ID_PREFIX, ids.decode(Account.ID_PREFIX, data[:80]))
        except BankOpsError as error:
            complain(error)

    def to_representation(self, value: str) -> str:
        return value


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "pattern": "^acc_[0-9a-z]{26}$"},
            {
                "type": "object",
                "properties": {"number": {"type": "string", "minLength": 1, "maxLength": 40}},
                "required": ["number"],
                "additionalProperties": False,
            },
        ]
    }
)
class PayeeField(AccountIdField):
    """An account by id, `acc_…`, or by number, `{"number": "6200 0000 0012"}`: the id or number, as it was written."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, dict):
            return super().to_internal_value(data)
        number = data.get("number")
        if set(data) != {"number"} or not isinstance(number, str) or not 0 < len(number.strip()) <= 40:
            complain(errors.FieldInvalid())
        return number.strip()


class SumInput(MoneyInput):
    """An amount to be moved, under a reference: the partner's own, once and for all. A second payment under it is refused."""

    codes = MoneyInput.codes | {AmountNotPositive.code}
    reference = TextField(max_length=REFERENCE_MAX)
    narrative = TextField(max_length=NARRATIVE_MAX, required=False, default="", allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        told = super().validate(attrs)
        if told["money"].minor <= 0:
            raise serializers.ValidationError({"amount": [complaint(AmountNotPositive())]})
        return told


@extend_schema_serializer(examples=examples.asked("TransferInput"))
class TransferInput(SumInput, WithContext):
    """A transfer to be made."""

    from_account = AccountIdField()
    to_account = PayeeField()
    metadata = MetadataField(required=False, default=dict)


@extend_schema_serializer(examples=examples.asked("DepositInput"))
class DepositInput(SumInput, WithContext):
    """Cash that an agent took in: debit its own account, credit the customer's."""

    agent_account = AccountIdField()
    customer_account = PayeeField()
    metadata = MetadataField(required=False, default=dict)


@extend_schema_serializer(examples=examples.asked("WithdrawalInput"))
class WithdrawalInput(SumInput, WithContext):
    """Cash that an agent pays out: debit the customer's account, credit its own."""

    customer_account = AccountIdField()
    agent_account = AccountIdField()
    metadata = MetadataField(required=False, default=dict)


@extend_schema_serializer(examples=examples.asked("RefundInput"))
class RefundInput(SumInput, WithContext):
    """What is to be given back of a transfer: the whole, or a part."""

    metadata = MetadataField(required=False, default=dict)


@extend_schema_serializer(examples=examples.asked("HoldInput"))
class HoldInput(SumInput):
    """Money to be held for a payee. Without `expires_at` it is given back after seven days.

    What looks like a payment or another hold is refused, unless `genuine_because` says why both are wanted.
    """

    from_account = AccountIdField()
    to_account = PayeeField()
    expires_at = InstantField(required=False, default=None)
    genuine_because = TextField(max_length=GENUINE_BECAUSE_MAX, required=False, default="", allow_blank=True)
    metadata = MetadataField(required=False, default=dict)


@extend_schema_serializer(examples=examples.asked("CaptureInput"))
class CaptureInput(SumInput, WithContext):
    """What of a hold is to be paid: the whole, or a part, the rest of which is given back at once."""


@extend_schema_serializer(examples=examples.asked("PayeeCheckInput"))
class PayeeCheckInput(InputSerializer):
    """An account number, with or without spaces, and a name (ISO 20022, Max140Text)."""

    account_number = TextField(max_length=40)
    name = TextField(max_length=140)


@extend_schema_serializer(examples=examples.asked("ReasonInput"))
class ReasonInput(InputSerializer):
    """Why it is done."""

    reason = TextField(max_length=REASON_MAX)


@extend_schema_serializer(examples=examples.asked("MetadataInput"))
class MetadataInput(InputSerializer):
    """New metadata of a payment or a hold, in the place of all it had."""

    metadata = MetadataField()
