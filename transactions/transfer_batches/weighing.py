"""What the items of a batch would come to: limits of their payers, twins, and what the journal would refuse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from accounts.models import Account, Balance, LimitPeriod
from bankops.core import sql_arrays
from bankops.core.db import prepared
from bankops.core.errors import BankOpsError
from transactions import errors, limits, refusals
from transactions.models import Channel, DuplicatePolicy, Side
from transactions.services.duplicates import Twins
from transactions.transfer_batches.items import PAYEE, PAYER, Draft, Item

# The moment is hidden from the index `transaction_alike`: with it as a fourth condition PostgreSQL 18 thinks the index dear,
# and reads everything that either account was ever part of.
_ALIKE = """
    WITH wanted AS (
        SELECT * FROM unnest(%(positions)s::int[], %(debits)s::uuid[], %(credits)s::uuid[], %(least)s::bigint[],
                             %(most)s::bigint[]) AS w (position, debit, credit, least, most)
    ), alike AS (
        SELECT w.position, t.id, t.created_at, t.confirmed_genuine_at IS NULL AS unexplained,
               t.partner_id IS NOT DISTINCT FROM %(partner)s::uuid AS own
          FROM wanted w JOIN transactions_transaction t
            ON t.debit_account_id = w.debit AND t.credit_account_id = w.credit AND t.amount BETWEEN w.least AND w.most
         WHERE t.created_at + interval '0' >= %(since)s::timestamptz AND t.currency = %(currency)s AND t.kind = 'TRANSFER'
           AND t.state IN ('POSTED', 'AWAITING_APPROVAL', 'HELD')
           AND (%(seen)s::timestamptz IS NULL OR t.state <> 'HELD' AND NOT EXISTS (
               SELECT FROM transactions_transferbatchitem i JOIN transactions_transferbatch b ON b.id = i.batch_id
                WHERE i.transaction_id = t.id AND b.created_at <= %(seen)s::timestamptz))
         UNION ALL
        SELECT w.position, NULL, h.placed_at, h.confirmed_genuine_at IS NULL,
               h.partner_id IS NOT DISTINCT FROM %(partner)s::uuid
          FROM wanted w JOIN transactions_hold h
            ON h.account_id = w.debit AND h.payee_id = w.credit AND h.amount BETWEEN w.least AND w.most
         WHERE h.placed_at >= %(since)s::timestamptz AND h.currency = %(currency)s AND h.state = 'PENDING'
           AND h.partner_id IS NOT NULL AND h.ends_at > %(now)s::timestamptz
         UNION ALL
        SELECT w.position, NULL, b.created_at, true, b.partner_id IS NOT DISTINCT FROM %(partner)s::uuid
          FROM wanted w JOIN transactions_transferbatchitem i
            ON i.payer_id = w.debit AND i.payee_id = w.credit AND i.amount BETWEEN w.least AND w.most
          JOIN transactions_transferbatch b ON b.id = i.batch_id
         WHERE i.transaction_id IS NULL AND i.code = '' AND b.state = 'AWAITING_APPROVAL' AND b.id <> %(batch)s::uuid
           AND b.created_at >= %(since)s::timestamptz AND b.currency = %(currency)s
    )
    SELECT position, (array_agg(id ORDER BY own DESC, created_at DESC, id DESC) FILTER (WHERE id IS NOT NULL))[1],
           count(*) FILTER (WHERE unexplained), count(*) FILTER (WHERE unexplained AND own)
      FROM alike
     GROUP BY position
