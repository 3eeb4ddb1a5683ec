"""Paying held money out. Setting money aside and giving it back move none, so they are plain services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.locks import accounts_for_update
from accounts.models import Account
from accounts.services.lifecycle import subject_of as account_subject
from bankops.core import clock, ids
from bankops.core.audit import Subject
from bankops.core.errors import BankOpsError
from bankops.core.operations import Description, Facts, Operation, Order, Review
from transactions import errors, refusals, selectors
from transactions import services as transaction_services
from transactions.models import Channel, Hold, Side, Transaction
from transactions.operations import effects
from transactions.operations.payloads import Payload, amount, money_of, public_id, words
from transactions.services.captures import refuse_capture
from transactions.services.telling import subject_of
from transactions.wording import named


class CaptureHold(Operation):
    """Payload: `{"hold": "hold_…", "amount": "80.00", "currency": "CNY", "narrative": ""}`.

    Nothing more is reserved while it waits: the hold itself keeps the money. If it ends meanwhile, the request is stale.
    """

    key = "transactions.capture_hold"
    label = _("Capture hold")
    usual_review = Review.FROM_AMOUNT

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises FieldMissing, InvalidId, InvalidAmount, AmountNotPositive, TextTooLong: naming what is at fault."""
        hold = public_id(payload, "hold", Hold.ID_PREFIX)
        return {"hold": hold, **amount(payload), "narrative": words(payload, "narrative")}

    def facts(self, payload: Payload) -> Facts:
        branch = hold_of(payload).account.branch
        return Facts(amount=money_of(payload), branch=branch.code if branch else "")

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        hold = hold_of(payload)
        return [account_subject(account) for account in _sides(hold)]

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises UnknownHold, HoldExpired, HoldVoided, CaptureTooLarge, PostingRefused: as the service would."""
        try:
            self._refuse_as_it_is(payload, order)
        except BankOpsError:
            # An equal order of the same maker may have captured it a moment ago.
            if self.earlier(payload, order) is None:
                raise

    def earlier(self, payload: Payload, order: Order) -> Transaction | None:
        """:raises IdempotencyConflict: when the key was used for something else."""
        row = selectors.under_key(order.actor, order.idempotency_key)
        if row is None:
            return None
        hold = Hold.objects.filter(transaction=row).first()
        if hold is None or (hold.public_id, row.money) != (payload["hold"], money_of(payload)):
            raise errors.IdempotencyConflict
        return row

    def describe(self, payload: Payload) -> Description:
        hold, money = hold_of(payload), money_of(payload)
        payer, payee = _sides(hold)
        text = gettext("Pay %(amount)s of the %(held)s held on %(payer)s to %(payee)s; what is left is given back.")
        said = {"amount": money.format(), "held": hold.money.format(), "payer": named(payer), "payee": named(payee)}
        return Description(
            summary=text % said,
            changes={**effects.balance_change(payer, -money), **effects.balance_change(payee, money)},
            warnings=list(effects.restricted([payer, payee])),
        )

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        hold = hold_of(payload)
        accounts = {account.number: effects.fingerprint(account) for account in _sides(hold)}
        return {"hold": str(hold.state), "accounts": accounts}

    def lock(self, payload: Payload) -> None:
        accounts_for_update(account.pk for account in _sides(hold_of(payload)))

    def execute(self, payload: Payload, order: Order) -> Transaction:
        return transaction_services.capture_hold(
            hold_id=ids.decode(Hold.ID_PREFIX, payload["hold"]),
            amount=money_of(payload),
            narrative=payload["narrative"],
            channel=Channel(order.channel.upper()),
            idempotency_key=order.idempotency_key or None,
            reason=order.reason,
            approval_request_id=order.request_id,
            actor=order.actor,
            now=order.now,
            business_date=clock.business_date(order.now),
        )

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result)

    def _refuse_as_it_is(self, payload: Payload, order: Order) -> None:
        hold = hold_of(payload)
        refuse_capture(hold, money_of(payload), order.now)
        payer, payee = _sides(hold)
        refusals.check_standing(payer, Side.DEBIT)
        refusals.check_line(payee.balance, Side.CREDIT, money_of(payload))


def hold_of(payload: Payload) -> Hold:
    """Return the hold that a clean payload names, with its accounts, holders and balances, as it is now.

    :raises UnknownHold: when there is none.
    """
    sides = [f"{side}__{of}" for side in ("account", "payee") for of in ("balance", "customer", "branch")]
    holds = Hold.objects.select_related("transaction", *sides)
    hold = holds.filter(pk=ids.decode(Hold.ID_PREFIX, payload["hold"])).first()
    if hold is None:
        raise errors.UnknownHold(hold=payload["hold"])
    return hold


def _sides(hold: Hold) -> tuple[Account, Account]:
    """Return payer and payee.

    :raises HoldNotCapturable: when the hold announces no payment.
    """
    if hold.payee is None:
        raise errors.HoldNotCapturable(amount=hold.money.format(), purpose=hold.get_purpose_display())
    return hold.account, hold.payee
