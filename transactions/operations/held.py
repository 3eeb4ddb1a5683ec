"""Deciding about payments that are held back: what all such operations share, and those about what risk has stopped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from accounts.locks import accounts_for_update
from accounts.models import Account
from accounts.services.lifecycle import subject_of as account_subject
from bankops.core import clock, operations
from bankops.core.audit import Subject
from bankops.core.operations import Description, Facts, Operation, Order, Review
from bankops.core.texts import require_reason
from partners.errors import PartnerNotAllowed
from partners.selectors import scopes_now
from partners.services.allowance import require_single
from risk.selectors.assessments import last_answer
from transactions import locks, partner_rights, refusals
from transactions import services as transaction_services
from transactions.errors import UnknownTransaction
from transactions.models import BOOKED, Kind, Transaction
from transactions.operations import effects
from transactions.operations.payloads import Payload, partner_pk, public_id
from transactions.operations.reversal import original_of
from transactions.services.duplicates import COMPARED
from transactions.services.risk_held import refuse_risk_decision
from transactions.services.telling import subject_of
from transactions.wording import named

_BY_STAFF: Final[Mapping[Kind, str]] = {
    Kind.TRANSFER: "transactions.transfer",
    Kind.WITHDRAWAL: "transactions.withdraw",
    Kind.REFUND: "transactions.refund",
}
BY_PARTNERS: Final[Mapping[Kind, str]] = {
    Kind.TRANSFER: "transactions.transfer",
    Kind.DEPOSIT: "transactions.agent_deposit",
    Kind.WITHDRAWAL: "transactions.agent_withdraw",
    Kind.REFUND: "transactions.refund",
}
"""The operations behind what can be held back; cash paid in at the bank's own counter needs no consent."""
IN_BATCHES: Final = "transactions.transfer_batch"
"""The operation behind items of batches, which are transfers."""


class OfHeld(Operation):
    """Payload: `{"transaction": "tr_…"}`; the order says why.

    Nothing is reserved while it waits, as nothing was while it was held.
    """

    usual_review = Review.FROM_AMOUNT

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises FieldMissing, InvalidId: when `transaction` is no transaction's id."""
        return {"transaction": public_id(payload, "transaction", Transaction.ID_PREFIX)}

    def facts(self, payload: Payload) -> Facts:
        held = original_of(payload)
        branch = held.debit_account.branch or held.credit_account.branch
        kept = last_answer(held.public_id)
        return Facts(amount=held.money, branch=branch.code if branch else "", risk_band=str(kept.band) if kept else "")

    def parts(self, payload: Payload) -> Iterable[tuple[str, Facts]]:
        """Return the payment itself: what policies ask for it at once they ask when it was held back, too."""
        held = original_of(payload)
        ordered = (BY_PARTNERS if held.partner_id else _BY_STAFF).get(Kind(held.kind))
        return [(ordered, self.facts(payload))] if ordered else []

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        """Return its accounts, itself and the one of the bank's own people who made it, who agrees to nothing about it."""
        held = original_of(payload)
        maker = [Subject("user", held.maker_id, held.maker_name)] if held.maker_kind == "staff" else []
        return [*map(account_subject, customers_of(held)), subject_of(held), *maker]

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        held = original_of(payload)
        return {
            "state": str(held.state),
            "waits": [held.waits_for_word, held.waits_for_risk],
            "accounts": {account.number: effects.fingerprint(account) for account in customers_of(held)},
            "covered": refusals.is_covered(held.debit_account.balance, held.money),
        }

    def lock(self, payload: Payload) -> None:
        held = original_of(payload)
        accounts_for_update((held.debit_account_id, held.credit_account_id))
        locks.transaction_for_update(held.pk)

    def is_done(self, result: Any) -> bool:
        """Tell whether money has moved: what waits for somebody else's word, too, is held back still."""
        return result.state in BOOKED

    def where_it_stands(self, result_id: str) -> str:
        """Return its state, and what still holds it back: no more than everybody reads on its own page."""
        held = original_of({"transaction": result_id})
        return "" if self.is_done(held) else held.where_it_stands()

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result)


