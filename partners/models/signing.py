"""Keys that a partner's systems sign their requests with (RFC 9421), and the nonces they have used."""

from __future__ import annotations

import base64
import hashlib

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from partners.models.credential import Credential


class SigningKey(models.Model):
    """A public key, Ed25519, of a credential. At most two live at a time (`signing.sql`).

    The bank keeps nothing that a request could be signed with, so nobody here can write one in a partner's name.
    """

    ID_PREFIX = "sk"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    credential = models.ForeignKey(
        Credential, models.PROTECT, related_name="signing_keys", verbose_name=_("credential")
    )
    public_key = models.CharField(_("public key"), max_length=44)  # 32 bytes in Base64
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    # An id, because approvals stand above; their migration 0005 holds it to be true.
    approval_request_id = models.UUIDField(_("approval request"))

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        default_permissions = ("view",)
        permissions = [("set_signing_key", _("Can have a credential's signing key set"))]
        constraints = [
            models.UniqueConstraint(fields=["approval_request_id"], name="signing_key_once_per_consent"),
            models.CheckConstraint(
                condition=models.Q(public_key__regex=r"^[A-Za-z0-9+/]{43}=$"), name="signing_key_is_32_bytes"
            ),
        ]

    def __str__(self) -> str:
        return fingerprint(self.public_key)

    @property
    def public_id(self) -> str:
        """What a signature names it by (`keyid`): `sk_…`."""
        return ids.encode(self.ID_PREFIX, self.id)


class UsedNonce(models.Model):
    """A nonce that a signature of a credential's had: it has none a second time. Kept a little longer than signatures count."""

    credential = models.ForeignKey(
        Credential, models.PROTECT, related_name="+", verbose_name=_("credential"), db_index=False
    )
    nonce = models.CharField(_("nonce"), max_length=128)
    seen_at = models.DateTimeField(_("seen at"))

    class Meta:
        verbose_name = _("used nonce")
        verbose_name_plural = _("used nonces")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["credential", "nonce"], name="nonce_once"),
        ]
        indexes = [
            # What can be forgotten, oldest first.
            models.Index(fields=["seen_at"], name="nonce_by_age"),
        ]

    def __str__(self) -> str:
        return self.nonce


def fingerprint(public_key: str) -> str:
    """Return what people compare keys by, on paper or on the phone: as `ssh-keygen -l` writes it."""
    digest = hashlib.sha256(base64.b64decode(public_key)).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"
