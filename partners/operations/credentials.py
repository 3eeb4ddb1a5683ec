"""Operations on credentials. What reviewers agree to is that there shall be a secret; none of them ever sees it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core import ids, texts
from bankops.core.audit import Subject
from bankops.core.operations import Description, Operation, Order, Review, refuse_around_gate
from bankops.core.texts import require_reason
from partners import events, locks, rules, scopes, selectors, services, system_rules
from partners.errors import OverlapOutOfRange, PartnerFieldMissing, StaffOnly
from partners.models import Credential, CredentialState, Partner, PartnerSystem
from partners.operations.partners import OnPartner, partner_of, terms
from partners.services.credentials import LONGEST_OVERLAP_HOURS
from staff.models import User
from staff.selectors import user_by_public_id

Payload = Mapping[str, Any]
_REQUEST_PREFIX = "apr"


class IssueCredential(OnPartner):
    """Payload: `{"partner": "ptn_…", "name": "Settlement server", "scopes": ["transfers:write"]}`, and `system` maybe."""

    key = "partners.issue_credential"
    label = _("Issue credential")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises PartnerFieldMissing, UnknownScope, UnknownSystem, TextTooLong, UnstorableText: when it cannot be kept."""
        name = str(payload.get("name") or "").strip()
        if not name:
            raise PartnerFieldMissing(field=_("name"))
        texts.check_fits(Credential, name=name)
        wanted = {"name": name, "scopes": scopes.known(payload.get("scopes") or [])}
        system = _system(payload)
        return {**super().clean(payload), **wanted, **({"system": system.public_id} if system else {})}

    def describe(self, payload: Payload) -> Description:
        summary = gettext(
            "%(partner)s gets a credential, “%(name)s”. Its secret is shown once, to whoever asks for it."
        )
        granted = ", ".join(str(scopes.ALL[scope]) for scope in payload["scopes"])
        return Description(
            summary=summary % {"partner": partner_of(payload), "name": payload["name"]},
            changes={gettext("May"): ("", granted), **_for_system(payload)},
        )

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises StaffOnly: when nobody could pick the secret up."""
        _asker(order)
        super().refuse(payload, order)

    def refuse_as_it_is(self, partner: Partner, payload: Payload) -> None:
        rules.refuse_unless_active(partner)
        system = _system(payload)
        if system:
            system_rules.refuse_use(system, partner)

    def execute(self, payload: Payload, order: Order) -> Credential:
        refuse_around_gate(self.key)  # before the order is asked who agreed
        return services.issue_credential(
            system=_system(payload),
            partner_id=partner_of(payload).pk,
            name=payload["name"],
            scopes=payload["scopes"],
            pickup_by=_asker(order),
            approval_request_id=request_of(order),
            **terms(order),
        )

    def subject_of(self, result: Any) -> Subject:
        return events.about_credential(result)


class OnCredential(Operation):
    """An operation on a credential. Payload: `{"credential": "crd_…"}` and what a subclass adds."""

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownCredential: when `credential` names none."""
        return {"credential": credential_of(payload).public_id}

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        credential = credential_of(payload)
        return {"state": str(credential.state), "partner": str(credential.partner.state)}

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        credential = credential_of(payload)
        return [events.about_credential(credential), events.about(credential.partner)]

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired: besides what `refuse_as_it_is` says."""
        require_reason(order.reason)
        self.refuse_as_it_is(credential_of(payload))

    @abstractmethod
    def refuse_as_it_is(self, credential: Credential) -> None:
        """Refuse what the credential's present state forbids, as the service would."""

    def lock(self, payload: Payload) -> None:
        locks.lock_credential(credential_of(payload).pk)

    def subject_of(self, result: Any) -> Subject:
        return events.about_credential(result)


class RotateCredential(OnCredential):
    """Payload: `{"credential": "crd_…", "overlap_hours": 24}`."""

    key = "partners.rotate_credential"
    label = _("Replace secret")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises OverlapOutOfRange: unless it is 0 to 168 whole hours."""
        hours = payload.get("overlap_hours", 24)
        if not isinstance(hours, int) or isinstance(hours, bool) or not 0 <= hours <= LONGEST_OVERLAP_HOURS:
            raise OverlapOutOfRange(limit=LONGEST_OVERLAP_HOURS)
        return {**super().clean(payload), "overlap_hours": hours}

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        secrets = sorted(map(str, credential_of(payload).secrets.filter(valid_until=None).values_list("pk", flat=True)))
        return {**super().preconditions(payload), "secrets": secrets}

    def describe(self, payload: Payload) -> Description:
        credential = credential_of(payload)
        summary = gettext("A new secret is made for “%(name)s” of %(partner)s, and shown once, to whoever asks for it.")
        old = gettext("for %(hours)s hours after the new one is picked up") % {"hours": payload["overlap_hours"]}
        return Description(
            summary=summary % {"name": credential.name, "partner": credential.partner},
            changes={gettext("Old secret is valid"): (gettext("until replaced"), old)},
        )

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises StaffOnly: when nobody could pick the secret up."""
        _asker(order)
        super().refuse(payload, order)

    def refuse_as_it_is(self, credential: Credential) -> None:
        rules.refuse_rotation(credential)

    def execute(self, payload: Payload, order: Order) -> Credential:
        refuse_around_gate(self.key)  # before the order is asked who agreed
        return services.rotate_credential(
            credential_id=credential_of(payload).pk,
            overlap=timedelta(hours=payload["overlap_hours"]),
            pickup_by=_asker(order),
            approval_request_id=request_of(order),
            **terms(order),
        )


class RevokeCredential(OnCredential):
    key = "partners.revoke_credential"
    label = _("Revoke credential")
    usual_review = Review.FROM_PARTNERS

    def describe(self, payload: Payload) -> Description:
        credential = credential_of(payload)
        summary = gettext("“%(name)s” of %(partner)s ends at once and for good, with its tokens and secrets.")
        change = (str(CredentialState(credential.state).label), str(CredentialState.REVOKED.label))
        return Description(
            summary=summary % {"name": credential.name, "partner": credential.partner},
            changes={gettext("State"): change},
        )

    def refuse_as_it_is(self, credential: Credential) -> None:
        rules.refuse_revoked(credential)

    def execute(self, payload: Payload, order: Order) -> Credential:
        return services.revoke_credential(credential_id=credential_of(payload).pk, **terms(order))


def credential_of(payload: Payload) -> Credential:
    """Return the credential that the payload is about, as it is now.

    :raises InvalidId, UnknownCredential: when it names none.
    """
    return selectors.credential_by_public_id(str(payload.get("credential", "")))


def _system(payload: Payload) -> PartnerSystem | None:
    named = str(payload.get("system") or "")
    return selectors.system_by_public_id(named) if named else None


def _for_system(payload: Payload) -> dict[str, tuple[str, str]]:
    system = _system(payload)
    return {gettext("For the system"): ("", system.name)} if system else {}


def _asker(order: Order) -> User:
    if order.actor.kind != "staff":
        raise StaffOnly
    return user_by_public_id(order.actor.id)


def request_of(order: Order) -> UUID:
    """Return the request that an order is carried out under."""
    return ids.decode(_REQUEST_PREFIX, order.request_id)
