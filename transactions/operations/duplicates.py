"""Releasing a payment that was held back as a possible duplicate, and changing what counts as one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from bankops.core import clock
from bankops.core.audit import Subject
from bankops.core.operations import Description, Operation, Order
from bankops.core.texts import require_reason
from partners.selectors import partner_by_public_id
from transactions import refusals
from transactions import services as transaction_services
from transactions.duplicates import errors
from transactions.models import DuplicatePolicy, Transaction
from transactions.operations.held import OfHeld, changes_of, check_rights, said, scopes_to_order, warnings_of
from transactions.operations.payloads import Payload, partner_in, partner_pk
from transactions.operations.reversal import original_of
from transactions.services import duplicate_policies
from transactions.services.duplicates import policy_of
from transactions.services.held import refuse_release


class Release(OfHeld):
    """Payload: `{"transaction": "tr_…"}`, with `"partner": "ptn_…"` when one confirms its own; the order says why."""

    key = "transactions.release"
    label = _("Release a possible duplicate")

    @classmethod
    def partner_scopes(cls) -> frozenset[str]:
        """Return the scopes of whoever may order what can be held back; `check_rights` asks for that of the kind at hand."""
        return scopes_to_order()

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises FieldMissing, InvalidId: when `transaction` is no transaction's id."""
        return {**super().clean(payload), **partner_in(payload)}

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, UnknownTransaction, NotHeld, HeldByRisk, NotByItsMaker, PostingRefused: as the service."""
        require_reason(order.reason)
        held = original_of(payload)
        check_rights(held, payload, order)
        refuse_release(held, order.actor, order.now)
        refusals.check_two_sides(held.debit_account.balance, held.credit_account.balance, held.money)

    def describe(self, payload: Payload) -> Description:
        held = original_of(payload)
        text = _(
            "Release %(reference)s, held back as a possible duplicate: move %(amount)s from %(payer)s to %(payee)s."
        )
        return Description(summary=said(text, held), changes=changes_of(held), warnings=warnings_of(held))

    def execute(self, payload: Payload, order: Order) -> Transaction:
        held = original_of(payload)
        check_rights(held, payload, order)
        return transaction_services.release_held(
            transaction_id=held.pk,
            reason=order.reason,
            actor=order.actor,
            now=order.now,
            business_date=clock.business_date(order.now),
            approval_request_id=order.request_id,
        )


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
