"""The doors on a partner's systems and contacts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core import clock
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm, capitalised
from partners import services
from partners.models import ContactRole, Partner, PartnerContact, PartnerState, PartnerSystem
from staff.actors import actor_of
from staff.admin.submitting import SubmittingDoor


class SystemForm(ReasonForm):
    name = forms.CharField(label=_("Name"), max_length=100)
    purpose = forms.CharField(label=_("What it is for"), max_length=200, required=False)


class ContactForm(ReasonForm):
    role = forms.ChoiceField(label=_("Called about"), choices=capitalised(ContactRole))
    name = forms.CharField(label=_("Name"), max_length=100)
    email = forms.CharField(label=_("E-mail"), max_length=254)
    phone = forms.CharField(label=_("Phone"), max_length=30, required=False, help_text=_("Like +86 21 5555 0100."))


class AddSystem(SubmittingDoor):
    name = "add_system"
    label = _("Add system")
    permission = "partners.add_system"
    form_class = SystemForm
    icon = "dns"

    def offered(self, record: Partner) -> bool:
        return record.state == PartnerState.ACTIVE

    def summary(self, record: Any) -> str | Promise:
        return _("Credentials can then say which system they are for. By itself it lets nobody in.")

    def perform(self, request: HttpRequest, form: SystemForm, record: Partner) -> Done:
        told = {name: form.cleaned_data[name] for name in ("name", "purpose")}
        done = gettext("System “%(name)s” is added.") % told
        return self.submit(request, form, {"partner": record.public_id, **told}, done=done, record=record)


class AddContact(SubmittingDoor):
    name = "add_contact"
    label = _("Add contact")
    permission = "partners.add_contact"
    form_class = ContactForm
    icon = "person_add"

    def offered(self, record: Partner) -> bool:
        return record.state != PartnerState.ENDED

    def summary(self, record: Any) -> str | Promise:
        return _("Two people have to agree: half of a secret may be handed over to whoever is named here.")

    def perform(self, request: HttpRequest, form: ContactForm, record: Partner) -> Done:
        told = {name: form.cleaned_data[name] for name in ("role", "name", "email", "phone")}
        contact = services.draft_contact(partner_id=record.pk, now=clock.now(), **told)
        return self.submit(request, form, {"contact": contact.public_id}, done=gettext("The contact is added."))


class RetireSystem(SubmittingDoor):
    name = "retire_system"
    label = _("Retire system")
    permission = "partners.retire_system"
    dangerous = True
    icon = "power_off"

    def offered(self, record: PartnerSystem) -> bool:
        return record.retired_at is None

    def summary(self, record: Any) -> str | Promise:
        return _("Once none of its credentials lives any more.")

    def perform(self, request: HttpRequest, form: ReasonForm, record: PartnerSystem) -> Done:
        done = gettext("System “%(name)s” is retired.") % {"name": record.name}
        return self.submit(request, form, {"system": record.public_id}, done=done)


class EndContact(SubmittingDoor):
    name = "end_contact"
    label = _("End contact")
    permission = "partners.end_contact"
    dangerous = True
    icon = "person_remove"

    def offered(self, record: PartnerContact) -> bool:
        return record.since is not None and record.until is None

    def summary(self, record: Any) -> str | Promise:
        return _("At once. Nobody at the bank calls them any more.")

    def perform(self, request: HttpRequest, form: ReasonForm, record: PartnerContact) -> Done:
        done = gettext("Contact %(name)s is ended.") % {"name": record.name}
        return self.submit(request, form, {"contact": record.public_id}, done=done)


class ShowContact(Door):
    name = "show_contact"
    label = _("Show how to reach them")
    permission = "partners.show_contact"
    form_class = ReasonForm
    icon = "visibility"

    def summary(self, record: Any) -> str | Promise:
        return _("Shown once, on the next page. The trail records that you saw it, and why.")

    def perform(self, request: HttpRequest, form: ReasonForm, record: PartnerContact) -> HttpResponse:
        reached = services.show_contact(
            contact_id=record.pk, reason=form.cleaned_data["reason"], actor=actor_of(request), now=clock.now()
        )
        context = {"reached": reached, "done_url": self.page_of(record)}
        response = self.render(request, record, context, template="partners/contact.html")
        response["Cache-Control"] = "no-store"
        return response
