"""What a batch of transfers is written with. Its items are read by plain code: a form for each of a thousand takes too long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, cast

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.models import Account
from bankops.core import ids
from bankops.core.api import errors
from bankops.core.api.fields import (
    AmountField,
    CurrencyField,
    InputSerializer,
    MetadataField,
    TextField,
    complain,
    complaint,
)
from bankops.core.api.operation_codes import of_form
from bankops.core.errors import AmountTooLarge, BankOpsError, TextTooLong
from bankops.core.money import Money
from risk.origin import UNKNOWN, Origin
from transactions.api import examples
from transactions.api.context import WithContext, read_origin
from transactions.api.filters import BY_STATUS, Narrowing
from transactions.api.inputs import NARRATIVE_MAX, AccountIdField, PayeeField, SumInput
from transactions.errors import AmountNotPositive, BatchTooLarge
from transactions.models.transfer_batch import REFERENCE_MAX
from transactions.refusals import CAPACITY
from transactions.transfer_batches.items import ITEMS_MAX, Line
from transactions.transfer_batches.standing import BATCH_STATUSES, ITEM_STATUSES

COMPLAINTS_MAX = 20
"""So many items are complained about at once; the rest is read when these are right."""


class ItemInput(WithContext):
    """One transfer of a batch: as a transfer of its own, in the batch's currency. For the description only; see `ItemsField`."""

    from_account = AccountIdField()
    to_account = PayeeField()
    amount = AmountField()
    reference = TextField(max_length=REFERENCE_MAX)
    narrative = TextField(max_length=NARRATIVE_MAX, required=False, default="", allow_blank=True)


class Written(NamedTuple):
    """An item whose fields are right one by one; what its amount comes to, the currency says."""

    payer: str
    payee: str
    amount: str
    reference: str
    narrative: str
    origin: Origin


@extend_schema_field(serializers.ListSerializer(child=ItemInput(), min_length=1, max_length=ITEMS_MAX))
class ItemsField(serializers.Field[list[Written], Any, Any, Any]):
    """The transfers of a batch, one to a thousand."""

    codes = frozenset(of_form(ItemInput()) | {BatchTooLarge.code})

    def to_internal_value(self, data: Any) -> list[Written]:
        if not isinstance(data, list):
            complain(errors.FieldInvalid())
        if not data:
            complain(errors.FieldRequired())
        if len(data) > ITEMS_MAX:
            complain(BatchTooLarge(limit=ITEMS_MAX, count=len(data)))
        return _Reading().all(data)

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_serializer(examples=examples.asked("BatchInput"))
class BatchInput(InputSerializer):
    """A batch of transfers. `reference` is the partner's own, once and for all; so is that of every item."""

    codes = SumInput.codes
    reference = TextField(max_length=REFERENCE_MAX)
    currency = CurrencyField()
    all_or_nothing = serializers.BooleanField(required=False, default=False)
    items = ItemsField()
    metadata = MetadataField(required=False, default=dict)

    def validate_all_or_nothing(self, value: bool) -> bool:
        """:raises ValidationError: for what is no truth value of JSON."""
        if not isinstance(self.initial_data.get("all_or_nothing", False), bool):
            complain(errors.FieldInvalid())
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Read the amounts in the batch's currency."""
        lines, wrong = [], dict[int, dict[str, list[ErrorDetail]]]()
        for position, item in enumerate(attrs["items"]):
            try:
                money = Money.parse(item.amount, attrs["currency"])
                if money.minor <= 0:
                    raise AmountNotPositive
                if money.minor > CAPACITY:
                    raise AmountTooLarge(value=item.amount)
                lines.append(Line(item.payer, item.payee, money.minor, item.reference, item.narrative, item.origin))
            except BankOpsError as error:
                wrong[position] = {"amount": [complaint(error)]}
        if wrong:
            raise serializers.ValidationError({"items": _in_order(wrong)})
        _refuse_too_much(lines, attrs["currency"])
        return {**attrs, "lines": lines}


class BatchFilters(Narrowing):
    """What a list of batches can be narrowed by."""

    status = serializers.ChoiceField(choices=sorted(BATCH_STATUSES), required=False, help_text=BY_STATUS)
    currency = CurrencyField(required=False, help_text="Only those in this currency (ISO 4217).")


class ItemFilters(InputSerializer):
    """What the items of a batch can be narrowed by."""

    status = serializers.ChoiceField(choices=sorted(ITEM_STATUSES), required=False, help_text=BY_STATUS)


