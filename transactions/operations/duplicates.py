"""Releasing a payment that was held back as a possible duplicate, and changing what counts as one."""

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
from partners.selectors import partner_by_public_id, scopes_now
from partners.services.allowance import require_single
from transactions import locks, partner_rights, refusals
from transactions import services as transaction_services
from transactions.duplicates import errors
from transactions.errors import UnknownTransaction
from transactions.models import DuplicatePolicy, Kind, Transaction
from transactions.operations import effects
from transactions.operations.payloads import Payload, partner_in, partner_pk, public_id
from transactions.operations.reversal import original_of
from transactions.services import duplicate_policies
from transactions.services.duplicates import policy_of
from transactions.services.held import refuse_release
from transactions.services.telling import subject_of
from transactions.wording import named

_BY_STAFF: Final[Mapping[Kind, str]] = {
    Kind.TRANSFER: "transactions.transfer",
    Kind.WITHDRAWAL: "transactions.withdraw",
}
_BY_PARTNERS: Final[Mapping[Kind, str]] = {
    Kind.TRANSFER: "transactions.transfer",
    Kind.DEPOSIT: "transactions.agent_deposit",
    Kind.WITHDRAWAL: "transactions.agent_withdraw",
}
"""The operations behind what can be held back; cash paid in at the bank's own counter needs no consent."""
_IN_BATCHES: Final = "transactions.transfer_batch"
"""The operation behind items of batches, which are transfers."""


