"""Where the customer was who ordered a payment: what partners may say of it, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.validation import country
from accounts.validation.errors import UnknownCountry
from bankops.core.api import errors
from bankops.core.api.fields import InputSerializer, TextField, complain
from bankops.core.errors import BankOpsError
from partners.networks import plain_address
from risk.origin import ADDRESS_MAX, DEVICE_MAX, Origin
from transactions.errors import InvalidIpAddress


@extend_schema_field({"type": "string", "maxLength": ADDRESS_MAX, "examples": ["203.0.113.7", "2001:db8::7"]})
class AddressField(serializers.Field[str, Any, str, Any]):
    """A network address, IPv4 or IPv6, in one writing."""

    codes = frozenset({"field_invalid", InvalidIpAddress.code})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            complain(errors.FieldInvalid())
        address = plain_address(data.strip()) if len(data) <= ADDRESS_MAX else None
        if address is None:
            complain(InvalidIpAddress(address=data[:ADDRESS_MAX]))
        return address

    def to_representation(self, value: str) -> str:
        return value


@extend_schema_field({"type": "string", "pattern": "^[A-Z]{2}$", "examples": ["CN"]})
class CountryField(serializers.Field[str, Any, str, Any]):
    """An ISO 3166-1 code of two letters."""

    codes = frozenset({"field_invalid", UnknownCountry.code})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            complain(errors.FieldInvalid())
        try:
            return country.clean(data[:10])
        except BankOpsError as error:
            complain(error)

    def to_representation(self, value: str) -> str:
        return value


class ContextInput(InputSerializer):
    """Where the customer was at the moment of the order, as far as the partner knows. Leave out what is not the customer's own:
    the address of a server, the till of a counter.
    """

    device_id = TextField(
        max_length=DEVICE_MAX,
        required=False,
        help_text="What you know the customer's device by: the same for the same.",
    )
    ip_address = AddressField(required=False, help_text="Of the network that the customer's device was in.")
    country = CountryField(required=False, help_text="Where the customer's device was (ISO 3166-1).")


class WithContext(InputSerializer):
    """A form for what moves a customer's money."""

    # A field of this name, and not the serializer's own context, which stays what it is.
    context = ContextInput(required=False, default=dict)  # type: ignore[assignment]


@cache
def _form() -> ContextInput:
    return ContextInput()


def read_origin(data: Mapping[str, Any]) -> Origin:
    """Return what `ContextInput` makes of a context, in the words of risk, without a form of its own: for items of batches.

    :raises ValidationError: naming the fields that are wrong.
    """
    told = _form().run_validation(data)
    return Origin(told.get("device_id", ""), told.get("ip_address", ""), told.get("country", ""))
