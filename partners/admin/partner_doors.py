"""The doors on a partner. Those that let somebody in are submitted for approval, those that shut out work at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core.admin.doors import Done
from bankops.core.admin.forms import DoorForm, ReasonForm, capitalised
from partners import rules
from partners.models import Partner, PartnerKind, PartnerState
from partners.services.partners import FIELDS
from staff.admin.submitting import SubmittingDoor


class PartnerForm(ReasonForm):
    name = forms.CharField(label=_("Name"), max_length=100)
    legal_name = forms.CharField(label=_("Legal name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=capitalised(PartnerKind))
    may_credit_any = forms.BooleanField(
        label=_("May pay any customer"),
        required=False,
        help_text=_("Without it, only into accounts that were granted to it."),
    )
    requires_signature = forms.BooleanField(
        label=_("Must sign its requests"),
        required=False,
        help_text=_("Then each of its credentials needs a signing key before it can call."),
    )
    rate_per_second = forms.IntegerField(
        label=_("Calls a second"), min_value=1, max_value=rules.MOST_PER_SECOND, initial=50
    )
    rate_burst = forms.IntegerField(
        label=_("Calls at once"), min_value=rules.LEAST_BURST, max_value=rules.MOST_BURST, initial=200
    )


class NetworksForm(ReasonForm):
    networks = forms.CharField(
        label=_("Networks"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line, like 203.0.113.0/24. All of them: what is not here any more is shut out."),
    )


class LimitsForm(ReasonForm):
    currency = forms.CharField(label=_("Currency"), max_length=3)
    per_transaction = forms.CharField(label=_("Per transaction"), max_length=30)
    per_day = forms.CharField(label=_("Per day"), max_length=30)


class OnPartner(SubmittingDoor):
    """A door on a partner whose form's fields are the payload."""

    done: ClassVar[str | Promise]
    effect: ClassVar[str | Promise]

    def offered(self, record: Partner) -> bool:
        return record.state != PartnerState.ENDED

    def summary(self, record: Any) -> str | Promise:
        return self.effect

    def payload(self, form: DoorForm) -> Mapping[str, Any]:
        """Return what is asked for, besides of whom."""
        return {}

    def perform(self, request: HttpRequest, form: DoorForm, record: Partner) -> Done:
        payload = {"partner": record.public_id, **self.payload(form)}
        return self.submit(request, form, payload, done=str(self.done) % {"name": record})


class RegisterPartner(SubmittingDoor):
    name = "register_partner"
    label = _("Register partner")
    permission = "partners.register_partner"
    form_class = PartnerForm
    on_list = True
    icon = "add_business"

    def summary(self, record: Any) -> str | Promise:
        return _("Two people have to agree. It can do nothing until it has networks, limits and a credential.")

    def perform(self, request: HttpRequest, form: PartnerForm, record: Any) -> Done:
        payload = {name: form.cleaned_data[name] for name in FIELDS}
        return self.submit(request, form, payload, done=gettext("The partner is registered."))


class ChangePartner(OnPartner):
    name = "change_partner"
    label = _("Change partner")
    permission = "partners.change_partner"
    form_class = PartnerForm
    icon = "edit"
    effect = _("Two people have to agree to it.")
    done = _("%(name)s is changed.")

    def initial(self, request: HttpRequest, record: Partner) -> dict[str, Any]:
        return {name: getattr(record, name) for name in FIELDS}

    def payload(self, form: DoorForm) -> Mapping[str, Any]:
        return {name: form.cleaned_data[name] for name in FIELDS}


class SetNetworks(OnPartner):
    name = "set_networks"
    label = _("Set networks")
    permission = "partners.set_networks"
    form_class = NetworksForm
    icon = "lan"
    effect = _("Its systems may call from these networks and no other. Two people have to agree to it.")
    done = _("The networks of %(name)s are set.")

    def initial(self, request: HttpRequest, record: Partner) -> dict[str, Any]:
        return {"networks": "\n".join(rules.networks_of(record))}

    def payload(self, form: DoorForm) -> Mapping[str, Any]:
        return {"networks": form.cleaned_data["networks"].split()}


class SetPartnerLimits(OnPartner):
    name = "set_partner_limits"
    label = _("Set limits")
    permission = "partners.set_partner_limits"
    form_class = LimitsForm
    icon = "speed"
    effect = _("In a currency without limits it can move nothing. Two people have to agree to it.")
    done = _("The limits of %(name)s are set.")

    def payload(self, form: DoorForm) -> Mapping[str, Any]:
        return {name: form.cleaned_data[name] for name in ("currency", "per_transaction", "per_day")}


class SuspendPartner(OnPartner):
    name = "suspend_partner"
    label = _("Suspend partner")
    permission = "partners.suspend_partner"
    dangerous = True
    icon = "pause_circle"
    effect = _("Every call is refused from now on. What it asked for and reviewers still decide is not carried out.")
    done = _("%(name)s is suspended.")

    def offered(self, record: Partner) -> bool:
        return record.state == PartnerState.ACTIVE


class ResumePartner(OnPartner):
    name = "resume_partner"
    label = _("Resume partner")
    permission = "partners.resume_partner"
    icon = "play_circle"
    effect = _("It may call again, with the credentials it has. Two people have to agree to it.")
    done = _("%(name)s may call again.")

    def offered(self, record: Partner) -> bool:
        return record.state == PartnerState.SUSPENDED


class EndPartner(OnPartner):
    name = "end_partner"
    label = _("End partnership")
    permission = "partners.end_partner"
    dangerous = True
    icon = "block"
    effect = _("For good, with every credential. What it moved stays in the books.")
    done = _("The partnership with %(name)s has ended.")
