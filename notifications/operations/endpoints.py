"""Operations on a partner's endpoints: where they are, and whether events are sent to them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.audit import Subject
from bankops.core.operations import Description, Operation, Order, Review, refuse_around_gate
from bankops.core.texts import require_reason
from notifications import endpoint_rules, events, locks, selectors, services, terms
from notifications.models import Endpoint, EndpointState
from partners.errors import StaffOnly
from partners.events import about as about_partner
from partners.locks import lock_partner
from partners.models import Partner
from partners.selectors import partner_by_public_id
from staff.events import about as about_user
from staff.models import User
from staff.selectors import user_by_public_id

Payload = Mapping[str, Any]
_REQUEST_PREFIX = "apr"


class AddEndpoint(Operation):
    """Payload: `{"partner": "ptn_…", "url": "https://…"}`, and what else of `terms.FIELDS` is not as usual.

    `secret_for` (`usr_…`) says who picks its secret up; without it, whoever asks.
    """

    key = "notifications.add_endpoint"
    label = _("Add webhook endpoint")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownPartner, UserNotFound: also what `terms.read` refuses."""
        named = str(payload.get("secret_for") or "")
        picker = {"secret_for": user_by_public_id(named).public_id} if named else {}
        return {"partner": _partner(payload).public_id, **terms.read(payload), **picker}

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        partner = _partner(payload)
        return {"state": str(partner.state), "addresses": sorted(_addresses(partner))}

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [about_partner(_partner(payload)), *_about_picker(payload)]

    def describe(self, payload: Payload) -> Description:
        if payload.get("secret_for"):
            summary = gettext(
                "%(partner)s is told of its business at %(url)s. Its secret is shown once, to %(picker)s."
            )
        else:
            summary = gettext(
                "%(partner)s is told of its business at %(url)s. Its secret is shown once, to whoever asks."
            )
        words = {"partner": _partner(payload), "url": payload["url"], "picker": _picker_name(payload)}
        return Description(summary=summary % words, changes=terms.first(payload))

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, StaffOnly, MayNotPickUp: besides what `endpoint_rules.refuse_new` says."""
        require_reason(order.reason)
        endpoint_rules.refuse_picker(picker_of(payload, order))
        endpoint_rules.refuse_new(_partner(payload), payload)

    def lock(self, payload: Payload) -> None:
        lock_partner(_partner(payload).pk)

    def execute(self, payload: Payload, order: Order) -> Endpoint:
        refuse_around_gate(self.key)  # before the order is asked who agreed
        return services.add_endpoint(
            partner_id=_partner(payload).pk,
            wanted=_wanted(payload),
            pickup_by=picker_of(payload, order),
            approval_request_id=request_of(order),
            **in_order(order),
        )

    def subject_of(self, result: Any) -> Subject:
        return events.about(result)


class OnEndpoint(Operation):
    """An operation on an endpoint. Payload: `{"endpoint": "wep_…"}` and what a subclass adds."""

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownEndpoint: when `endpoint` names none."""
        return {"endpoint": endpoint_of(payload).public_id}

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        endpoint = endpoint_of(payload)
        return {"state": str(endpoint.state), "partner": str(endpoint.partner.state)}

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        endpoint = endpoint_of(payload)
        return [events.about(endpoint), about_partner(endpoint.partner)]

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired: besides what `refuse_as_it_is` says."""
        require_reason(order.reason)
        self.refuse_as_it_is(endpoint_of(payload), payload, order)

    @abstractmethod
    def refuse_as_it_is(self, endpoint: Endpoint, payload: Payload, order: Order) -> None:
        """Refuse what the endpoint's present state forbids, as the service would."""

    def lock(self, payload: Payload) -> None:
        locks.lock_endpoint(endpoint_of(payload).pk)

    def subject_of(self, result: Any) -> Subject:
        return events.about(result)


