"""Changing a customer's data: how accounts are taken over, so others agree first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import customer_errors, errors
from accounts.changes import Change
from accounts.locks import customer_for_update
from accounts.models import Customer, CustomerChange
from accounts.particulars import SECTIONS, draft_in_words, row_in_words, standing
from accounts.services import customer_changes
from accounts.services.customers import subject_of
from bankops.core import clock, ids
from bankops.core.audit import Subject
from bankops.core.masking import MASK
from bankops.core.operations import Description, Facts, Operation, Order
from bankops.core.texts import require_reason
from staff.models import Branch

Payload = Mapping[str, Any]


class UpdateCustomer(Operation):
    """Payload: `{"customer": "cus_…", "base_version": 3, "change": "<digest of a CustomerChange>"}`.

    The change itself holds personal data and stays sealed in its own row.
    """

    key = "accounts.update_customer"
    version = 2  # 1 could change the risk rating, too: what was approved of it then is not carried out in part
    label = _("Change a customer's data")

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownCustomer, ChangeNotFound, ChangeUnreadable: when it names none."""
        version, digest = payload.get("base_version"), payload.get("change")
        if type(version) is not int:
            raise customer_errors.ChangeUnreadable(problem="base_version")
        customer = _customer(payload)
        if not CustomerChange.objects.filter(customer=customer, digest=str(digest), base_version=version).exists():
            raise customer_errors.ChangeNotFound
        return {"customer": customer.public_id, "base_version": version, "change": str(digest)}

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, CustomerChanged: besides what `customer_changes.examine` says."""
        require_reason(order.reason)
        customer = _customer(payload)
        if customer.version != payload["base_version"]:
            raise customer_errors.CustomerChanged(customer=customer.number)
        customer_changes.examine(customer, _change(payload), today=clock.business_date(order.now))

    def describe(self, payload: Payload) -> Description:
        customer, change = _customer(payload), _change(payload)
        text = gettext("The data of customer %(number)s, %(name)s, are changed.")
        return Description(
            summary=text % {"number": customer.number, "name": customer.name},
            changes=dict([*_fields(customer, change), *_sections(customer, change)]),
            warnings=list(_warnings(change)),
        )

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        return {"version": _customer(payload).version}

    def facts(self, payload: Payload) -> Facts:
        customer = _customer(payload)
        return Facts(branch=customer.branch.code, risk_band=str(customer.risk_rating).lower())

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [subject_of(_customer(payload))]

    def lock(self, payload: Payload) -> None:
        customer_for_update(_customer_id(payload))

    def execute(self, payload: Payload, order: Order) -> Customer:
        return customer_changes.update_customer(
            customer_id=_customer_id(payload),
            base_version=payload["base_version"],
            digest=payload["change"],
            actor=order.actor,
            reason=order.reason,
            now=order.now,
        )

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result)


def _customer_id(payload: Payload) -> UUID:
    return ids.decode(Customer.ID_PREFIX, str(payload.get("customer", "")))


def _customer(payload: Payload) -> Customer:
    customer = Customer.objects.select_related("branch").filter(pk=_customer_id(payload)).first()
    if customer is None:
        raise errors.UnknownCustomer
    return customer


def _change(payload: Payload) -> Change:
    return customer_changes.content_of(_customer_id(payload), payload["change"])


def _fields(customer: Customer, change: Change) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the rows of the before/after table that are about the customer's own fields."""
    for name, value in change.fields.items():
        label = capfirst(str(Customer._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
        yield label, _before_and_after(customer, name, value)


def _before_and_after(customer: Customer, name: str, value: str) -> tuple[str, str]:
    match name:
        case "birth_date":
            # The day is masked; that the year moves or stays tells a slip of the pen from another person.
            return (f"{customer.birth_date.reveal()[:4]}-{MASK}" if customer.birth_date else ""), f"{value[:4]}-{MASK}"
        case "branch":
            branch = Branch.objects.filter(code=value).first()
            return str(customer.branch), str(branch or value)
    return str(getattr(customer, name)), value


def _sections(customer: Customer, change: Change) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield a row for each section in which something is added or ended: what stood, and what will stand."""
    for name, section in SECTIONS.items():
        added, ended = change.of_section(name), change.ended_in(name)
        if added or ended:
            rows = [row for row in standing(customer, name) if str(row.pk) in ended]
            gone = "; ".join(row_in_words(row) for row in rows)
            yield capfirst(str(section.label)), (gone, "; ".join(map(draft_in_words, added)))


def _warnings(change: Change) -> Iterator[str]:
    if change.of_section("contacts") or change.ended_in("contacts"):
        yield gettext(
            "Codes and notices will go elsewhere. Be sure that the customer asked for it, in person or by a call back."
        )
