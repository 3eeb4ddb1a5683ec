"""Operations on a partner's systems and contacts.

A system by itself lets nobody in. A contact does, in a way: half of a secret is handed over to them, so two people agree.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core.audit import Subject
from bankops.core.operations import Description, Operation, Order, Review
from bankops.core.texts import require_reason
from partners import events, locks, selectors, services, system_rules
from partners.models import ContactRole, Partner, PartnerContact, PartnerSystem
from partners.operations.partners import OnPartner, partner_of, terms

Payload = Mapping[str, Any]


class AddSystem(OnPartner):
    """Payload: `{"partner": "ptn_…", "name": "Till server", "purpose": "Takes payments in the shops"}`."""

    key = "partners.add_system"
    label = _("Add system")
    usual_review = Review.FROM_PARTNERS

    def clean(self, payload: Payload) -> dict[str, Any]:
        told = {name: str(payload.get(name) or "").strip() for name in ("name", "purpose")}
        return {**super().clean(payload), **told}

    def describe(self, payload: Payload) -> Description:
        words = {"name": payload["name"], "partner": partner_of(payload)}
        summary = gettext("%(partner)s has a system, “%(name)s”. It lets nobody in by itself.") % words
        return Description(summary=summary, changes={gettext("What it is for"): ("", payload["purpose"])})

    def refuse_as_it_is(self, partner: Partner, payload: Payload) -> None:
        system_rules.refuse_system(partner, payload["name"], payload["purpose"])

    def execute(self, payload: Payload, order: Order) -> PartnerSystem:
        told = {"name": payload["name"], "purpose": payload["purpose"]}
        return services.add_system(partner_id=partner_of(payload).pk, **told, **terms(order))

    def subject_of(self, result: Any) -> Subject:
        return events.about_system(result)


class _OnRecord(Operation):
    """An operation on one record of a partner's, whose reason is required and whose partner is locked."""

    usual_review = Review.FROM_PARTNERS

    @abstractmethod
    def record(self, payload: Payload) -> Any:
        """Return the record that the payload names, with its partner."""

    @abstractmethod
    def subject(self, record: Any) -> Subject:
        """Return the record as the trail names it."""

    @abstractmethod
    def refuse_as_it_is(self, record: Any) -> None:
        """Refuse what its present state forbids, as the service would."""

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        record = self.record(payload)
        return [self.subject(record), events.about(record.partner)]

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired: besides what `refuse_as_it_is` says."""
        require_reason(order.reason)
        self.refuse_as_it_is(self.record(payload))

    def lock(self, payload: Payload) -> None:
        locks.lock_partner(self.record(payload).partner_id)

    def subject_of(self, result: Any) -> Subject:
        return self.subject(result)


class RetireSystem(_OnRecord):
    """Payload: `{"system": "psy_…"}`."""

    key = "partners.retire_system"
    label = _("Retire system")

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownSystem: when `system` names none."""
        return {"system": self.record(payload).public_id}

    def record(self, payload: Payload) -> PartnerSystem:
        return selectors.system_by_public_id(str(payload.get("system", "")))

    def subject(self, record: PartnerSystem) -> Subject:
        return events.about_system(record)

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        return {"retired": self.record(payload).retired_at is not None}

    def describe(self, payload: Payload) -> Description:
        system = self.record(payload)
        words = {"name": system, "partner": system.partner}
        return Description(summary=gettext("“%(name)s” of %(partner)s is not used any more.") % words)

    def refuse_as_it_is(self, record: PartnerSystem) -> None:
        system_rules.refuse_retirement(record)

    def execute(self, payload: Payload, order: Order) -> PartnerSystem:
        return services.retire_system(system_id=self.record(payload).pk, **terms(order))


class _OnContact(_OnRecord):
    """Payload: `{"contact": "pct_…"}`: what is personal stays in its own, sealed record."""

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownContact: when `contact` names none."""
        return {"contact": self.record(payload).public_id}

    def record(self, payload: Payload) -> PartnerContact:
        return selectors.contact_by_public_id(str(payload.get("contact", "")))

    def subject(self, record: PartnerContact) -> Subject:
        return events.about_contact(record)

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        contact = self.record(payload)
        return {"since": str(contact.since), "until": str(contact.until), "partner": str(contact.partner.state)}

    def _described(self, contact: PartnerContact, summary: str) -> Description:
        role = str(ContactRole(contact.role).label)
        shown = {gettext("E-mail"): ("", contact.email.masked), gettext("Phone"): ("", contact.phone.masked)}
        return Description(
            summary=summary % {"name": contact, "partner": contact.partner, "role": role},
            changes={label: change for label, change in shown.items() if change[1]},
        )


class AddContact(_OnContact):
    key = "partners.add_contact"
    label = _("Add contact")
    usual_review = Review.ALWAYS

    def describe(self, payload: Payload) -> Description:
        return self._described(self.record(payload), gettext("%(name)s is called at %(partner)s: %(role)s."))

    def refuse_as_it_is(self, record: PartnerContact) -> None:
        system_rules.refuse_addition(record)

    def execute(self, payload: Payload, order: Order) -> PartnerContact:
        return services.add_contact(contact_id=self.record(payload).pk, **terms(order))


class EndContact(_OnContact):
    key = "partners.end_contact"
    label = _("End contact")

    def describe(self, payload: Payload) -> Description:
        return self._described(
            self.record(payload), gettext("%(name)s is not called at %(partner)s any more: %(role)s.")
        )

    def refuse_as_it_is(self, record: PartnerContact) -> None:
        system_rules.refuse_ending(record)

    def execute(self, payload: Payload, order: Order) -> PartnerContact:
        return services.end_contact(contact_id=self.record(payload).pk, **terms(order))
