"""What lists of payments, holds and batches are narrowed by alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Q
from rest_framework import serializers

from accounts.models import Account
from bankops.core.api.errors import FieldRequired
from bankops.core.api.fields import (
    AmountField,
    CurrencyField,
    InputSerializer,
    InstantField,
    MoneyInput,
    PublicIdField,
    complaint,
)
from bankops.core.errors import BankOpsError
from bankops.core.money import Money
from transactions.models.transfer_batch import REFERENCE_MAX

BY_STATUS: Final = "Only those that stand so now."
OF_MONEY: Final[Mapping[str, str]] = {"currency": "currency", "amount": "amount"}


class Narrowing(InputSerializer):
    """What all these lists can be narrowed by."""

    reference = serializers.CharField(
        max_length=REFERENCE_MAX, required=False, help_text="Only the one under this reference of yours."
    )
    created_from = InstantField(required=False, help_text="Only those made at this moment or later (RFC 3339).")
    created_to = InstantField(required=False, help_text="Only those made before this moment (RFC 3339).")


class OfMoney(Narrowing):
    """What lists of payments and holds can be narrowed by: beside that, what each is about."""

    codes = MoneyInput.codes | {"field_required"}

    currency = CurrencyField(required=False, help_text="Only those in this currency (ISO 4217).")
    amount = AmountField(required=False, help_text="Only those of exactly this amount; it takes `currency` too.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Read the amount in its currency: minor units, as `amount`."""
        if "amount" not in attrs:
            return attrs
        if "currency" not in attrs:
            raise serializers.ValidationError({"currency": [complaint(FieldRequired())]})
        try:
            return {**attrs, "amount": Money.parse(attrs["amount"], attrs["currency"]).minor}
        except BankOpsError as error:
            raise serializers.ValidationError({"amount": [complaint(error)]}) from error


def narrowed(wanted: Mapping[str, Any], columns: Mapping[str, str]) -> Q:
    """Return the condition that the parameters make of these columns.

    :param wanted: what a form made of them; those with no column count for nothing here.
    """
    return Q(**{column: wanted[name] for name, column in {**OF_MONEY, **columns}.items() if name in wanted})


def by_account() -> PublicIdField:
    """Return the filter for one account."""
    return PublicIdField(Account.ID_PREFIX, required=False, help_text="Only those with this account, `acc_…`, here.")