class Release(Operation):
    """Payload: `{"transaction": "tr_…"}`, with `"partner": "ptn_…"` when one confirms its own; the order says why.

    Nothing is reserved while it waits, as nothing was while it was held.
    """

    key = "transactions.release"
    label = _("Release a possible duplicate")
    usual_review = Review.FROM_AMOUNT

    @classmethod
    def partner_scopes(cls) -> frozenset[str]:
        """Return the scopes of whoever may order what can be held back; `_check_rights` asks for that of the kind at hand."""
        ordered = [*_BY_PARTNERS.values(), _IN_BATCHES]
        return frozenset(scope for key in ordered for scope in operations.get(key).partner_scopes())

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises FieldMissing, InvalidId: when `transaction` is no transaction's id."""
        return {"transaction": public_id(payload, "transaction", Transaction.ID_PREFIX), **partner_in(payload)}

    def facts(self, payload: Payload) -> Facts:
        held = original_of(payload)
        branch = held.debit_account.branch
        return Facts(amount=held.money, branch=branch.code if branch else "")

    def parts(self, payload: Payload) -> Iterable[tuple[str, Facts]]:
        """Return the payment itself: what policies ask for it at once they ask when it was held back, too."""
        held = original_of(payload)
        ordered = (_BY_PARTNERS if held.partner_id else _BY_STAFF).get(Kind(held.kind))
        return [(ordered, self.facts(payload))] if ordered else []

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        held = original_of(payload)
        return [*map(account_subject, _customers(held)), subject_of(held)]

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, UnknownTransaction, NotHeld, NotByItsMaker, PostingRefused: as the service would."""
        require_reason(order.reason)
        held = original_of(payload)
        _check_rights(held, payload, order)
        refuse_release(held, order.actor, order.now)
        refusals.check_two_sides(held.debit_account.balance, held.credit_account.balance, held.money)

    def describe(self, payload: Payload) -> Description:
        held = original_of(payload)
        text = _(
            "Release %(reference)s, held back as a possible duplicate: move %(amount)s from %(payer)s to %(payee)s."
        )
        payer, payee = held.debit_account, held.credit_account
        words = {"reference": held.reference, "amount": held.money.format()}
        return Description(
            summary=str(text) % {**words, "payer": named(payer), "payee": named(payee)},
            changes={
                **effects.balance_change(payer, -held.money),
                **(effects.balance_change(payee, held.money) if payee.is_customer_account else {}),
            },
            warnings=[*_twin(held), *effects.overdrawn(payer, held.money), *effects.restricted(_customers(held))],
        )

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        held = original_of(payload)
        return {
            "state": str(held.state),
            "accounts": {account.number: effects.fingerprint(account) for account in _customers(held)},
            "covered": refusals.is_covered(held.debit_account.balance, held.money),
        }

    def lock(self, payload: Payload) -> None:
        held = original_of(payload)
        accounts_for_update((held.debit_account_id, held.credit_account_id))
        locks.transaction_for_update(held.pk)

    def execute(self, payload: Payload, order: Order) -> Transaction:
        held = original_of(payload)
        _check_rights(held, payload, order)
        return transaction_services.release_held(
            transaction_id=held.pk,
            reason=order.reason,
            actor=order.actor,
            now=order.now,
            business_date=clock.business_date(order.now),
            approval_request_id=order.request_id,
        )

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result)


class ChangeDuplicatePolicy(Operation):
    """Payload: `{"window_minutes": 1440, "twins_tolerated": 0, "amount_within_basis_points": 0, "held_hours": 72,
    "staff_too": false}`, with `"partner": "ptn_…"` for one of its own; the order says why.
    """

    key = "transactions.change_duplicate_policy"
    label = _("Change what counts as a possible duplicate")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownPartner, OutOfRange: naming what is at fault."""
        if "partner" in payload:
            partner_by_public_id(partner_in(payload)["partner"])
        terms = {term: _number(payload, term) for term in duplicate_policies.RANGES}
        return {**terms, "staff_too": _flag(payload), **partner_in(payload)}

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired: when the order says no reason."""
        require_reason(order.reason)

    def describe(self, payload: Payload) -> Description:
        before, whom = (
            policy_of(partner_pk(payload)),
            payload.get("partner") or _("everybody without a policy of their own"),
        )
        changes = {
            _label(term): (
                _word(getattr(before, term)),
                _word(payload[term]),
            )
            for term in duplicate_policies.TERMS
        }
        summary = _("Compare the payments of %(whom)s by these terms from now on.") % {"whom": whom}
        return Description(summary=summary, changes=changes)

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        before = policy_of(partner_pk(payload))
        return {term: getattr(before, term) for term in duplicate_policies.TERMS}

    def execute(self, payload: Payload, order: Order) -> DuplicatePolicy:
        return transaction_services.change_duplicate_policy(
            partner_id=partner_pk(payload),
            terms={term: payload[term] for term in duplicate_policies.TERMS},
            reason=order.reason,
            actor=order.actor,
            now=order.now,
        )

    def subject_of(self, result: Any) -> Subject:
        return duplicate_policies.subject_of(result)


def _check_rights(held: Transaction, payload: Payload, order: Order) -> None:
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


def _scopes_of(held: Transaction) -> frozenset[str]:
    """Return of which scopes a credential must have one to confirm its own: of those with which it can be ordered."""
    ordered = [_BY_PARTNERS[Kind(held.kind)]] if held.kind in _BY_PARTNERS else []
    if held.batch_items.exists():
        ordered.append(_IN_BATCHES)
    return frozenset(scope for key in ordered for scope in operations.get(key).partner_scopes())


def _customers(held: Transaction) -> list[Account]:
    return [account for account in (held.debit_account, held.credit_account) if account.is_customer_account]


def _twin(held: Transaction) -> list[str]:
    twin = held.twin
    if twin is None:
        return []
    words = {"reference": twin.reference, "state": twin.get_state_display(), "maker": twin.maker_name}
    return [str(_("It looks like %(reference)s (%(state)s, made by %(maker)s): the same accounts and amount.") % words)]


def _number(payload: Payload, field: str) -> int:
    """:raises OutOfRange: when it is no whole number within its range."""
    least, most = duplicate_policies.RANGES[field]
    value = payload.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise errors.OutOfRange(field=field, least=least, most=most)
    return value


def _flag(payload: Payload) -> bool:
    value = payload.get("staff_too")
    if not isinstance(value, bool):
        raise errors.OutOfRange(field="staff_too", least=0, most=1)
    return value


def _label(term: str) -> str:
    columns = {field.name: field for field in DuplicatePolicy._meta.concrete_fields}
    return str(columns[term].verbose_name)


def _word(value: object) -> str:
    return str(_("yes") if value else _("no")) if isinstance(value, bool) else str(value)