class _Reading:
    """One request's items being read. The same account comes many times, and is understood once."""

    def __init__(self) -> None:
        self._accounts: dict[str, str] = {}

    def all(self, data: list[Any]) -> list[Written]:
        """:raises ValidationError: naming the fields that are wrong, of the first items that have any."""
        read, wrong = [], dict[int, dict[str, list[ErrorDetail]]]()
        for position, item in enumerate(data):
            try:
                read.append(self._item(item))
            except _Wrong as found:
                wrong[position] = found.fields
                if len(wrong) == COMPLAINTS_MAX:
                    break
        if wrong:
            raise serializers.ValidationError(_in_order(wrong))
        return read

    def _item(self, item: Any) -> Written:
        if not isinstance(item, Mapping):
            raise _Wrong({"non_field_errors": [complaint(errors.FieldInvalid())]})
        if not item.keys() <= _READERS.keys():
            raise _Wrong({name[:80]: [complaint(errors.UnknownField())] for name in item.keys() - _READERS.keys()})
        values, wrong = [], {}
        for name, reader in _READERS.items():
            try:
                values.append(reader(self, item.get(name, _MISSING)))
            except BankOpsError as error:
                wrong[name] = [complaint(error)]
            except serializers.ValidationError as error:
                wrong[name] = cast(list[ErrorDetail], error.detail)
        if wrong:
            raise _Wrong(wrong)
        return Written(*values)

    def account(self, value: Any) -> str:
        """:raises InvalidId, FieldInvalid, FieldRequired: for what is no account's id."""
        _refuse_missing(value)
        if not isinstance(value, str):
            raise errors.FieldInvalid
        if value not in self._accounts:
            ids.decode(Account.ID_PREFIX, value[:80])
            self._accounts[value] = value[:80].strip().lower()  # as `encode` would write it again
        return self._accounts[value]

    def payee(self, value: Any) -> str:
        """:raises InvalidId, FieldInvalid, FieldRequired: for what is neither an id nor a number."""
        if not isinstance(value, Mapping):
            return self.account(value)
        number = value.get("number")
        if value.keys() != {"number"} or not isinstance(number, str) or not 0 < len(number.strip()) <= 40:
            raise errors.FieldInvalid
        return number.strip()

    def amount(self, value: Any) -> str:
        """:raises FieldRequired, ValidationError: for what is no decimal string."""
        _refuse_missing(value)
        return _AMOUNT.to_internal_value(value)

    def reference(self, value: Any) -> str:
        """:raises FieldInvalid, FieldRequired, TextTooLong: for what is no text of 1 to 35 characters."""
        _refuse_missing(value)
        told = _text(value, "reference", REFERENCE_MAX)
        if not told:
            raise errors.FieldRequired
        return told

    def narrative(self, value: Any) -> str:
        """:raises FieldInvalid, FieldRequired, TextTooLong: for what is no short text; null is none, and is no text either."""
        if value is _MISSING:
            return ""
        _refuse_missing(value)
        return _text(value, "narrative", NARRATIVE_MAX or 0)

    def context(self, value: Any) -> Origin:
        """:raises FieldRequired, FieldInvalid, ValidationError: for what is none; null is none, too."""
        if value is _MISSING:
            return UNKNOWN
        _refuse_missing(value)
        if not isinstance(value, Mapping):
            raise errors.FieldInvalid
        return read_origin(value) if value else UNKNOWN


class _Wrong(Exception):
    def __init__(self, fields: dict[str, list[ErrorDetail]]) -> None:
        super().__init__(fields)
        self.fields = fields


_MISSING = object()
_AMOUNT = AmountField()
_READERS: dict[str, Callable[[_Reading, Any], Any]] = {
    "from_account": _Reading.account,
    "to_account": _Reading.payee,
    "amount": _Reading.amount,
    "reference": _Reading.reference,
    "narrative": _Reading.narrative,
    "context": _Reading.context,
}
"""How each field of an item is read, in the order of `Written`."""


def _refuse_too_much(lines: Iterable[Line], currency: str) -> None:
    """:raises ValidationError: when the books could not hold the sum."""
    try:
        Money(sum(line.amount for line in lines), currency)
    except AmountTooLarge as error:
        raise serializers.ValidationError({"items": [complaint(error)]}) from error


def _refuse_missing(value: Any) -> None:
    if value is _MISSING or value is None:
        raise errors.FieldRequired


def _text(value: Any, field: str, limit: int) -> str:
    if not isinstance(value, str):
        raise errors.FieldInvalid
    told = value.strip()
    if len(told) > limit:
        raise TextTooLong(field=field, limit=limit, count=len(told))
    return told


def _in_order(wrong: dict[int, dict[str, list[ErrorDetail]]]) -> list[dict[str, list[ErrorDetail]]]:
    """Return complaints as the framework has them of a list: one for each item, empty where there is none."""
    return [wrong.get(position, {}) for position in range(max(wrong) + 1)]
