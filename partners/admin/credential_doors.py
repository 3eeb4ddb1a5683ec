"""The doors on credentials: issue, replace the secret, pick it up, revoke."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core import clock
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import DoorForm, ReasonForm
from partners import scopes, services
from partners.models import Credential, CredentialState, Partner, PartnerState
from partners.services.credentials import LONGEST_OVERLAP_HOURS
from staff.actors import person_at
from staff.admin.submitting import SubmittingDoor


class IssueForm(ReasonForm):
    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("The system that will use it."))
    system = forms.ChoiceField(label=_("For the system"), required=False)
    scopes = forms.MultipleChoiceField(
        label=_("May"), choices=[*scopes.ALL.items()], widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, record: Partner, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        systems = record.systems.filter(retired_at=None).order_by("name")
        field: forms.ChoiceField = self.fields["system"]  # type: ignore[assignment]
        field.choices = [("", "—"), *((system.public_id, system.name) for system in systems)]


class RotateForm(ReasonForm):
    overlap_hours = forms.IntegerField(
        label=_("Old secret lives on for, hours"),
        min_value=0,
        max_value=LONGEST_OVERLAP_HOURS,
        initial=24,
        help_text=_("From the moment the new one is picked up."),
    )


class SigningKeyForm(ReasonForm):
    public_key = forms.CharField(
        label=_("Public key"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Ed25519, as PEM or its 32 bytes in Base64. The private half stays with the partner."),
    )
    overlap_hours = forms.IntegerField(
        label=_("Old key lives on for, hours"), min_value=0, max_value=LONGEST_OVERLAP_HOURS, initial=24
    )


class PickUpForm(DoorForm):
    code = forms.CharField(
        label=_("One-time code"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class IssueCredential(SubmittingDoor):
    name = "issue_credential"
    label = _("Issue credential")
    permission = "partners.issue_credential"
    form_class = IssueForm
    icon = "key"

    def offered(self, record: Partner) -> bool:
        return record.state == PartnerState.ACTIVE

    def summary(self, record: Any) -> str | Promise:
        return _("Two people have to agree. Then you pick the secret up yourself, once, within 72 hours.")

    def perform(self, request: HttpRequest, form: IssueForm, record: Partner) -> Done:
        data = form.cleaned_data
        named = {"system": data["system"]} if data["system"] else {}
        payload = {"partner": record.public_id, "name": data["name"], "scopes": data["scopes"], **named}
        return self.submit(request, form, payload, done=gettext("The credential is issued."))


class RotateCredential(SubmittingDoor):
    name = "rotate_credential"
    label = _("Replace secret")
    permission = "partners.rotate_credential"
    form_class = RotateForm
    icon = "autorenew"

    def offered(self, record: Credential) -> bool:
        return record.state == CredentialState.ACTIVE

    def summary(self, record: Any) -> str | Promise:
        return _("Two people have to agree. Then you pick the new secret up yourself, once, within 72 hours.")

    def perform(self, request: HttpRequest, form: RotateForm, record: Credential) -> Done:
        payload = {"credential": record.public_id, "overlap_hours": form.cleaned_data["overlap_hours"]}
        return self.submit(request, form, payload, done=gettext("The secret can be picked up."))


class SetSigningKey(SubmittingDoor):
    name = "set_signing_key"
    label = _("Set signing key")
    permission = "partners.set_signing_key"
    form_class = SigningKeyForm
    icon = "signature"

    def offered(self, record: Credential) -> bool:
        return record.state != CredentialState.REVOKED

    def summary(self, record: Any) -> str | Promise:
        return _(
            "Two people have to agree. Compare the fingerprint with the partner, on another way than the key came."
        )

    def perform(self, request: HttpRequest, form: SigningKeyForm, record: Credential) -> Done:
        data = form.cleaned_data
        payload = {name: data[name] for name in ("public_key", "overlap_hours")}
        return self.submit(
            request, form, {"credential": record.public_id, **payload}, done=gettext("The signing key is set.")
        )


class RevokeCredential(SubmittingDoor):
    name = "revoke_credential"
    label = _("Revoke credential")
    permission = "partners.revoke_credential"
    dangerous = True
    icon = "key_off"

    def offered(self, record: Credential) -> bool:
        return record.state != CredentialState.REVOKED

    def summary(self, record: Any) -> str | Promise:
        return _("At once and for good: its tokens and secrets end with it.")

    def perform(self, request: HttpRequest, form: ReasonForm, record: Credential) -> Done:
        payload = {"credential": record.public_id}
        done = gettext("Credential “%(name)s” is revoked.") % {"name": record.name}
        return self.submit(request, form, payload, done=done)


class PickUpSecret(Door):
    name = "pick_up_secret"
    label = _("Pick up secret")
    permission = "partners.pick_up_secret"
    form_class = PickUpForm
    icon = "visibility"

    def offered(self, record: Credential) -> bool:
        return record.pickup_until is not None and record.pickup_until > clock.now()

    def summary(self, record: Any) -> str | Promise:
        return _("The secret is shown on the next page, once, and nowhere again. Only whoever asked for it can see it.")

    def perform(self, request: HttpRequest, form: PickUpForm, record: Credential) -> HttpResponse:
        secret = services.pick_up_secret(
            credential_id=record.pk, user=person_at(request), code=form.cleaned_data["code"], now=clock.now()
        )
        return _shown_once(self, request, record, secret)


def _shown_once(door: Door, request: HttpRequest, credential: Credential, secret: str) -> HttpResponse:
    """Render the secret; it is in this answer and nowhere else."""
    context = {
        **door.admin.admin_site.each_context(request),
        "title": door.label,
        "opts": door.admin.opts,
        "original": credential,
        "credential": credential,
        "secret": secret,
        "done_url": door.page_of(credential),
    }
    response = TemplateResponse(request, "partners/secret.html", context)
    response["Cache-Control"] = "no-store"
    return response
