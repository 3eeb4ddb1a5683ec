"""The operation that sets a credential's signing key: whoever holds its other half speaks for the partner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core.audit import Subject
from bankops.core.operations import Description, Order, refuse_around_gate
from bankops.core.texts import require_reason
from partners import events, public_keys, rules, services
from partners.errors import OverlapOutOfRange
from partners.models import SigningKey
from partners.models.signing import fingerprint
from partners.operations.credentials import OnCredential, credential_of, request_of
from partners.operations.partners import terms
from partners.services.credentials import LONGEST_OVERLAP_HOURS

Payload = Mapping[str, Any]


class SetSigningKey(OnCredential):
    """Payload: `{"credential": "crd_…", "public_key": "…", "overlap_hours": 24}`; the key as PEM, or its 32 bytes in Base64."""

    key = "partners.set_signing_key"
    label = _("Set signing key")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises NotAPublicKey, OverlapOutOfRange: when it cannot be read."""
        hours = payload.get("overlap_hours", 24)
        if not isinstance(hours, int) or isinstance(hours, bool) or not 0 <= hours <= LONGEST_OVERLAP_HOURS:
            raise OverlapOutOfRange(limit=LONGEST_OVERLAP_HOURS)
        public_key = public_keys.parsed(str(payload.get("public_key", "")))
        return {**super().clean(payload), "public_key": public_key, "overlap_hours": hours}

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        keys = sorted(str(key.pk) for key in _lasting(payload))
        return {**super().preconditions(payload), "signing_keys": keys}

    def describe(self, payload: Payload) -> Description:
        credential = credential_of(payload)
        summary = gettext("Requests of “%(name)s” of %(partner)s are to be signed with this key.")
        old = ", ".join(str(key) for key in _lasting(payload))
        changes = {gettext("Signing key"): (old, fingerprint(payload["public_key"]))}
        if old:
            until = gettext("for %(hours)s hours") % {"hours": payload["overlap_hours"]}
            changes[gettext("Old key is valid")] = (gettext("until replaced"), until)
        return Description(summary=summary % {"name": credential.name, "partner": credential.partner}, changes=changes)

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises SigningKeyInUse, SigningKeysStillLive, CredentialRevoked, PartnerNotActive, ReasonRequired: as the service."""
        require_reason(order.reason)
        rules.refuse_signing_key(
            credential_of(payload), payload["public_key"], overlap=_overlap(payload), now=order.now
        )

    def refuse_as_it_is(self, credential: Any) -> None:
        """Nothing besides `refuse`."""

    def execute(self, payload: Payload, order: Order) -> SigningKey:
        refuse_around_gate(self.key)  # before the order is asked who agreed
        return services.set_signing_key(
            credential_id=credential_of(payload).pk,
            public_key=payload["public_key"],
            overlap=_overlap(payload),
            approval_request_id=request_of(order),
            **terms(order),
        )

    def subject_of(self, result: Any) -> Subject:
        return events.about_credential(result.credential)


def _overlap(payload: Payload) -> timedelta:
    return timedelta(hours=payload["overlap_hours"])


def _lasting(payload: Payload) -> list[SigningKey]:
    """Return the keys of the credential that do not end by themselves."""
    return list(credential_of(payload).signing_keys.filter(valid_until=None).order_by("pk"))