class ChangeEndpoint(OnEndpoint):
    """Payload: `{"endpoint": "wep_…"}` and fields of `terms.FIELDS`; what is left out stays as it is."""

    key = "notifications.change_endpoint"
    label = _("Change webhook endpoint")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownEndpoint: also what `terms.read` refuses."""
        return {**super().clean(payload), **terms.read(payload, besides=endpoint_of(payload))}

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        endpoint = endpoint_of(payload)
        return {**super().preconditions(payload), **terms.of(endpoint), "agreed": str(endpoint.terms_request_id)}

    def describe(self, payload: Payload) -> Description:
        endpoint = endpoint_of(payload)
        if endpoint.url == payload["url"]:
            summary, warnings = gettext("What is sent to %(partner)s at %(url)s changes, or how."), []
        else:
            summary = gettext("%(partner)s is told of its business at another address: %(url)s.")
            warnings = [
                gettext("The address changes: what waits goes there, too. Ask the partner whether it is theirs.")
            ]
        words = {"partner": endpoint.partner, "url": payload["url"]}
        return Description(
            summary=summary % words, changes=terms.changes(terms.of(endpoint), payload), warnings=warnings
        )

    def refuse_as_it_is(self, endpoint: Endpoint, payload: Payload, order: Order) -> None:
        endpoint_rules.refuse_change(endpoint, _wanted(payload))

    def execute(self, payload: Payload, order: Order) -> Endpoint:
        refuse_around_gate(self.key)  # before the order is asked who agreed
        return services.change_endpoint(
            endpoint_id=endpoint_of(payload).pk,
            wanted=_wanted(payload),
            approval_request_id=request_of(order),
            **in_order(order),
        )


class PauseEndpoint(OnEndpoint):
    key = "notifications.pause_endpoint"
    label = _("Pause webhook endpoint")
    usual_review = Review.FROM_PARTNERS

    def describe(self, payload: Payload) -> Description:
        return _into(payload, gettext("Events wait for %(url)s of %(partner)s from now on."), EndpointState.PAUSED)

    def refuse_as_it_is(self, endpoint: Endpoint, payload: Payload, order: Order) -> None:
        endpoint_rules.refuse_unless_enabled(endpoint)

    def execute(self, payload: Payload, order: Order) -> Endpoint:
        return services.pause_endpoint(endpoint_id=endpoint_of(payload).pk, **in_order(order))


class ResumeEndpoint(OnEndpoint):
    key = "notifications.resume_endpoint"
    label = _("Resume webhook endpoint")

    def describe(self, payload: Payload) -> Description:
        summary = gettext("Events are sent to %(url)s of %(partner)s again, those that waited first.")
        return _into(payload, summary, EndpointState.ENABLED)

    def refuse_as_it_is(self, endpoint: Endpoint, payload: Payload, order: Order) -> None:
        endpoint_rules.refuse_resumption(endpoint, order.now)

    def execute(self, payload: Payload, order: Order) -> Endpoint:
        return services.resume_endpoint(endpoint_id=endpoint_of(payload).pk, **in_order(order))


class DisableEndpoint(OnEndpoint):
    key = "notifications.disable_endpoint"
    label = _("Disable webhook endpoint")
    usual_review = Review.FROM_PARTNERS

    def describe(self, payload: Payload) -> Description:
        summary = gettext(
            "Nothing is sent to %(url)s of %(partner)s any more, what waits neither, and nothing is kept."
        )
        return _into(payload, summary, EndpointState.DISABLED)

    def refuse_as_it_is(self, endpoint: Endpoint, payload: Payload, order: Order) -> None:
        endpoint_rules.refuse_disabled(endpoint)

    def lock(self, payload: Payload) -> None:
        locks.lock_sending(endpoint_of(payload).pk)

    def execute(self, payload: Payload, order: Order) -> Endpoint:
        return services.disable_endpoint(endpoint_id=endpoint_of(payload).pk, **in_order(order))


def endpoint_of(payload: Payload) -> Endpoint:
    """Return the endpoint that the payload is about, as it is now.

    :raises InvalidId, UnknownEndpoint: when it names none.
    """
    return selectors.endpoint_by_public_id(str(payload.get("endpoint", "")))


def picker_of(payload: Payload, order: Order) -> User:
    """Return who picks the secret up: whom the payload names, otherwise whoever asks.

    :raises StaffOnly: when it names nobody and no member of staff asks.
    """
    if named := payload.get("secret_for"):
        return user_by_public_id(str(named))
    if order.actor.kind != "staff":
        raise StaffOnly
    return user_by_public_id(order.actor.id)


def request_of(order: Order) -> UUID:
    """Return the request that an order is carried out under."""
    return ids.decode(_REQUEST_PREFIX, order.request_id)


def in_order(order: Order) -> dict[str, Any]:
    """Return what every service is told of an order."""
    return {"actor": order.actor, "reason": order.reason, "now": order.now}


def _partner(payload: Payload) -> Partner:
    return partner_by_public_id(str(payload.get("partner", "")))


def _addresses(partner: Partner) -> list[str]:
    return list(endpoint_rules.in_use(partner).values_list("url", flat=True))


def _wanted(payload: Payload) -> dict[str, Any]:
    return {name: payload[name] for name in terms.FIELDS}


def _about_picker(payload: Payload) -> list[Subject]:
    """Return whoever gets the secret as a record it concerns: they have no say in it."""
    named = payload.get("secret_for")
    return [about_user(user_by_public_id(str(named)))] if named else []


def _picker_name(payload: Payload) -> str:
    named = payload.get("secret_for")
    return user_by_public_id(str(named)).full_name if named else ""


def _into(payload: Payload, summary: str, state: EndpointState) -> Description:
    endpoint = endpoint_of(payload)
    change = (str(EndpointState(endpoint.state).label), str(state.label))
    words = {"url": endpoint.url, "partner": endpoint.partner}
    return Description(summary=summary % words, changes={gettext("State"): change})
