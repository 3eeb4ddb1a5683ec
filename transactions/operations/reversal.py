"""Reversals. Nothing is reserved while one waits: a second try must stay possible, so everything is checked again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.locks import accounts_for_update
from accounts.models import Account, Balance
from accounts.services.lifecycle import subject_of as account_subject
from bankops.core import clock, ids
from bankops.core.audit import Subject
from bankops.core.errors import BankOpsError
from bankops.core.operations import Description, Facts, Operation, Order
from bankops.core.texts import require_reason
from transactions import errors, locks, refusals, selectors
from transactions import services as transaction_services
from transactions.models import Channel, Kind, Transaction
from transactions.operations import effects
from transactions.operations.payloads import Payload, public_id
from transactions.services.telling import subject_of
from transactions.wording import named


class Reverse(Operation):
    """Payload: `{"transaction": "tr_…"}`; the order says why."""

    key = "transactions.reverse"
    moves_money = True
    label = _("Reverse transaction")

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises FieldMissing, InvalidId: when `transaction` is no transaction's id."""
        return {"transaction": public_id(payload, "transaction", Transaction.ID_PREFIX)}

    def facts(self, payload: Payload) -> Facts:
        original = original_of(payload)
        branches = [account.branch.code for account in _customers(original) if account.branch]
        return Facts(amount=original.money, branch=branches[0] if branches else "")

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        original = original_of(payload)
        return [*map(account_subject, _customers(original)), subject_of(original)]

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, UnknownTransaction, AlreadyReversed, PostingRefused: as the service would."""
        require_reason(order.reason)
        try:
            _refuse_as_it_is(original_of(payload))
        except BankOpsError:
            # An equal order of the same maker may have reversed it a moment ago.
            if self.earlier(payload, order) is None:
                raise

    def earlier(self, payload: Payload, order: Order) -> Transaction | None:
        """:raises IdempotencyConflict: when the key was used for something else."""
        row = selectors.under_key(order.actor, order.idempotency_key)
        if row is not None and row.reverses_id != _original_pk(payload):
            raise errors.IdempotencyConflict
        return row

    def describe(self, payload: Payload) -> Description:
        original = original_of(payload)
        text = _(
            "Reverse %(reference)s (%(kind)s): take %(amount)s back from %(from)s and return it to %(to)s."
            " The original stays in the books; its mirror image is posted beside it."
        )
        words = {
            "reference": original.reference,
            "kind": Kind(original.kind).label,
            "amount": original.money.format(),
            "from": named(original.credit_account),
            "to": named(original.debit_account),
        }
        return Description(
            summary=str(text) % words,
            changes=_changes(original),
            warnings=list(effects.restricted(_customers(original))),
        )

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        original = original_of(payload)
        accounts = (original.debit_account, original.credit_account)
        return {
            "state": str(original.state),
            "accounts": {account.number: effects.fingerprint(account) for account in accounts},
            "covered": refusals.is_covered(original.credit_account.balance, original.money),
        }

    def lock(self, payload: Payload) -> None:
        original = original_of(payload)
        accounts_for_update((original.debit_account_id, original.credit_account_id))
        locks.transaction_for_update(original.pk)

    def execute(self, payload: Payload, order: Order) -> Transaction:
        return transaction_services.reverse(
            transaction_id=_original_pk(payload),
            reason=order.reason,
            actor=order.actor,
            now=order.now,
            business_date=clock.business_date(order.now),
            idempotency_key=order.idempotency_key or None,
            channel=Channel(order.channel.upper()),
            approval_request_id=order.request_id,
        )

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result)


def original_of(payload: Payload) -> Transaction:
    """Return the transaction that a clean payload names, with accounts, holders and balances, as it is now.

    :raises UnknownTransaction: when there is none.
    """
    sides = [
        f"{side}__{of}" for side in ("debit_account", "credit_account") for of in ("balance", "customer", "branch")
    ]
    original = Transaction.objects.select_related("entry", *sides).filter(pk=_original_pk(payload)).first()
    if original is None:
        raise errors.UnknownTransaction(reference=payload["transaction"])
    return original


def _original_pk(payload: Payload) -> Any:
    return ids.decode(Transaction.ID_PREFIX, payload["transaction"])


def _customers(original: Transaction) -> list[Account]:
    return [account for account in (original.debit_account, original.credit_account) if account.is_customer_account]


def _refuse_as_it_is(original: Transaction) -> None:
    refusals.check_reversible(original)
    assert original.entry is not None  # it is posted
    lines = list(selectors.entry_lines(original.entry))
    balances = Balance.objects.filter(account_id__in=[line.account_id for line in lines]).select_related("account")
    refusals.check_mirror(lines, balances)


def _changes(original: Transaction) -> dict[str, tuple[str, str]]:
    changes: dict[str, tuple[str, str]] = {}
    for account in _customers(original):
        given_back = account == original.debit_account
        changes |= effects.balance_change(account, original.money if given_back else -original.money)
    return {**changes, gettext("State of %(reference)s") % {"reference": original.reference}: _states()}


def _states() -> tuple[str, str]:
    return gettext("posted"), gettext("reversed")
