"""Batches of transfers, as reviewers see them: how many, how much, whose money, and what stands out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from typing import Any, Final, Self
from uuid import UUID

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import selectors as account_selectors
from accounts.models import Account
from accounts.services.lifecycle import subject_of as account_subject
from bankops.core import clock, ids
from bankops.core.audit import Subject
from bankops.core.money import Money
from bankops.core.operations import Description, Ending, Facts, Operation, Order, Review
from partners.errors import PartnerNotAllowed
from partners.models import Partner
from transactions import locks
from transactions import services as transaction_services
from transactions.errors import FieldMissing
from transactions.models import BatchState, TransferBatch
from transactions.operations import effects
from transactions.operations.payloads import Payload, public_id, text
from transactions.services.batch_telling import subject_of
from transactions.services.duplicates import policy_of
from transactions.transfer_batches.alike import too_much_alike
from transactions.transfer_batches.drafts import draft_of
from transactions.transfer_batches.items import Draft, Item, hash_of
from transactions.transfer_batches.weighing import accounts_of, alike_outside
from transactions.wording import named

LINES_SHOWN: Final = 10
_PAYERS_SHOWN: Final = 5
_HASH_LETTERS: Final = 64

_ENDINGS: Final = {
    Ending.REJECTED: (BatchState.REJECTED, _("A reviewer rejected it.")),
    Ending.WITHDRAWN: (BatchState.CANCELLED, _("Its maker withdrew it.")),
    Ending.EXPIRED: (BatchState.EXPIRED, _("It was not approved in time.")),
    Ending.STALE: (BatchState.FAILED, _("What it touches had changed before it was approved.")),
    Ending.FAILED: (BatchState.FAILED, _("It was approved, but could not be carried out.")),
}


class BatchOfTransfers(Operation):
    """Payload: `{"partner": "ptn_…", "batch": "bat_…", "content_hash": "…"}`. Its items are on record, or about to be.

    Only partners ask for it: no role holds its permission.
    """

    key = "transactions.transfer_batch"
    permission = key
    label = _("Batch of transfers")
    usual_review = Review.FROM_AMOUNT
    moves_money = True
    partner_scope = "batches:write"
    remembered: Draft | None = None

    def for_one_order(self) -> Self:
        """Return one that reads the items once before it locks their accounts, and once when it has."""
        return copy(self)

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises FieldMissing, InvalidId: naming what is at fault."""
        content_hash = text(payload, "content_hash").lower()
        if len(content_hash) != _HASH_LETTERS or not set(content_hash) <= set("0123456789abcdef"):
            raise FieldMissing(field="content_hash")
        return {
            "partner": public_id(payload, "partner", Partner.ID_PREFIX),
            "batch": public_id(payload, "batch", TransferBatch.ID_PREFIX),
            "content_hash": content_hash,
        }

    def facts(self, payload: Payload) -> Facts:
        """Return the sum of what can be made, and the branch where all payers are of one."""
        draft = self.draft(payload)
        branches = {_branch(draft, item) for item in draft.open_items}
        total = sum(item.amount for item in draft.open_items)
        return Facts(amount=draft.money(total), branch=branches.pop() if len(branches) == 1 else "")

    def parts(self, payload: Payload) -> Iterable[tuple[str, Facts]]:
        """Return every different transfer, the largest first, and what is paid from each branch where there are several.

        What a policy asks for a single transfer counts inside a batch, too, whether it is about large or about small ones;
        and what it asks for a batch of one branch counts when another branch pays a part of it.
        """
        draft, different, sums = self.draft(payload), set[tuple[int, str]](), Counter[str]()
        for item in draft.open_items:
            branch = _branch(draft, item)
            different.add((item.amount, branch))
            sums[branch] += item.amount
        for amount, branch in sorted(different, reverse=True):
            yield "transactions.transfer", Facts(amount=draft.money(amount), branch=branch)
        for branch, amount in sorted(sums.items() if len(sums) > 1 else ()):
            yield self.key, Facts(amount=draft.money(amount), branch=branch)

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        draft = self.draft(payload)
        return [*map(account_subject, _payers(draft).values()), subject_of(draft.batch)]

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises PartnerNotAllowed: when somebody else than a partner asks."""
        if order.actor.kind != "partner":
            raise PartnerNotAllowed

    def describe(self, payload: Payload) -> Description:
        draft = self.draft(payload)
        payers = _payers(draft)
        return Description(
            summary=_summary(draft), changes=dict(_changes(draft, payers)), warnings=list(_warnings(draft, payers))
        )

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        draft = self.draft(payload)
        return {
            "content": hash_of(draft.items).hex(),
            "accounts": {account.number: effects.fingerprint(account) for account in _payers(draft).values()},
        }

    def lock(self, payload: Payload) -> None:
        """Lock every account; of a batch that comes in, refuse the items that the books would not take.

        :raises NothingToApprove, BatchRefused: when none is left, or all were to be made.
        """
        draft = draft_of(_key(payload))
        if draft.is_new:
            transaction_services.weigh_batch(draft=draft, business_date=draft.batch.business_date)
        else:
            locks.balances_for_update(accounts_of(draft.open_items))
        self.remembered = draft

    def park(self, payload: Payload, order: Order) -> None:
        transaction_services.park_batch(
            batch_id=_key(payload), actor=order.actor, now=order.now, approval_request_id=order.request_id
        )

    def release(self, payload: Payload, order: Order, ending: str) -> None:
        state, reason = _ENDINGS[ending]
        transaction_services.end_batch(
            batch_id=_key(payload), state=state, reason=str(reason), actor=order.actor, now=order.now
        )

    def execute(self, payload: Payload, order: Order) -> TransferBatch:
        return transaction_services.carry_out_batch(
            batch_id=_key(payload),
            actor=order.actor,
            now=order.now,
            business_date=clock.business_date(order.now),
        )

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result)

    def draft(self, payload: Payload) -> Draft:
        """Return the batch with its items, as they were read for this order."""
        return self.remembered or draft_of(_key(payload))


def _summary(draft: Draft) -> str:
    items, batch = draft.open_items, draft.batch
    total = draft.money(sum(item.amount for item in items))
    words = {
        "count": len(items),
        "amount": total.format(),
        "partner": batch.partner.name,
        "reference": batch.reference,
        "payers": len(draft.by_payer()),
    }
    summary = ngettext(
        "Make %(count)s transfer of %(amount)s from %(payers)s account: batch %(reference)s of %(partner)s.",
        "Make %(count)s transfers of %(amount)s together from %(payers)s accounts: batch %(reference)s of %(partner)s.",
        len(items),
    )
    whole = gettext(" All of them, or none.") if batch.all_or_nothing else ""
    return summary % words + whole


def _changes(draft: Draft, payers: dict[UUID, Account]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield what happens to the payers' balances, the largest first, and the first lines."""
    sums = sorted(draft.by_payer().items(), key=lambda one: -one[1])
    for payer, minor in sums[:_PAYERS_SHOWN]:
        yield from effects.balance_change(payers[payer], -draft.money(minor)).items()
    if more := sums[_PAYERS_SHOWN:]:
        rest = draft.money(sum(minor for _payer, minor in more))
        yield gettext("%(count)s more accounts") % {"count": len(more)}, ("", f"−{rest.format()}")
    items = draft.open_items
    payees = account_selectors.accounts_by_id(item.sides[1] for item in items[:LINES_SHOWN])
    for item in items[:LINES_SHOWN]:
        to = gettext("%(amount)s to %(payee)s") % {
            "amount": draft.money(item.amount).format(),
            "payee": named(payees[item.sides[1]]),
        }
        yield gettext("Transfer %(number)s (%(reference)s)") % _line(item), ("", to)
    if len(items) > LINES_SHOWN:
        yield gettext("%(count)s more transfers") % {"count": len(items) - LINES_SHOWN}, ("", gettext("on its page"))