class ReleaseRiskHeld(OfHeld):
    """Payload: as `OfHeld`. Two people always agree, and whoever the policies ask for the payment itself."""

    key = "transactions.release_risk_held"
    label = _("Release a payment held by risk")
    usual_review = Review.ALWAYS
    always_two = True
    discreet = True  # its maker is not told what risk thinks of the payment

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, UnknownTransaction, NotHeld, NotHeldByRisk, NotByItsMaker, PostingRefused: as the service."""
        require_reason(order.reason)
        held = original_of(payload)
        check_rights(held, payload, order)
        refuse_risk_decision(held, order.actor, order.now)
        refusals.check_two_sides(held.debit_account.balance, held.credit_account.balance, held.money)

    def describe(self, payload: Payload) -> Description:
        held = original_of(payload)
        text = _("Release %(reference)s, held by risk: move %(amount)s from %(payer)s to %(payee)s.")
        return Description(summary=said(text, held), changes=changes_of(held), warnings=warnings_of(held))

    def execute(self, payload: Payload, order: Order) -> Transaction:
        held = original_of(payload)
        check_rights(held, payload, order)
        return transaction_services.release_risk_held(
            transaction_id=held.pk,
            reason=order.reason,
            actor=order.actor,
            now=order.now,
            business_date=clock.business_date(order.now),
            approval_request_id=order.request_id,
        )


class DeclineRiskHeld(OfHeld):
    """Payload: as `OfHeld`. No money moves, so of the policies only its own are asked."""

    key = "transactions.decline_risk_held"
    label = _("Decline a payment held by risk")
    discreet = True

    def parts(self, payload: Payload) -> Iterable[tuple[str, Facts]]:
        return ()

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, UnknownTransaction, NotHeld, NotHeldByRisk, NotByItsMaker: as the service would."""
        require_reason(order.reason)
        refuse_risk_decision(original_of(payload), order.actor, order.now)

    def describe(self, payload: Payload) -> Description:
        text = _("Decline %(reference)s, held by risk: the %(amount)s from %(payer)s to %(payee)s never move.")
        return Description(summary=said(text, original_of(payload)))

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        held = original_of(payload)
        return {"state": str(held.state), "waits": held.waits_for_risk}

    def execute(self, payload: Payload, order: Order) -> Transaction:
        return transaction_services.decline_risk_held(
            transaction_id=original_of(payload).pk, reason=order.reason, actor=order.actor, now=order.now
        )

    def is_done(self, result: Any) -> bool:
        """Tell so: declined is what was asked for."""
        return True


def said(text: Any, held: Transaction) -> str:
    """Return a sentence about a payment: `reference`, `amount`, `payer` and `payee` filled in."""
    words = {"reference": held.reference, "amount": held.money.format()}
    return str(text) % {**words, "payer": named(held.debit_account), "payee": named(held.credit_account)}


def changes_of(held: Transaction) -> dict[str, tuple[str, str]]:
    """Return what posting it does to its customers' balances."""
    payer, payee = held.debit_account, held.credit_account
    return {
        **(effects.balance_change(payer, -held.money) if payer.is_customer_account else {}),
        **(effects.balance_change(payee, held.money) if payee.is_customer_account else {}),
    }


def warnings_of(held: Transaction) -> list[str]:
    """Return what a reviewer must not miss of a payment that is about to be released, whatever it is held for."""
    payer = held.debit_account
    return [
        *_twin(held),
        *(effects.overdrawn(payer, held.money) if payer.is_customer_account else ()),
        *effects.restricted(customers_of(held)),
    ]


def customers_of(held: Transaction) -> list[Account]:
    """Return those of its accounts that are customers'."""
    return [account for account in (held.debit_account, held.credit_account) if account.is_customer_account]


def check_rights(held: Transaction, payload: Payload, order: Order) -> None:
    """Let a partner confirm what it ordered itself. Whoever releases it, the partner must still be allowed to order it.

    :raises UnknownTransaction: when a partner names another one's.
    :raises PartnerNotAllowed: when its credential has not the scope of this kind.
    :raises PartnerNotAllowed, UnknownAccount: see `partner_rights.check`.
    :raises PartnerNotActive, PartnerMayNoLonger: see `partner_rights.check_behind`.
    :raises PartnerLimitMissing, PartnerLimitExceeded: beyond what is agreed with the partner for one transaction now.
    """
    if "partner" in payload and held.partner_id != partner_pk(payload):
        raise UnknownTransaction(reference=payload["transaction"])
    if order.actor.kind == "partner" and not _scopes_of(held) & scopes_now(order.actor.id, now=order.now):
        raise PartnerNotAllowed
    partner_rights.check(
        order, payload, debit=held.debit_account_id, credit=held.credit_account_id, kind=Kind(held.kind)
    )
    if held.partner is None:
        return
    if order.actor.kind != "partner":
        partner_rights.check_behind(held.partner, held)
    require_single(partner_id=held.partner.pk, amount=held.money)


def scopes_to_order() -> frozenset[str]:
    """Return the scopes of whoever may order what can be held back as a possible duplicate."""
    ordered = [key for kind, key in BY_PARTNERS.items() if kind in COMPARED]
    return frozenset(scope for key in [*ordered, IN_BATCHES] for scope in operations.get(key).partner_scopes())


def _scopes_of(held: Transaction) -> frozenset[str]:
    """Return of which scopes a credential must have one to confirm its own: of those with which it can be ordered."""
    ordered = [BY_PARTNERS[Kind(held.kind)]] if held.kind in BY_PARTNERS else []
    if held.batch_items.exists():
        ordered.append(IN_BATCHES)
    return frozenset(scope for key in ordered for scope in operations.get(key).partner_scopes())


def _twin(held: Transaction) -> list[str]:
    twin = held.twin
    if twin is None:
        return []
    words = {"reference": twin.reference, "state": twin.get_state_display(), "maker": twin.maker_name}
    return [str(_("It looks like %(reference)s (%(state)s, made by %(maker)s): the same accounts and amount.") % words)]
