"""Partners: organisations whose systems move money through the bank. Written by `partners.services`."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from bankops.core import ids


class PartnerKind(models.TextChoices):
    """What a partner is to the bank."""

    BUSINESS = "BUSINESS", _("business")
    AGENT = "AGENT", _("agent")  # takes and pays out cash for the bank's customers


class PartnerState(models.TextChoices):
    """Whether a partner's systems may call."""

    ACTIVE = "ACTIVE", _("active")
    SUSPENDED = "SUSPENDED", _("suspended")
    ENDED = "ENDED", _("ended")  # for good


class Partner(models.Model):
    """An organisation. Never deleted: what it moved keeps pointing to it."""

    ID_PREFIX = "ptn"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    name = models.CharField(_("name"), max_length=100)
    legal_name = models.CharField(_("legal name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=PartnerKind.choices)

    state = models.CharField(_("state"), max_length=10, choices=PartnerState.choices, default=PartnerState.ACTIVE)

    may_credit_any = models.BooleanField(
        _("may pay any customer"),
        default=False,
        help_text=_("Without it, only into accounts that were granted to it."),
    )
    requires_signature = models.BooleanField(
        _("must sign its requests"),
        default=False,
        help_text=_("Then each of its credentials needs a signing key before it can call."),
    )
    rate_per_second = models.PositiveIntegerField(_("calls a second"), default=50)
    rate_burst = models.PositiveIntegerField(_("calls at once"), default=200)

    # Rights to single accounts are granted to it (django-guardian). No person is ever a member.
    group = models.OneToOneField(Group, models.PROTECT, related_name="partner", verbose_name=_("group"))
    created_at = models.DateTimeField(_("created at"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        default_permissions = ("view",)
        permissions = [
            ("register_partner", _("Can register a partner")),
            ("change_partner", _("Can change what a partner may do")),
            ("suspend_partner", _("Can suspend a partner")),
            ("resume_partner", _("Can let a suspended partner call again")),
            ("end_partner", _("Can end a partnership")),
            ("set_networks", _("Can set the networks a partner calls from")),
            ("set_partner_limits", _("Can set a partner's limits")),
        ]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="partner_name_once"),
            models.CheckConstraint(condition=models.Q(kind__in=PartnerKind.values), name="partner_kind_known"),
            models.CheckConstraint(condition=models.Q(state__in=PartnerState.values), name="partner_state_known"),
            # The dearest call costs 55 of the burst (docs/partners.md): a smaller one could never be made.
            models.CheckConstraint(
                condition=models.Q(rate_per_second__gte=1, rate_burst__gte=100), name="partner_rate_sensible"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        """The id that documents and the partner itself see: `ptn_…`."""
        return ids.encode(self.ID_PREFIX, self.id)


class Network(models.Model):
    """A network that a partner's systems call from. A partner without one cannot call at all."""

    ID_PREFIX = "net"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="networks", verbose_name=_("partner"))
    cidr = models.CharField(_("network"), max_length=43)
    added_at = models.DateTimeField(_("added at"))
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("network")
        verbose_name_plural = _("networks")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "cidr"], condition=models.Q(removed_at=None), name="partner_network_once"
            ),
        ]

    def __str__(self) -> str:
        return self.cidr
