"""The shapes of what the API answers about batches, for its description."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from bankops.core.api.examples import told
from bankops.core.api.schema_problems import Coded
from transactions.api import examples
from transactions.api.shapes import ApprovalShape, TransferReference
from transactions.transfer_batches.standing import BATCH_STATUSES, ITEM_STATUSES

Shape = serializers.Serializer[Any]


@extend_schema_serializer(examples=told(posted=examples.ITEM, refused=examples.ITEM_REFUSED))
class BatchItemShape(Coded):
    """One transfer of a batch. `transfer` once there is one; `code` and `param` where it was refused."""

    position = serializers.IntegerField()
    object = serializers.ChoiceField(["transfer_batch_item"])
    reference = serializers.CharField()
    amount = serializers.CharField(help_text="A decimal string in the batch's currency.")
    from_account = serializers.CharField()
    to_account = serializers.CharField()
    status = serializers.ChoiceField(list(ITEM_STATUSES))
    transfer = TransferReference(allow_null=True)
    code = serializers.CharField(allow_null=True)
    param = serializers.CharField(allow_null=True)


@extend_schema_serializer(examples=told(partly_posted=examples.BATCH))
class BatchShape(Shape):
    """A batch of transfers. `counts` says how many of its items have which status; money has moved for those `posted`."""

    id = serializers.CharField()
    object = serializers.ChoiceField(["transfer_batch"])
    status = serializers.ChoiceField(list(BATCH_STATUSES))
    reference = serializers.CharField()
    currency = serializers.CharField()
    all_or_nothing = serializers.BooleanField()
    item_count = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField())
    total = serializers.CharField(help_text="Of all items, as a decimal string.")
    posted_total = serializers.CharField(help_text="Of the items that were posted.")
    approval = ApprovalShape(allow_null=True)
    created_at = serializers.DateTimeField()
    metadata = serializers.DictField(child=serializers.CharField())
    livemode = serializers.BooleanField()
    links = serializers.DictField(child=serializers.CharField())


@extend_schema_serializer(
    examples=[
        *told(partly_posted=examples.BATCH_PLACED),
        *told("202", awaiting_approval=examples.BATCH_WAITING),
    ]
)
class PlacedBatchShape(BatchShape):
    """A batch as it is answered when it is placed: with what became of each item, in their order."""

    items = BatchItemShape(many=True)
