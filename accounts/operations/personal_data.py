"""Erasing a former customer's personal data: it cannot be undone, so two people agree, whatever the policies say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import errors
from accounts import services as account_services
from accounts.locks import customer_for_update
from accounts.models import Customer, CustomerState
from accounts.operations.payloads import Payload
from accounts.services.customers import subject_of
from accounts.services.pseudonymising import refuse_pseudonymising, retention_ends
from bankops.core import clock, ids
from bankops.core.audit import Subject
from bankops.core.operations import Description, Facts, Operation, Order
from bankops.core.texts import require_reason


class PseudonymiseCustomer(Operation):
    """Payload: `{"customer": "cus_…"}`; the order says why."""

    key = "accounts.pseudonymise_customer"
    label = _("Erase personal data")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownCustomer: when `customer` names none."""
        return {"customer": _customer(payload).public_id}

    def facts(self, payload: Payload) -> Facts:
        return Facts(branch=_customer(payload).branch.code)

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [subject_of(_customer(payload))]

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired: besides what `refuse_pseudonymising` says."""
        require_reason(order.reason)
        refuse_pseudonymising(customer=_customer(payload), business_date=clock.business_date(order.now))

    def describe(self, payload: Payload) -> Description:
        customer = _customer(payload)
        text = gettext(
            "Erase the personal data of customer %(customer)s for good: name, date of birth, documents, contacts, addresses,"
            " and the versions kept of them. Number, accounts and postings stay."
        )
        return Description(
            summary=text % {"customer": customer.number},
            changes={
                gettext("State"): (
                    str(CustomerState(customer.state).label),
                    str(CustomerState.PSEUDONYMISED.label),
                ),
                gettext("Had to be kept until"): (retention_ends(customer=customer).isoformat(), ""),
            },
            warnings=[gettext("Nobody can bring the data back. Backups made before still hold it.")],
        )

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        customer = _customer(payload)
        accounts = customer.accounts.order_by("number").values_list("number", "status")
        return {"state": str(customer.state), "version": customer.version, "accounts": [list(one) for one in accounts]}

    def lock(self, payload: Payload) -> None:
        customer_for_update(_customer(payload).pk)

    def execute(self, payload: Payload, order: Order) -> Customer:
        return account_services.pseudonymise_customer(
            customer_id=_customer(payload).pk,
            reason=order.reason,
            actor=order.actor,
            now=order.now,
            business_date=clock.business_date(order.now),
        )

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result)


def _customer(payload: Payload) -> Customer:
    key = ids.decode(Customer.ID_PREFIX, str(payload.get("customer", "")))
    customer = Customer.objects.select_related("branch").filter(pk=key).first()
    if customer is None:
        raise errors.UnknownCustomer
    return customer
