"""What partners' services refuse, asked once more before it is parked for reviewers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bankops.core import texts
from bankops.core.money import Money
from partners import errors
from partners.models import Credential, CredentialState, Partner, PartnerKind, PartnerState

MOST_PER_SECOND, LEAST_BURST, MOST_BURST = 1_000, 100, 10_000


def refuse_data(data: Mapping[str, Any], *, besides: Partner | None = None) -> None:
    """:raises PartnerFieldMissing, UnknownPartnerKind, RateOutOfRange, PartnerNameTaken, TextTooLong, UnstorableText:"""
    for field, label in {"name": _("Name"), "legal_name": _("Legal name")}.items():
        if not data[field].strip():
            raise errors.PartnerFieldMissing(field=label)
    texts.check_fits(Partner, name=data["name"], legal_name=data["legal_name"])
    if data["kind"] not in PartnerKind.values:
        raise errors.UnknownPartnerKind(kind=data["kind"], kinds=", ".join(PartnerKind.values))
    if not (1 <= data["rate_per_second"] <= MOST_PER_SECOND and LEAST_BURST <= data["rate_burst"] <= MOST_BURST):
        raise errors.RateOutOfRange
    others = Partner.objects.filter(name__iexact=data["name"])
    if (others.exclude(pk=besides.pk) if besides else others).exists():
        raise errors.PartnerNameTaken(name=data["name"])


def refuse_change(partner: Partner, data: Mapping[str, Any]) -> None:
    """:raises PartnerEnded, PartnerUnchanged: also what `refuse_data` says."""
    refuse_ended(partner)
    refuse_data(data, besides=partner)
    if all(getattr(partner, name) == value for name, value in data.items()):
        raise errors.PartnerUnchanged(partner=partner.name)


def refuse_ended(partner: Partner) -> None:
    """:raises PartnerEnded: when the partnership has ended."""
    if partner.state == PartnerState.ENDED:
        raise errors.PartnerEnded(partner=partner.name)


def refuse_unless_active(partner: Partner) -> None:
    """:raises PartnerNotActive: when it is suspended or ended."""
    if partner.state != PartnerState.ACTIVE:
        raise errors.PartnerNotActive(partner=partner.name, state=PartnerState(partner.state).label)


def refuse_unless_suspended(partner: Partner) -> None:
    """:raises PartnerNotSuspended: when it is active or ended."""
    if partner.state != PartnerState.SUSPENDED:
        raise errors.PartnerNotSuspended(partner=partner.name, state=PartnerState(partner.state).label)


def refuse_networks(partner: Partner, networks: Sequence[str]) -> list[str]:
    """Return the networks as they are.

    :raises PartnerEnded, PartnerUnchanged: when there is nothing to set.
    """
    refuse_ended(partner)
    before = networks_of(partner)
    if before == sorted(networks):
        raise errors.PartnerUnchanged(partner=partner.name)
    return before


def networks_of(partner: Partner) -> list[str]:
    """Return the networks that a partner may call from, sorted."""
    return sorted(partner.networks.filter(removed_at=None).values_list("cidr", flat=True))


def refuse_limits(partner: Partner, per_transaction: Money, per_day: Money) -> str:
    """Return the limits in this currency as they are, in words.

    :raises LimitsOutOfOrder, PartnerEnded, PartnerUnchanged: when they cannot be set.
    """
    refuse_ended(partner)
    if not 0 <= per_transaction.minor <= per_day.minor:
        raise errors.LimitsOutOfOrder
    before = limits_of(partner, per_day.currency)
    if before == in_words(per_transaction, per_day):
        raise errors.PartnerUnchanged(partner=partner.name)
    return before


def limits_of(partner: Partner, currency: str) -> str:
    """Return a partner's limits in a currency, in words; empty where it has none."""
    limit = partner.limits.filter(currency=currency).first()
    return in_words(limit.single, limit.daily) if limit else ""


def in_words(per_transaction: Money, per_day: Money) -> str:
    """Return limits as people, and the audit trail, read them."""
    return f"{per_transaction} / {per_day} {per_day.currency}"


def refuse_rotation(credential: Credential) -> None:
    """:raises PartnerNotActive, CredentialNotActive: when there is no secret to replace."""
    refuse_unless_active(credential.partner)
    if credential.state != CredentialState.ACTIVE:
        label = CredentialState(credential.state).label
        raise errors.CredentialNotActive(credential=credential.name, state=label)


def refuse_signing_key(credential: Credential, public_key: str, *, overlap: timedelta, now: datetime) -> None:
    """:raises PartnerNotActive, CredentialRevoked, SigningKeyInUse, SigningKeysStillLive: when it cannot be set."""
    refuse_unless_active(credential.partner)
    refuse_revoked(credential)
    live = credential.signing_keys.filter(Q(valid_until=None) | Q(valid_until__gt=now))
    if live.filter(public_key=public_key).exists():
        raise errors.SigningKeyInUse(credential=credential.name)
    if overlap and live.count() > 1:
        raise errors.SigningKeysStillLive(credential=credential.name)


def refuse_revoked(credential: Credential) -> None:
    """:raises CredentialRevoked: when it is already."""
    if credential.state == CredentialState.REVOKED:
        raise errors.CredentialRevoked(credential=credential.name)
