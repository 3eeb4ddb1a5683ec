"""What becomes of a transaction that waits in a request and is not carried out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core.operations import Ending
from transactions.models import State

ENDINGS: Final[Mapping[str, tuple[State, Promise]]] = {
    Ending.REJECTED: (State.REJECTED, _("A reviewer rejected it.")),
    Ending.WITHDRAWN: (State.REJECTED, _("Its maker withdrew it.")),
    Ending.AMENDED: (State.REJECTED, _("Its maker replaced it by an amended version.")),
    Ending.EXPIRED: (State.EXPIRED, _("It was not approved in time.")),
    Ending.STALE: (State.FAILED, _("What it touches had changed before it was approved.")),
    Ending.FAILED: (State.FAILED, _("It was approved, but could not be carried out.")),
}
"""The state it ends in and the reason that is told, by `Ending`."""
