"""Credentials: what a partner's system signs in with (OAuth 2 client credentials), and their secrets."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from bankops.core import clock, ids
from partners.models.partner import Partner, PartnerState
from partners.models.system import PartnerSystem

SECRET_ELSEWHERE = "secrets:"  # noqa: S105 - not a secret: it says where they are


class CredentialState(models.TextChoices):
    """Whether a credential can be used."""

    AWAITING_PICKUP = "AWAITING_PICKUP", _("awaiting pick-up")
    ACTIVE = "ACTIVE", _("active")
    REVOKED = "REVOKED", _("revoked")  # for good


class Credential(AbstractApplication):
    """The client of the OAuth library, held to one kind of grant. Its secrets are kept apart (`CredentialSecret`).

    `client_id` is its public id. What the library knows of people and browsers (owner, redirect addresses) it has not.
    """

    ID_PREFIX = "crd"

    user = None
    redirect_uris = None
    post_logout_redirect_uris = None
    allowed_origins = None

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", verbose_name=_("partner"))
    system = models.ForeignKey(
        PartnerSystem, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("system")
    )
    scopes = models.JSONField(_("scopes"), default=list)

    state = models.CharField(
        _("state"), max_length=15, choices=CredentialState.choices, default=CredentialState.AWAITING_PICKUP
    )
    issued_at = models.DateTimeField(_("issued at"))
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    # A secret that was agreed to and not made yet: who may pick it up, until when, and how long the old one then lives on.
    pickup_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("picks up")
    )
    pickup_until = models.DateTimeField(_("pick up until"), null=True, blank=True)
    pickup_overlap = models.DurationField(_("old secret lives on for"), null=True, blank=True)
    # Of the last consent to a secret. An id, because approvals stand above; their migration 0004 holds it to be true.
    approval_request_id = models.UUIDField(_("approval request"))

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")
        default_permissions = ("view",)
        permissions = [
            ("issue_credential", _("Can issue a credential to a partner")),
            ("rotate_credential", _("Can have a credential's secret replaced")),
            ("revoke_credential", _("Can revoke a credential")),
            ("pick_up_secret", _("Can pick up a secret that was agreed to")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(client_type="confidential", authorization_grant_type="client-credentials"),
                name="credential_client_credentials_only",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    client_secret=Concat(models.Value(SECRET_ELSEWHERE), models.F("client_id")),
                    hash_client_secret=False,
                ),
                name="credential_secret_elsewhere",
            ),
            models.CheckConstraint(condition=models.Q(state__in=CredentialState.values), name="credential_state_known"),
            models.CheckConstraint(
                condition=models.Q(state="REVOKED", revoked_at__isnull=False)
                | (~models.Q(state="REVOKED") & models.Q(revoked_at=None)),
                name="credential_revoked_says_when",
            ),
            models.CheckConstraint(
                condition=models.Q(pickup_by=None, pickup_until=None)
                | models.Q(pickup_by__isnull=False, pickup_until__isnull=False),
                name="credential_pickup_says_who",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        """The id that the partner sees: `crd_…`, also its client id."""
        return ids.encode(self.ID_PREFIX, self.id)

    def is_usable(self, request: object) -> bool:
        """Tell the OAuth library whether a token may be given out now."""
        ended = self.ends_at is not None and self.ends_at <= clock.now()
        return self.state == CredentialState.ACTIVE and not ended and self.partner.state == PartnerState.ACTIVE


class CredentialSecret(models.Model):
    """A secret of a credential, as a keyed hash: nobody can read it back. At most two live at a time (`guards.sql`)."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    credential = models.ForeignKey(Credential, models.PROTECT, related_name="secrets", verbose_name=_("credential"))
    digest = models.CharField(_("digest"), max_length=64)
    hint = models.CharField(_("ends in"), max_length=4)
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    picked_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("picked up by")
    )
    approval_request_id = models.UUIDField(_("approval request"))

    class Meta:
        verbose_name = _("secret of a credential")
        verbose_name_plural = _("secrets of credentials")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["approval_request_id"], name="secret_once_per_consent"),
        ]

    def __str__(self) -> str:
        return f"…{self.hint}"
