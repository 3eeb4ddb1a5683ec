"""What `expand` tells whole where an id would stand: accounts that the partner may read, and its own transfers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from accounts import partner_access
from bankops.core import clock
from partners.caller import Caller
from transactions.api import outputs, reading
from transactions.partner_visibility import own_transfers

SIDES = ("from_account", "to_account")
OF_ACCOUNTS: Final = "accounts:read"
"""The scope without which no account is told whole, wherever it stands."""
OF_TRANSFERS: Final = "transfers:read"


def names(*own: str, of: str, takes: str) -> dict[str, str]:
    """Return what can be expanded where `of` is a transfer, with the scopes: these accounts, itself, and its two accounts.

    :param takes: the scope that `of` needs beside the view's own, if any.
    """
    accounts_named = (*own, *(f"{of}.{side}" for side in SIDES))
    return {of: takes, **dict.fromkeys(accounts_named, OF_ACCOUNTS)}


def inside(wanted: Collection[str], of: str) -> set[str]:
    """Return what is wanted of the record that is named `of`: of `transfer.to_account`, `to_account`."""
    return {name.removeprefix(f"{of}.") for name in wanted if name.startswith(f"{of}.")}


def accounts(caller: Caller, records: Sequence[Mapping[str, UUID]], wanted: Collection[str]) -> list[outputs.JSON]:
    """Return, record by record, those of its accounts that are wanted whole and that the partner may read; one query for all.

    :param records: the keys of each record's accounts, by the name of the field.
    """
    asked = [{field: pk for field, pk in sides.items() if field in wanted} for sides in records]
    keys = {pk for sides in asked for pk in sides.values()}
    readable = partner_access.readable_accounts(caller.group_id).in_bulk(list(keys)) if keys else {}
    now = clock.now()
    whole = {pk: outputs.account(account, now=now) for pk, account in readable.items()}
    return [{field: whole[pk] for field, pk in sides.items() if pk in whole} for sides in asked]


def transfers(caller: Caller, keys: Collection[UUID], wanted: Collection[str]) -> dict[UUID, outputs.JSON]:
    """Return the partner's own transfers with these keys, with those of their accounts that are wanted whole.

    A few queries for all. One that is not the partner's own is left out.
    """
    rows = list(own_transfers(caller.partner_id).filter(pk__in=keys)) if keys else []
    if not rows:
        return {}
    read = reading.of_payments(caller, rows)
    sides = [dict(zip(SIDES, (row.debit_account_id, row.credit_account_id), strict=True)) for row in rows]
    whole = accounts(caller, sides, wanted)
    return {row.pk: {**outputs.payment(row, reading=read), **told} for row, told in zip(rows, whole, strict=True)}
