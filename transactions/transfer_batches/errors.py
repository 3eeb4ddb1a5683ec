"""Why a batch of transfers is refused as a whole. Items are refused with the codes of single transfers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class BatchRefused(BankOpsError):
    code = "batch_refused"
    message = _(
        "%(refused)s of %(count)s transfers cannot be made, and it was to be all or nothing. Nothing was moved; see the items."
    )

    def __init__(self, *, items: Sequence[tuple[int, str, str]] = (), **context: Any) -> None:
        """Remember which items are to blame: position, code, and the field or an empty text."""
        super().__init__(**context)
        self.items = tuple(items)


class UnknownBatch(BankOpsError):
    code = "unknown_batch"
    message = _("There is no batch %(batch)s.")
    http_status = 404


class BatchNotParked(BankOpsError):
    code = "batch_not_parked"
    message = _("Batch %(reference)s is %(state)s; only one that waits for approval can be carried out or ended.")
    http_status = 409


class BatchNotCancellable(BankOpsError):
    code = "batch_not_cancellable"
    message = _("Batch %(reference)s is %(status)s; only one that waits for approval can be cancelled.")
    http_status = 409


class NothingToApprove(BankOpsError):
    """Between the batch and its gate: what would have to wait for reviewers is refused already, each item for its own reason."""

    code = "nothing_to_approve"
    message = _("None of the transfers of this batch can be made.")


class ReferencesRaced(BankOpsError):
    """Between a batch and its placing: it is placed once more, and can see which of its references were used meanwhile."""

    code = "references_raced"
    message = _("One of its references was used a moment ago.")
