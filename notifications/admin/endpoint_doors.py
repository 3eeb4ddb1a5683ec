"""The doors on a partner's webhook endpoints. Where events go is submitted for approval; that none go works at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core import clock
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import DoorForm, ReasonForm
from notifications import durations, event_types, selectors, services, terms
from notifications.errors import NotADuration
from notifications.models import Endpoint, EndpointState
from partners.models import Partner, PartnerState
from partners.services.credentials import LONGEST_OVERLAP_HOURS
from staff.actors import actor_of, person_at
from staff.admin.submitting import SubmittingDoor
from staff.models import User


class TermsForm(ReasonForm):
    """Asks for the terms of `notifications.terms`."""

    url = forms.CharField(label=_("Address"), max_length=500, help_text=_("Like https://hooks.partner.example/bank."))
    description = forms.CharField(
        label=_("Description"), max_length=200, required=False, help_text=_("The partner reads it, too.")
    )
    event_types = forms.MultipleChoiceField(
        label=_("Event types"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all of them, also those there will be."),
    )
    waits = forms.CharField(
        label=_("Waits between tries"),
        max_length=100,
        help_text=_("Like 1m 5m 10m 30m 1h 3h 6h 12h; after the last one an event is given up. At most twelve."),
    )
    max_in_flight = forms.IntegerField(label=_("Requests at once"), min_value=1, max_value=terms.MOST_IN_FLIGHT)
    timeout_seconds = forms.IntegerField(
        label=_("Time-out in seconds"),
        min_value=1,
        max_value=terms.LONGEST_TIMEOUT,
        help_text=_("For a whole request."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: forms.MultipleChoiceField = self.fields["event_types"]  # type: ignore[assignment]
        field.choices = [
            (topic, f"{capfirst(str(one.label))} ({topic})")
            for topic, one in event_types.declared().items()
            if topic != event_types.TEST  # it comes to whichever endpoint is tried out, chosen or not
        ]

    def clean_waits(self) -> list[int]:
        try:
            return durations.read(self.cleaned_data["waits"])
        except NotADuration as refusal:
            raise ValidationError(str(refusal), code=refusal.code) from refusal

    def terms(self) -> dict[str, Any]:
        """Return them as the operations take them."""
        return {name: self.cleaned_data[name] for name in terms.FIELDS}


class AddForm(TermsForm):
    secret_for = forms.ModelChoiceField(
        label=_("Who picks the secret up"),
        queryset=User.objects.none(),
        to_field_name="pk",
        help_text=_("Once it is agreed to, within 72 hours; they hand it over to the partner."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: forms.ModelChoiceField[User] = self.fields["secret_for"]  # type: ignore[assignment]
        field.queryset = selectors.may_pick_up().order_by("full_name")


class RotateForm(ReasonForm):
    overlap_hours = forms.IntegerField(
        label=_("Old secret signs, too, for, hours"),
        min_value=0,
        max_value=LONGEST_OVERLAP_HOURS,
        initial=24,
        help_text=_("From the moment the new one is picked up, so that the partner can change over when it likes."),
    )


class PickUpForm(DoorForm):
    code = forms.CharField(
        label=_("One-time code"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class AddEndpoint(SubmittingDoor):
    """Stands on the partner's page."""

    name = "add_endpoint"
    label = _("Add webhook endpoint")
    permission = "notifications.add_endpoint"
    form_class = AddForm
    icon = "webhook"

    def offered(self, record: Partner) -> bool:
        return record.state == PartnerState.ACTIVE

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return _as_written(terms.usual())

    def summary(self, record: Any) -> str | Promise:
        return _(
            "Two people have to agree. What happens from then on is kept for it, and sent once its secret is picked up."
        )

    def perform(self, request: HttpRequest, form: AddForm, record: Partner) -> Done:
        picker = form.cleaned_data["secret_for"].public_id
        payload = {"partner": record.public_id, "secret_for": picker, **form.terms()}
        return self.submit(request, form, payload, done=gettext("The endpoint is added."))


class OnEndpoint(SubmittingDoor):
    """A door on an endpoint whose form's fields are the payload."""

    done: ClassVar[str | Promise]
    effect: ClassVar[str | Promise]
    states: ClassVar[frozenset[EndpointState]] = frozenset(EndpointState)

    def offered(self, record: Endpoint) -> bool:
        return record.state in self.states

    def summary(self, record: Any) -> str | Promise:
        return self.effect

    def payload(self, form: Any) -> Mapping[str, Any]:
        """Return what is asked for, besides of which endpoint."""
        return {}

    def perform(self, request: HttpRequest, form: DoorForm, record: Endpoint) -> Done:
        payload = {"endpoint": record.public_id, **self.payload(form)}
        return self.submit(request, form, payload, done=str(self.done))


