"""What lists of payments, holds and batches are narrowed by alike."""

from __future__ import annotations

from typing import Final

from rest_framework import serializers

from accounts.models import Account
from bankops.core.api.fields import InputSerializer, PublicIdField
from transactions.api.inputs import REFERENCE_MAX, InstantField

BY_STATUS: Final = "Only those that stand so now."


class Narrowing(InputSerializer):
    """What all these lists can be narrowed by."""

    reference = serializers.CharField(
        max_length=REFERENCE_MAX, required=False, help_text="Only the one under this reference of yours."
    )
    created_from = InstantField(required=False, help_text="Only those made at this moment or later (RFC 3339).")
    created_to = InstantField(required=False, help_text="Only those made before this moment (RFC 3339).")


def by_account() -> PublicIdField:
    """Return the filter for one account."""
    return PublicIdField(Account.ID_PREFIX, required=False, help_text="Only those with this account, `acc_…`, here.")
