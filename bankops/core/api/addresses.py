"""Ids in addresses: `/api/v1/transfers/tr_…`."""

from __future__ import annotations

from uuid import UUID

from bankops.core import ids
from bankops.core.api import errors
from bankops.core.errors import InvalidId


def key_in(public_id: str, prefix: str) -> UUID:
    """Return the key behind an id in an address.

    :raises NotFound: when it is no id of this kind.
    """
    try:
        return ids.decode(prefix, public_id)
    except InvalidId:
        raise errors.NotFound from None