def _warnings(draft: Draft, payers: dict[UUID, Account]) -> Iterator[str]:
    items, sums = draft.open_items, draft.by_payer()
    largest = max(items, key=lambda item: item.amount)
    words = {**_line(largest), "amount": draft.money(largest.amount).format()}
    yield gettext("The largest is number %(number)s (%(reference)s) of %(amount)s.") % words
    if refused := len(draft.items) - len(items):
        yield gettext("%(count)s of its transfers were refused when it came in, and will not be made.") % {
            "count": refused
        }
    policy = policy_of(draft.batch.partner_id)
    outside = alike_outside(draft, policy, now=draft.batch.created_at)
    if equal := too_much_alike(draft.items, policy, outside):
        yield gettext(
            "%(count)s look like others of this batch: the same accounts and amount. None of them is held back."
        ) % {"count": len(equal)}
    if twins := [one for one in outside.values() if one.are_too_many]:
        yield gettext("%(count)s look like payments made or waiting already: the same accounts and amount.") % {
            "count": len(twins)
        }
    for payer, minor in sums.items():
        yield from effects.overdrawn(payers[payer], Money(minor, draft.batch.currency))
    yield from effects.restricted(payers.values())


def _payers(draft: Draft) -> dict[UUID, Account]:
    """Return the accounts that pay, with balance, customer and branch; one query."""
    accounts = Account.objects.select_related("balance", "customer", "branch").in_bulk(list(draft.by_payer()))
    return {payer: accounts[payer] for payer in draft.by_payer()}


def _branch(draft: Draft, item: Item) -> str:
    return draft.branches.get(item.sides[0], "")


def _line(item: Item) -> dict[str, Any]:
    return {"number": item.position + 1, "reference": item.reference}


def _key(payload: Payload) -> UUID:
    return ids.decode(TransferBatch.ID_PREFIX, payload["batch"])
