"""Freezing an account, which must not wait, and releasing it, which two people agree to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import errors, wording
from accounts import services as account_services
from accounts.locks import accounts_for_update
from accounts.models import Account, AccountRestriction, Restriction, RestrictionReason
from accounts.operations.on_account import OnAccount, blocked, described, on_account
from accounts.operations.payloads import Payload, account_of, choice, moment, moment_of, words
from accounts.services import restricting
from accounts.services.lifecycle import refuse_closed, subject_of
from accounts.services.restricting import Freeze, strictest
from accounts.wording import named
from bankops.core import ids, texts
from bankops.core.audit import Subject
from bankops.core.operations import Description, Facts, Operation, Order, Review
from bankops.core.texts import require_reason


class FreezeAccount(OnAccount):
    """Payload: `{"account": "acc_…", "restriction": "BLOCK_ALL", "reason_code": "COURT_ORDER", "legal_reference": "",
    "ends_at": "2026-03-31T16:00:00+00:00"}`; the end is empty for open end.
    """

    key = "accounts.freeze_account"
    label = _("Freeze account")
    usual_review = Review.FROM_PARTNERS

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises UnknownChoice, InvalidMoment, TextTooLong, ReasonOfTheWatch: besides `InvalidId`, `AccountNotFound`."""
        reference = words(payload, "legal_reference")
        texts.check_fits(AccountRestriction, legal_reference=reference)
        return {
            **super().clean(payload),
            "restriction": str(choice(payload, "restriction", Restriction).value),
            "reason_code": _reason_code(payload),
            "legal_reference": reference,
            "ends_at": moment(payload, "ends_at"),
        }

    def describe(self, payload: Payload) -> Description:
        account, wanted = account_of(payload), Restriction(payload["restriction"])
        after = strictest([account.restriction, wanted])
        reason = str(RestrictionReason(payload["reason_code"]).label)
        changes = {
            gettext("Restriction"): (str(Restriction(account.restriction).label), str(after.label)),
            gettext("Why"): ("", " · ".join(filter(None, (reason, payload["legal_reference"])))),
            gettext("Until"): ("", payload["ends_at"] or gettext("open end")),
        }
        return described(account, gettext("Freeze account %(account)s."), changes)

    def refuse_as_it_is(self, account: Account, payload: Payload, order: Order) -> None:
        refuse_closed(account)
        restricting.refuse_restriction(account, restricting.draft(_freeze(payload, order)))

    def earlier(self, payload: Payload, order: Order) -> AccountRestriction | None:
        """:raises FreezeConflict: when the key froze the account on other terms."""
        account = account_of(payload)
        wanted = restricting.draft(_freeze(payload, order))
        earlier = restricting.frozen_earlier(account.pk, wanted.order_key)
        return earlier and restricting.if_the_same(earlier, wanted, account)

    def execute(self, payload: Payload, order: Order) -> AccountRestriction:
        return account_services.freeze_account(**_freeze(payload, order))

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result.account)


class ReleaseAccount(Operation):
    """Payload: `{"restriction": "rst_…"}`: one of those that stand on an account; the others go on."""

    key = "accounts.release_account"
    label = _("Release account")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, RestrictionNotFound: when `restriction` names none."""
        return {"restriction": _restriction(payload).public_id}

    def facts(self, payload: Payload) -> Facts:
        branch = _restriction(payload).account.branch
        return Facts(branch=branch.code if branch else "")

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [subject_of(_restriction(payload).account)]

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        restriction = _restriction(payload)
        return {"open": restriction.is_open, "status": str(restriction.account.status)}

    def describe(self, payload: Payload) -> Description:
        restriction = _restriction(payload)
        account, line = restriction.account, wording.restriction_in_words(restriction)
        others = account.restrictions.standing().exclude(pk=restriction.pk)
        after = strictest(others.values_list("kind", flat=True))
        text = gettext("Lift one restriction of account %(account)s: %(restriction)s.")
        return Description(
            summary=text % {"account": named(account), "restriction": line},
            changes={
                gettext("Restriction"): (str(Restriction(account.restriction).label), str(after.label)),
                gettext("Placed by"): (restriction.placed_by_name, ""),
            },
            warnings=[one for one in blocked(account) if line not in one],
        )

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, RestrictionOver, AccountNotOpen: as the service would."""
        require_reason(order.reason)
        restriction = _restriction(payload)
        refuse_closed(restriction.account)
        restricting.refuse_lifting(restriction.account, restriction)

    def lock(self, payload: Payload) -> None:
        accounts_for_update([_restriction(payload).account_id])

    def execute(self, payload: Payload, order: Order) -> AccountRestriction:
        return account_services.release_account(
            restriction_id=_restriction(payload).pk, reason=order.reason, actor=order.actor, now=order.now
        )

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result.account)


def _reason_code(payload: Payload) -> str:
    code = RestrictionReason(choice(payload, "reason_code", RestrictionReason, RestrictionReason.OTHER))
    if code not in RestrictionReason.of_people():
        raise errors.ReasonOfTheWatch(reason=code.label)
    return str(code.value)


def _freeze(payload: Payload, order: Order) -> Freeze:
    return {
        **on_account(payload, order),  # type: ignore[typeddict-item]
        "restriction": Restriction(payload["restriction"]),
        "reason_code": RestrictionReason(payload["reason_code"]),
        "legal_reference": payload["legal_reference"],
        "ends_at": moment_of(payload["ends_at"]),
        "idempotency_key": order.idempotency_key or None,
    }


def _restriction(payload: Payload) -> AccountRestriction:
    restriction_id = ids.decode(AccountRestriction.ID_PREFIX, str(payload.get("restriction", "")))
    known = AccountRestriction.objects.select_related("account__customer", "account__branch")
    restriction = known.filter(pk=restriction_id).first()
    if restriction is None:
        raise errors.RestrictionNotFound
    return restriction
