"""Rights on an account for somebody who does not own it: given and ended with the consent of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import TextChoices
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import errors, wording
from accounts.locks import accounts_for_update, customer_for_update
from accounts.models import Account, AccountParty, Customer, PartyRights, PartyRole, Signature
from accounts.services import customers, lifecycle, parties
from accounts.services.parties import Rights
from bankops.core import clock, ids
from bankops.core.audit import Subject
from bankops.core.money import Money
from bankops.core.operations import Description, Facts, Operation, Order
from bankops.core.texts import require_reason

Payload = Mapping[str, Any]


class OnParty(Operation):
    """An operation on somebody's rights on an account. Payload: `{"account": "acc_…", "customer": "cus_…"}`."""

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId: when one of them has not the form of an id."""
        return {
            "account": ids.encode(Account.ID_PREFIX, _account_id(payload)),
            "customer": ids.encode(Customer.ID_PREFIX, _customer_id(payload)),
        }

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired: besides what the service would say."""
        require_reason(order.reason)

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        party = AccountParty.objects.standing().filter(account=_account_id(payload), customer=_customer_id(payload))
        account = _account(payload)
        owner = account.customer.public_id if account.customer else ""
        return {
            "party": party.values_list("pk", flat=True).first(),
            "status": str(account.status),
            "owner": owner,
            "customer": str(_customer(payload).state),
        }

    def facts(self, payload: Payload) -> Facts:
        branch = _account(payload).branch
        return Facts(branch=branch.code if branch else "")

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [lifecycle.subject_of(_account(payload)), customers.subject_of(_customer(payload))]

    def lock(self, payload: Payload) -> None:
        customer_for_update(_customer_id(payload))
        accounts_for_update([_account_id(payload)])

    def subject_of(self, result: Any) -> Subject:
        return lifecycle.subject_of(result.account)


class AddParty(OnParty):
    """Payload: that of `OnParty` and `{"role": "DISPONENT", "rights": "DEBIT", "signature": "SINGLE", "debit_limit": ""}`;
    the limit is a decimal string in the account's currency, or empty.
    """

    key = "accounts.add_party"
    label = _("Give rights on an account")

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises UnknownChoice, InvalidAmount, AccountNotFound: besides what `OnParty` says."""
        limit = str(payload.get("debit_limit") or "").strip()
        return {
            **super().clean(payload),
            "role": _choice(payload, "role", PartyRole),
            "rights": _choice(payload, "rights", PartyRights),
            "signature": _choice(payload, "signature", Signature),
            "debit_limit": str(Money.parse(limit, _account(payload).currency)) if limit else "",
        }

    def refuse(self, payload: Payload, order: Order) -> None:
        super().refuse(payload, order)
        parties.check_party(account_id=_account_id(payload), customer_id=_customer_id(payload), rights=_rights(payload))

    def describe(self, payload: Payload) -> Description:
        account, customer, rights = _account(payload), _customer(payload), _rights(payload)
        text = gettext("%(name)s (%(customer)s) is given rights on account %(account)s.")
        return Description(
            summary=text % _words(account, customer),
            changes={gettext("Rights"): ("", "; ".join(_in_words(rights)))},
            warnings=[gettext("Be sure that the owner asked for it: these rights reach their money.")]
            if rights.rights != PartyRights.VIEW
            else [],
        )

    def execute(self, payload: Payload, order: Order) -> AccountParty:
        return parties.add_party(**_terms(payload, order), rights=_rights(payload))


class RemoveParty(OnParty):
    key = "accounts.remove_party"
    label = _("End rights on an account")

    def refuse(self, payload: Payload, order: Order) -> None:
        super().refuse(payload, order)
        parties.standing_party(account_id=_account_id(payload), customer_id=_customer_id(payload))

    def describe(self, payload: Payload) -> Description:
        party = parties.standing_party(account_id=_account_id(payload), customer_id=_customer_id(payload))
        text = gettext("The rights of %(name)s (%(customer)s) on account %(account)s end.")
        return Description(
            summary=text % _words(_account(payload), party.customer),
            changes={gettext("Rights"): ("; ".join(_in_words(rights_of(party))), "")},
        )

    def execute(self, payload: Payload, order: Order) -> AccountParty:
        return parties.remove_party(**_terms(payload, order))


def rights_of(party: AccountParty) -> Rights:
    """Return what a row says; needs `account` loaded."""
    return Rights(PartyRole(party.role), PartyRights(party.rights), Signature(party.signature), party.limit_money)


def _rights(payload: Payload) -> Rights:
    limit = payload["debit_limit"]
    return Rights(
        PartyRole(payload["role"]),
        PartyRights(payload["rights"]),
        Signature(payload["signature"]),
        Money.parse(limit, _account(payload).currency) if limit else None,
    )


def _in_words(rights: Rights) -> Iterator[str]:
    yield str(capfirst(rights.role.label))
    yield str(rights.rights.label)
    yield gettext("signs %(how)s") % {"how": rights.signature.label}
    if rights.debit_limit:
        yield gettext("at most %(limit)s a debit") % {"limit": rights.debit_limit.format()}


def _words(account: Account, customer: Customer) -> dict[str, str]:
    return {"name": customer.name, "customer": customer.number, "account": wording.named(account)}


def _terms(payload: Payload, order: Order) -> dict[str, Any]:
    return {
        "account_id": _account_id(payload),
        "customer_id": _customer_id(payload),
        "actor": order.actor,
        "reason": order.reason,
        "now": order.now,
        "business_date": clock.business_date(order.now),
    }


def _choice(payload: Payload, field: str, choices: type[TextChoices]) -> str:
    value = str(payload.get(field, ""))
    if value not in choices.values:
        raise errors.UnknownChoice(field=field, value=value, choices=", ".join(choices.values))
    return value


def _account_id(payload: Payload) -> UUID:
    return ids.decode(Account.ID_PREFIX, str(payload.get("account", "")))


def _customer_id(payload: Payload) -> UUID:
    return ids.decode(Customer.ID_PREFIX, str(payload.get("customer", "")))


def _account(payload: Payload) -> Account:
    account = Account.objects.select_related("customer", "branch").filter(pk=_account_id(payload)).first()
    if account is None:
        raise errors.AccountNotFound
    return account


def _customer(payload: Payload) -> Customer:
    customer = Customer.objects.filter(pk=_customer_id(payload)).first()
    if customer is None:
        raise errors.UnknownCustomer
    return customer
