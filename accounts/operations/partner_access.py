"""What a partner may do with a customer's account: every widening is agreed to by two people, taking it away is not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import errors, numbers
from accounts import services as account_services
from accounts.models import Account
from accounts.operations.access import OnConfidentiality, account_of, terms_of
from accounts.partner_access import LABELS, Right
from accounts.services import partner_access as rules
from bankops.core.operations import Description, Order, Review
from partners.models import Partner
from partners.selectors import partner_by_public_id

Payload = Mapping[str, Any]


class OnPartnerAccess(OnConfidentiality):
    """An operation on one partner's rights. Payload: `{"account": "acc_…", "partner": "ptn_…"}` and what a subclass adds."""

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownPartner: when `partner` names none."""
        return {**super().clean(payload), "partner": _partner(payload).public_id}

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        partner = _partner(payload)
        rights = rules.rights_of(account_of(payload), partner)
        return {**super().preconditions(payload), "partner": partner.state, "rights": sorted(rights)}


class GrantPartnerAccess(OnPartnerAccess):
    """Payload: `{"account": "acc_…", "partner": "ptn_…", "rights": ["partner_read", "partner_debit"]}`."""

    key = "accounts.grant_partner_access"
    label = _("Give a partner rights to an account")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises UnknownPartnerRight: when `rights` names none, or one that is none."""
        return {**super().clean(payload), "rights": _rights(payload)}

    def describe(self, payload: Payload) -> Description:
        account, partner = account_of(payload), _partner(payload)
        before = rules.rights_of(account, partner)
        after = before | {Right(right) for right in payload["rights"]}
        confidential = gettext("This account is confidential: the partner's systems will see what few people may.")
        text = gettext("The systems of %(partner)s may %(rights)s: account %(account)s.")
        return Description(
            summary=text % _words(account, partner, payload["rights"]),
            changes={gettext("Rights of %(partner)s") % {"partner": partner.name}: (_listed(before), _listed(after))},
            warnings=[confidential] if account.is_confidential else [],
        )

    def refuse_as_it_is(self, account: Account, payload: Payload) -> None:
        rules.refuse_grant(account, _partner(payload), [Right(right) for right in payload["rights"]])

    def execute(self, payload: Payload, order: Order) -> Account:
        return account_services.grant_partner_access(
            partner=_partner(payload),
            rights=[Right(right) for right in payload["rights"]],
            approval_request_id=order.request_id,
            **terms_of(payload, order),
        )


class RevokePartnerAccess(OnPartnerAccess):
    """Takes all of a partner's rights to an account; done at once."""

    key = "accounts.revoke_partner_access"
    label = _("Take a partner's rights to an account")
    usual_review = Review.FROM_PARTNERS

    def describe(self, payload: Payload) -> Description:
        account, partner = account_of(payload), _partner(payload)
        before = rules.rights_of(account, partner)
        text = gettext("The systems of %(partner)s may no longer use account %(account)s.")
        return Description(
            summary=text % _words(account, partner, []),
            changes={gettext("Rights of %(partner)s") % {"partner": partner.name}: (_listed(before), _listed(()))},
        )

    def refuse_as_it_is(self, account: Account, payload: Payload) -> None:
        rules.refuse_revocation(account, _partner(payload))

    def execute(self, payload: Payload, order: Order) -> Account:
        return account_services.revoke_partner_access(partner=_partner(payload), **terms_of(payload, order))


def _partner(payload: Payload) -> Partner:
    return partner_by_public_id(str(payload.get("partner", "")))


def _rights(payload: Payload) -> list[str]:
    wanted = payload.get("rights")
    if not isinstance(wanted, Sequence) or isinstance(wanted, str) or not wanted or not set(wanted) <= set(Right):
        raise errors.UnknownPartnerRight(rights=", ".join(Right))
    return sorted({str(right) for right in wanted})


def _words(account: Account, partner: Partner, rights: Collection[str]) -> dict[str, str]:
    return {
        "partner": partner.name,
        "account": numbers.display(account.number),
        "rights": _listed([Right(right) for right in rights]),
    }


def _listed(rights: Collection[Right]) -> str:
    return ", ".join(str(LABELS[right]) for right in Right if right in rights) or gettext("none")
