"""The second factor: one authenticator app per person, and recovery codes for the day the phone is lost.

Written by `staff.services.second_factor` only, under a lock on the device's row.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device

from bankops.core import ids
from staff.models.user import User


class OneTimeCodeDevice(Device):
    """A TOTP secret (RFC 6238: SHA-1, 30 s, 6 digits, what every authenticator app speaks), encrypted at rest.

    django-otp's own TOTP device keeps the secret in clear, so only its base class and its session handling are used.
    """

    user = models.OneToOneField(
        User, on_delete=models.PROTECT, related_name="one_time_code_device", verbose_name=_("member of staff")
    )
    encrypted_secret = models.BinaryField(editable=False)

    # The newest time step used: a code is good once, and never an older one after a newer one (RFC 6238 §5.2).
    last_step = models.BigIntegerField(default=-1, editable=False)
    # Wrong codes since the last right one. Each doubles the wait, so that parallel guessing gains nothing.
    failure_count = models.PositiveIntegerField(_("wrong codes"), default=0, editable=False)
    failed_at = models.DateTimeField(null=True, editable=False)

    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, editable=False)
    # Until its owner says so, every sign-in offers new recovery codes: a closed tab must not leave somebody without.
    recovery_codes_stored_at = models.DateTimeField(_("recovery codes stored at"), null=True, editable=False)

    objects: ClassVar[models.Manager[OneTimeCodeDevice]]

    class Meta:
        verbose_name = _("one-time code device")
        verbose_name_plural = _("one-time code devices")
        default_permissions = ("view",)
        constraints = [
            # A device counts as second factor only from the moment its owner proved to have it.
            models.CheckConstraint(
                condition=models.Q(confirmed=False, confirmed_at__isnull=True)
                | models.Q(confirmed=True, confirmed_at__isnull=False),
                name="device_confirmed_when",
            ),
        ]

    def __str__(self) -> str:
        return f"device {self.pk}"

    @staticmethod
    def secret_context(user_id: UUID) -> str:
        """Return what a secret is bound to: the device's owner."""
        return f"staff.device:{ids.encode('usr', user_id)}"


class RecoveryCode(models.Model):
    """A code that replaces the phone once. Only a keyed hash is kept; the code itself is shown once and forgotten."""

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="recovery_codes", verbose_name=_("member of staff")
    )
    digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("created at"))
    used_at = models.DateTimeField(_("used at"), null=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        default_permissions = ("view",)
        constraints = [
            # Looked up by person and hash; a code exists once.
            models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once"),
        ]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"
