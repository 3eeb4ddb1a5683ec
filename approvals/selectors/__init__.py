from approvals.selectors.inbox import Scope, decidable, decidable_ids
from approvals.selectors.requests import (
    VIEW_PAYLOAD,
    may_read,
    open_about,
    open_as_shown_to,
    open_for,
    readable_by,
    readable_ids,
    takes_part,
)

__all__ = [
    "VIEW_PAYLOAD",
    "Scope",
    "decidable",
    "decidable_ids",
    "may_read",
    "open_about",
    "open_as_shown_to",
    "open_for",
    "readable_by",
    "readable_ids",
    "takes_part",
]
