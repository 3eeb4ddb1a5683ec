"""Fields and forms of the API: what is not asked for is refused, and a text is a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, NoReturn
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from bankops.core import ids
from bankops.core.api import errors
from bankops.core.errors import BankOpsError, InvalidAmount
from bankops.core.money import Money, exponent

YEARS = range(1900, 3000)
"""In which years a moment can be: no others are the bank's business, and arithmetic fails at both ends of the calendar."""
METADATA_FIELDS_MAX = 20
METADATA_VALUE_MAX = 500
_METADATA_NAME = re.compile(r"[a-z0-9_]{1,40}")
_AMOUNT = re.compile(r"[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)


def complaint(error: BankOpsError) -> ErrorDetail:
    """Return a refusal as what a form says about one field."""
    return ErrorDetail(str(error), code=error.code)


def complain(error: BankOpsError) -> NoReturn:
    """:raises ValidationError: with this error, about the field at hand."""
    raise ValidationError([complaint(error)])


@extend_schema_field({"type": "string", "pattern": r"^[0-9]{1,30}(\.[0-9]{1,30})?$", "examples": ["1250.00"]})
class AmountField(serializers.Field[str, Any, str, Any]):
    """A decimal string without sign: `"1250.00"`. How many decimal places fit, the currency says (`MoneyInput`)."""

    codes = frozenset({"amount_not_a_string", "invalid_amount"})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            complain(errors.AmountNotAString())
        if not _AMOUNT.fullmatch(data):
            complain(InvalidAmount(value=data[:40]))
        return data

    def to_representation(self, value: str) -> str:
        return value


@extend_schema_field({"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["CNY"]})
class CurrencyField(serializers.Field[str, Any, str, Any]):
    """An ISO 4217 code."""

    codes = frozenset({"field_invalid", "unknown_currency"})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            complain(errors.FieldInvalid())
        try:
            exponent(data)
        except BankOpsError as error:
            complain(error)
        return data

    def to_representation(self, value: str) -> str:
        return value


@extend_schema_field(OpenApiTypes.STR)
class PublicIdField(serializers.Field[UUID, Any, str, Any]):
    """An id of one kind, `acc_…` for instance; its UUID inside."""

    codes = frozenset({"field_invalid", "invalid_id"})

    def __init__(self, prefix: str, **kwargs: Any) -> None:
        self.prefix = prefix
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            complain(errors.FieldInvalid())
        try:
            return ids.decode(self.prefix, data[:80])
        except BankOpsError as error:
            complain(error)

    def to_representation(self, value: UUID) -> str:
        return ids.encode(self.prefix, value)


class TextField(serializers.CharField):
    """A text, without space around it. Numbers and truth values are not texts."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            complain(errors.FieldInvalid())
        return str(super().to_internal_value(data))


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": METADATA_VALUE_MAX},
        "maxProperties": METADATA_FIELDS_MAX,
    }
)
class MetadataField(serializers.Field[dict[str, str], Any, dict[str, str], Any]):
    """What the partner wants to keep beside a record; the bank does nothing with it."""

    codes = frozenset({"metadata_unacceptable"})

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict) or len(data) > METADATA_FIELDS_MAX or not all(map(_is_entry, data.items())):
            complain(errors.MetadataUnacceptable(fields=METADATA_FIELDS_MAX, length=METADATA_VALUE_MAX))
        return data

    def to_representation(self, value: dict[str, str]) -> dict[str, str]:
        return value


def _is_entry(entry: tuple[str, Any]) -> bool:
    name, value = entry
    return bool(_METADATA_NAME.fullmatch(name)) and isinstance(value, str) and len(value) <= METADATA_VALUE_MAX


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantField(serializers.Field[datetime, Any, str, Any]):
    """A moment with its zone (RFC 3339): `2026-11-22T09:30:00Z`. Without one it could be a day's length off."""

    def to_internal_value(self, data: Any) -> datetime:
        moment = _moment(data) if isinstance(data, str) else None
        if moment is None or moment.year not in YEARS:
            complain(errors.FieldInvalid())
        return moment

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


def _moment(text: str) -> datetime | None:
    """Return a moment in UTC; None for what is none, has no zone, or is in no year there."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


class InputSerializer(serializers.Serializer[Any]):
    """A form that refuses what it does not know: `status`, `balance` and `approved_by` are not the partner's to set.

    Attributes:
        codes: what it refuses with beside what its fields do, for the API's description (`operation_codes`).

    """

    codes: ClassVar[frozenset[str]] = frozenset()

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            if self.parent is None:
                raise errors.NotAnObject
            raise ValidationError({"non_field_errors": [complaint(errors.FieldInvalid())]})
        known = {name for name, field in self.fields.items() if not field.read_only}
        if unknown := [name for name in data if name not in known]:
            raise ValidationError({str(name)[:80]: [complaint(errors.UnknownField())] for name in unknown})
        return dict(super().to_internal_value(data))


class MoneyInput(InputSerializer):
    """A form with an amount and its currency, together as `money` in what it validated."""

    codes = frozenset({"amount_too_precise", "amount_too_large"})
    amount = AmountField()
    currency = CurrencyField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            money = Money.parse(attrs["amount"], attrs["currency"])
        except BankOpsError as error:
            raise ValidationError({"amount": [complaint(error)]}) from error
        return {**attrs, "money": money}