class ChangeEndpoint(OnEndpoint):
    name = "change_endpoint"
    label = _("Change endpoint")
    permission = "notifications.change_endpoint"
    form_class = TermsForm
    icon = "edit"
    effect = _("Two people have to agree. What waits for the endpoint goes to a new address, too.")
    done = _("The endpoint is changed.")

    def initial(self, request: HttpRequest, record: Endpoint) -> dict[str, Any]:
        return _as_written(terms.of(record))

    def payload(self, form: TermsForm) -> Mapping[str, Any]:
        return form.terms()


class RotateEndpointSecret(OnEndpoint):
    name = "rotate_endpoint_secret"
    label = _("Replace secret")
    permission = "notifications.rotate_endpoint_secret"
    form_class = RotateForm
    icon = "autorenew"
    effect = _("Two people have to agree. Then you pick the new secret up yourself, once, within 72 hours.")
    done = _("The secret can be picked up.")

    def payload(self, form: RotateForm) -> Mapping[str, Any]:
        return {"overlap_hours": form.cleaned_data["overlap_hours"]}


class ResumeEndpoint(OnEndpoint):
    name = "resume_endpoint"
    label = _("Resume endpoint")
    permission = "notifications.resume_endpoint"
    icon = "play_circle"
    states = frozenset({EndpointState.PAUSED, EndpointState.DISABLED})
    effect = _("Events are sent to it again, those that waited first. What was not kept meanwhile can be sent again.")
    done = _("Events are sent to the endpoint again.")


class PauseEndpoint(OnEndpoint):
    name = "pause_endpoint"
    label = _("Pause endpoint")
    permission = "notifications.pause_endpoint"
    icon = "pause_circle"
    states = frozenset({EndpointState.ENABLED})
    effect = _("Events wait for it from now on. What waits for more than three days is given up.")
    done = _("The endpoint is paused.")


class DisableEndpoint(OnEndpoint):
    name = "disable_endpoint"
    label = _("Disable endpoint")
    permission = "notifications.disable_endpoint"
    dangerous = True
    icon = "block"
    states = frozenset(EndpointState) - {EndpointState.DISABLED}
    effect = _("What waits for it is given up at once, and nothing is kept for it any more.")
    done = _("The endpoint is disabled.")


class PickUpEndpointSecret(Door):
    name = "pick_up_endpoint_secret"
    label = _("Pick up secret")
    permission = "notifications.pick_up_endpoint_secret"
    form_class = PickUpForm
    icon = "visibility"

    def offered(self, record: Endpoint) -> bool:
        return record.pickup_until is not None and record.pickup_until > clock.now()

    def summary(self, record: Any) -> str | Promise:
        return _(
            "The secret is shown on the next page, once, and nowhere again. Events are signed with it from then on."
        )

    def perform(self, request: HttpRequest, form: PickUpForm, record: Endpoint) -> HttpResponse:
        secret = services.pick_up_endpoint_secret(
            endpoint_id=record.pk, user=person_at(request), code=form.cleaned_data["code"], now=clock.now()
        )
        context = {"endpoint": record, "secret": secret, "done_url": self.page_of(record)}
        response = self.render(request, record, context, template="notifications/endpoint_secret.html")
        response["Cache-Control"] = "no-store"
        return response


class SendTestEvent(Door):
    name = "send_test_event"
    label = _("Send test event")
    permission = "notifications.send_test_event"
    icon = "send"

    def offered(self, record: Endpoint) -> bool:
        return record.state == EndpointState.ENABLED

    def summary(self, record: Any) -> str | Promise:
        return _(
            "An event that says nothing is sent to this endpoint, whatever types it chose, and signed as any other."
        )

    def perform(self, request: HttpRequest, form: DoorForm, record: Endpoint) -> Done:
        delivery = services.send_test_event(endpoint_id=record.pk, actor=actor_of(request), now=clock.now())
        return Done(gettext("Event %(event)s is being sent.") % {"event": delivery.public_event_id}, delivery)


def _as_written(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return terms as a form shows them."""
    return {**told, "waits": durations.written(told["waits"])}
