"""What partners' systems may write: these fields and no others (`status` and `approved_by` are not theirs to set)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Account
from bankops.core import ids
from bankops.core.api import errors
from bankops.core.api.fields import InputSerializer, MetadataField, MoneyInput, TextField, complain, complaint
from bankops.core.errors import BankOpsError
from bankops.core.texts import REASON_MAX
from transactions.errors import AmountNotPositive
from transactions.models import Transaction

REFERENCE_MAX = 35
"""Characters of an end-to-end identification (ISO 20022, Max35Text)."""
NARRATIVE_MAX = Transaction._meta.get_field("narrative").max_length


@extend_schema_field({"type": "string", "pattern": "^acc_[0-9a-z]{26}$"})
class AccountIdField(serializers.Field[str, Any, str, Any]):
    """An account's id, as it was written: `acc_…`."""

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


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantField(serializers.Field[datetime, Any, str, Any]):
    """A moment with its zone (RFC 3339): `2026-11-22T09:30:00Z`. Without one it could be a day's length off."""

    def to_internal_value(self, data: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(data) if isinstance(data, str) else None
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            complain(errors.FieldInvalid())
        return moment.astimezone(UTC)

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


class TransferInput(MoneyInput):
    """A transfer to be made. `reference` is the partner's own, once and for all: a second transfer under it is refused."""

    from_account = AccountIdField()
    to_account = PayeeField()
    reference = TextField(max_length=REFERENCE_MAX)
    narrative = TextField(max_length=NARRATIVE_MAX, required=False, default="", allow_blank=True)
    metadata = MetadataField(required=False, default=dict)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        told = super().validate(attrs)
        if told["money"].minor <= 0:
            raise serializers.ValidationError({"amount": [complaint(AmountNotPositive())]})
        return told


class CancelInput(InputSerializer):
    """Why a transfer is taken back."""

    reason = TextField(max_length=REASON_MAX)


class MetadataInput(InputSerializer):
    """New metadata of a transfer, in the place of all it had."""

    metadata = MetadataField()