"""

_LIMITED = "SELECT id FROM accounts_account WHERE id = ANY (%(payers)s::uuid[]) AND has_limits"


class Limits:
    """What the limits of payers still leave, while one item after another uses it up."""

    def __init__(self, payers: Iterable[UUID], *, business_date: date) -> None:
        keys = prepared(_LIMITED, {"payers": sql_arrays.of_uuids(payers)})
        limited = Account.objects.filter(pk__in=[key for (key,) in keys]) if keys else ()
        self._left = {
            account.pk: [
                (0 if room.limit.period == LimitPeriod.TRANSACTION else 1, room.left.minor)
                for room in limits.rooms(account, channel=Channel.PARTNER, business_date=business_date)
            ]
            for account in limited
        }

    def has(self, item: Item) -> bool:
        """Tell whether an item's payer has limits."""
        return item.sides[0] in self._left

    def take(self, item: Item) -> bool:
        """Let an item use up what it takes, and tell whether it was left."""
        rooms = self._left.get(item.sides[0], [])
        if any(item.amount > left for _counts, left in rooms):
            return False
        self._use(item, item.amount)
        return True

    def give_back(self, item: Item) -> None:
        """Take back that an item used something: it was not made."""
        self._use(item, -item.amount)

    def _use(self, item: Item, amount: int) -> None:
        if rooms := self._left.get(item.sides[0]):
            self._left[item.sides[0]] = [(counts, left - counts * amount) for counts, left in rooms]


def alike_outside(
    draft: Draft, policy: DuplicatePolicy, *, now: datetime, seen: datetime | None = None
) -> dict[int, Twins]:
    """Return what looks like an open item outside of its batch, by position. One statement.

    It is asked for once for equal items. Which of them look like each other says `alike`. The caller holds the locks of their
    accounts.

    :param seen: when reviewers were told of those that were there: then only later ones count that have not been held back.
    """
    equal = defaultdict[tuple[tuple[UUID, UUID], int], list[int]](list)
    for item in draft.open_items:
        equal[item.sides, item.amount].append(item.position)
    ranges = [policy.range_of(amount) for _sides, amount in equal]
    told = {
        "partner": draft.batch.partner_id,
        "positions": sql_arrays.of_words(first for first, *_others in equal.values()),
        "debits": sql_arrays.of_uuids(payer for (payer, _payee), _amount in equal),
        "credits": sql_arrays.of_uuids(payee for (_payer, payee), _amount in equal),
        "least": sql_arrays.of_words(least for least, _most in ranges),
        "most": sql_arrays.of_words(most for _least, most in ranges),
        "since": max(now - policy.window, seen or now - policy.window),
        "seen": seen,
        "batch": draft.batch.pk,
        "now": now,
        "currency": draft.batch.currency,
    }
    found = {
        position: Twins(twin, count, policy.twins_tolerated, own)
        for position, twin, count, own in prepared(_ALIKE, told)
    }
    return {
        position: found[first] for first, *others in equal.values() if first in found for position in (first, *others)
    }


def refuse_what_cannot_be(draft: Draft, balances: Mapping[UUID, Balance], *, business_date: date) -> None:
    """Refuse open items that the journal would not take on these balances, one after another; what is left can be held.

    Money that comes in by the batch itself does not count: it is not there while reviewers decide.

    :param balances: of all their accounts, locked.
    """
    rooms, taken = Limits(draft.by_payer(), business_date=business_date), dict[UUID, int]()
    for item in draft.open_items:
        payer, payee = (balances[side] for side in item.sides)
        before = taken.get(payer.account_id, 0)
        try:
            _check(payer, payee, draft, item, before)
        except BankOpsError as refusal:
            item.refuse(refusal.code, _blamed(refusal, payer))
            continue
        if rooms.take(item):
            taken[payer.account_id] = before + item.amount
        else:
            item.refuse(errors.LimitExceeded.code, PAYER)


def _check(payer: Balance, payee: Balance, draft: Draft, item: Item, before: int) -> None:
    """:raises PostingRefused: as the journal would, after `before` minor units were taken from the payer."""
    refusals.check_line(payer, Side.DEBIT, draft.money(item.amount))
    if not refusals.is_covered(payer, draft.money(before + item.amount)):
        raise errors.InsufficientFunds(account=payer.account.number)
    refusals.check_line(payee, Side.CREDIT, draft.money(item.amount))


def _blamed(refusal: BankOpsError, payer: Balance) -> str:
    return PAYER if refusal.context.get("account") == payer.account.number else PAYEE


def accounts_of(items: Sequence[Item]) -> set[UUID]:
    """Return the accounts whose balances these items move."""
    return {side for item in items for side in item.sides}
