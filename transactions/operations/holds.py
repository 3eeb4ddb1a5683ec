"""Paying held money out. Setting money aside and giving it back move none, so they are plain services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any, Self

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.locks import accounts_for_update
from accounts.models import Account
from accounts.services.lifecycle import subject_of as account_subject
from bankops.core import clock, ids
from bankops.core.audit import Subject
from bankops.core.errors import BankOpsError
from bankops.core.operations import Description, Facts, Operation, Order, Review
from partners.services.allowance import require_single
from risk.assessment.answer import Assessment
from transactions import errors, partner_rights, refusals, selectors
from transactions import services as transaction_services
from transactions.models import BOOKED, Channel, Hold, HoldState, Kind, Side, Transaction
from transactions.operations import effects
from transactions.operations.origins import origin_in, origin_of
from transactions.operations.payloads import Payload, amount, money_of, partner_in, partner_pk, public_id, words
from transactions.services.captures import refuse_capture
from transactions.services.risk_checks import assess_order
from transactions.services.telling import subject_of
from transactions.wording import named


class CaptureHold(Operation):
    """Payload: `{"hold": "hold_…", "amount": "80.00", "currency": "CNY", "narrative": ""}`, with `"partner": "ptn_…"` and
    `"external_reference"` and a `context` (`origins`) when one captures its own.

    Nothing more is reserved while it waits: the hold itself keeps the money. If it ends meanwhile, the request is stale.
    """

    key = "transactions.capture_hold"
    label = _("Capture hold")
    usual_review = Review.FROM_AMOUNT
    partner_scope = "holds:write"
    assessment: Assessment | None = None

    def for_one_order(self) -> Self:
        """Return one that remembers what risk has said."""
        return copy(self)

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises FieldMissing, InvalidId, InvalidAmount, AmountNotPositive, TextTooLong: naming what is at fault."""
        hold = public_id(payload, "hold", Hold.ID_PREFIX)
        told = {"hold": hold, **amount(payload), "narrative": words(payload, "narrative")}
        if "partner" not in payload:
            return told
        reference = {"external_reference": words(payload, "external_reference")}
        return {**told, **reference, **partner_in(payload), **origin_in(payload)}

    def facts(self, payload: Payload) -> Facts:
        branch, said = hold_of(payload).account.branch, self.assessment
        return Facts(
            amount=money_of(payload), branch=branch.code if branch else "", risk_band=str(said.band) if said else ""
        )

    def parts(self, payload: Payload) -> Iterable[tuple[str, Facts]]:
        """Return the transfer that it becomes: what policies ask for one without a hold they ask for it, too."""
        return [("transactions.transfer", self.facts(payload))]

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        hold = hold_of(payload)
        return [*map(account_subject, _sides(hold)), Subject("hold", hold.public_id, hold.account.number)]

    def stop(self, payload: Payload, order: Order) -> Transaction | None:
        """Ask risk, once for each order; record what it stops, held back or declined, and return that.

        :raises BankOpsError: as `execute`, which does so: nothing that risk stops is posted there.
        """
        _check_rights(payload, order)
        hold = hold_of(payload)
        payer, payee = _sides(hold)
        self.assessment = assess_order(
            kind=Kind.TRANSFER,
            payer=payer,
            payee=payee,
            amount=money_of(payload),
            channel=Channel(order.channel.upper()),
            now=order.now,
            narrative=payload["narrative"],
            origin=origin_of(payload),
            kept_for_it=hold.money if hold.state == HoldState.PENDING else None,
        )
        return self.execute(payload, order) if self.assessment.stops else None

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises UnknownHold, HoldExpired, HoldVoided, CaptureTooLarge, PostingRefused: as the service would."""
        _check_rights(payload, order)
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
        hold = Hold.objects.filter(transaction=row).first() or _given_back(row, payload)
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
        _check_rights(payload, order)
        _check_limit(payload)
        return transaction_services.capture_hold(
            hold_id=ids.decode(Hold.ID_PREFIX, payload["hold"]),
            amount=money_of(payload),
            narrative=payload["narrative"],
            external_reference=payload.get("external_reference", ""),
            partner_id=partner_pk(payload),
            origin=origin_of(payload),
            channel=Channel(order.channel.upper()),
            idempotency_key=order.idempotency_key or None,
            reason=order.reason,
            approval_request_id=order.request_id,
            actor=order.actor,
            now=order.now,
            business_date=clock.business_date(order.now),
            # What does not stop it was said before the accounts were locked: the service asks again behind the locks.
            assessment=self.assessment if self.assessment and self.assessment.stops else None,
            foreseen=self.assessment,
        )

    def is_done(self, result: Any) -> bool:
        """Tell whether money has moved: what risk has stopped is on record only."""
        return result.state in BOOKED

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result)

    def _refuse_as_it_is(self, payload: Payload, order: Order) -> None:
        hold = hold_of(payload)
        refuse_capture(hold, money_of(payload), order.now)
        _check_limit(payload)
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


def _given_back(row: Transaction, payload: Payload) -> Hold | None:
    """Return the hold that was given back when risk stopped its capture, which became this transaction; None for any other."""
    hold = hold_of(payload)
    sides = (row.debit_account_id, row.credit_account_id)
    stopped = hold.state == HoldState.VOIDED and row.kind == Kind.TRANSFER
    return hold if stopped and sides == (hold.account_id, hold.payee_id) else None


def _check_rights(payload: Payload, order: Order) -> None:
    """:raises UnknownHold: when a partner captures what it did not place.
    :raises UnknownAccount, PartnerNotAllowed: see `partner_rights.check`.
    """
    hold = hold_of(payload)
    if "partner" in payload and hold.partner_id != partner_pk(payload):
        raise errors.UnknownHold(hold=payload["hold"])
    payer, payee = _sides(hold)
    partner_rights.check(order, payload, debit=payer.pk, credit=payee.pk, kind=Kind.TRANSFER)


def _check_limit(payload: Payload) -> None:
    """:raises PartnerLimitMissing, PartnerLimitExceeded: when a partner captures more than it may move at once now."""
    partner = partner_pk(payload)
    if partner is not None:
        require_single(partner_id=partner, amount=money_of(payload))


def _sides(hold: Hold) -> tuple[Account, Account]:
    """Return payer and payee.

    :raises HoldNotCapturable: when the hold announces no payment.
    """
    if hold.payee is None:
        raise errors.HoldNotCapturable(amount=hold.money.format(), purpose=hold.get_purpose_display())
    return hold.account, hold.payee
