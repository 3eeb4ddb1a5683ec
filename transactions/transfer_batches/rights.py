"""Whose accounts a batch names, and whether its partner may use them so: asked for all items in two statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from accounts import partner_access
from accounts.errors import UnknownAccount
from accounts.models import Account
from accounts.partner_access import Right
from bankops.core import ids, sql_arrays
from bankops.core.db import prepared
from bankops.core.errors import InvalidId
from transactions.duplicates.errors import DuplicateReference
from transactions.errors import SameAccount
from transactions.transfer_batches.items import PAYEE, PAYER, REFERENCE, Draft, Item, Line

_ACCOUNTS = """
    SELECT a.id, a.number, coalesce(b.code, '') FROM accounts_account a LEFT JOIN staff_branch b ON b.id = a.branch_id
     WHERE a.customer_id IS NOT NULL AND (a.id = ANY (%(ids)s::uuid[]) OR a.number = ANY (%(numbers)s::text[]))
"""
# Reference by reference, each found in an index. Given all of them at once, PostgreSQL may read the whole table and compare each
# row with each reference: it does so where it planned while the table was small. No reference is empty; it is said all the
# same, or `transaction_reference_once_per_partner` could not be used.
_USED = """
    SELECT w.reference FROM unnest(%(references)s::text[]) AS w (reference) CROSS JOIN LATERAL (
        SELECT FROM transactions_transaction t
         WHERE t.partner_id = %(partner)s AND t.external_reference = w.reference AND t.external_reference <> '' LIMIT 1) used
     UNION ALL
    SELECT w.reference FROM unnest(%(references)s::text[]) AS w (reference) CROSS JOIN LATERAL (
        SELECT FROM transactions_transferbatchitem i JOIN transactions_transferbatch b ON b.id = i.batch_id
         WHERE i.reference = w.reference AND i.transaction_id IS NULL AND i.code = ''
           AND b.partner_id = %(partner)s AND b.id <> %(batch)s LIMIT 1) waits
"""


@dataclass(frozen=True, slots=True)
class Sides:
    """The accounts that a batch names.

    Attributes:
        named: their keys, by what the request names them.
        branches: their branches, by key.
        rights: what the partner may do with them, by key.

    """

    named: Mapping[str, UUID]
    branches: Mapping[UUID, str]
    rights: Mapping[UUID, frozenset[Right]]

    def may(self, right: Right, account: UUID | None) -> bool:
        """Tell whether the partner was given this right to an account."""
        return account is not None and right in self.rights.get(account, ())


def sides_of(*, group_id: int, lines: Sequence[Line]) -> Sides:
    """Look up what a request names: payers by id, payees by id or number. Two statements.

    :raises UnknownAccount: naming the first payer, when the partner may debit none of them.
    """
    wanted = {line.payer_named for line in lines} | {line.payee_named for line in lines}
    keys = {name: key for name in wanted if (key := _key(name))}
    numbers = {name: "".join(name.split()) for name in wanted - keys.keys()}
    told = {"ids": sql_arrays.of_uuids(keys.values()), "numbers": sql_arrays.of_texts(numbers.values())}
    found = prepared(_ACCOUNTS, told)
    by_number, there = {number: key for key, number, _branch in found}, {key for key, _number, _branch in found}
    named = {name: key for name, key in keys.items() if key in there}
    named |= {name: by_number[number] for name, number in numbers.items() if number in by_number}
    sides = Sides(named, {key: branch for key, _number, branch in found}, partner_access.rights_on(group_id, there))
    if not any(sides.may(Right.DEBIT, named.get(line.payer_named)) for line in lines):
        raise UnknownAccount(account=lines[0].payer_named)
    return sides


def name_sides(items: Iterable[Item], sides: Sides, *, may_credit_any: bool) -> None:
    """Give every item its accounts, and refuse it with what a single transfer would be refused with."""
    for item in items:
        payer, payee = sides.named.get(item.payer_named), sides.named.get(item.payee_named)
        if item.payer_named.startswith("acc_") and sides.may(Right.DEBIT, payer):
            item.payer = payer
        else:
            item.refuse(UnknownAccount.code, PAYER)
            continue
        if payer == payee:
            item.refuse(SameAccount.code, PAYEE)
        elif _may_credit(item, payee, sides.rights, may_credit_any):
            item.payee = payee
        else:
            item.refuse(UnknownAccount.code, PAYEE)


def ask_again(items: Sequence[Item], *, group_id: int, may_credit_any: bool) -> None:
    """Refuse those items whose accounts the partner may no longer use so. One statement."""
    rights = partner_access.rights_on(group_id, {side for item in items for side in item.sides})
    for item in items:
        payer, payee = item.sides
        if Right.DEBIT not in rights.get(payer, ()):
            item.refuse(UnknownAccount.code, PAYER)
        elif not _may_credit(item, payee, rights, may_credit_any):
            item.refuse(UnknownAccount.code, PAYEE)


def refuse_known_references(draft: Draft) -> bool:
    """Refuse items whose reference comes twice, or was used before: by a transfer, or by an item that waited in vain.

    One statement; returns whether any was refused. Two at the same moment are told apart by
    `transaction_reference_once_per_partner`, or where they are parked.
    """
    items = draft.open_items
    told = {"partner": draft.batch.partner_id, "batch": draft.batch.pk}
    references = sql_arrays.of_texts(item.reference for item in items)
    seen = Counter(reference for (reference,) in prepared(_USED, {**told, "references": references}))
    for item in items:
        if seen[item.reference]:
            item.refuse(DuplicateReference.code, REFERENCE)
        seen[item.reference] += 1
    return not all(item.is_open for item in items)


def _may_credit(item: Item, payee: UUID | None, rights: Mapping[UUID, frozenset[Right]], may_credit_any: bool) -> bool:
    if payee is None:
        return False
    return Right.CREDIT in rights.get(payee, ()) or (item.by_number and may_credit_any)


def _key(name: str) -> UUID | None:
    try:
        return ids.decode(Account.ID_PREFIX, name)
    except InvalidId:
        return None
