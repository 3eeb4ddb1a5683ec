"""The staff inbox: what somebody should know, at once and as a digest. Written by `notifications.services.notices`."""

from __future__ import annotations

from datetime import time

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Severity(models.TextChoices):
    """How much it matters."""

    INFO = "INFO", _("for information")
    WARNING = "WARNING", _("warning")
    URGENT = "URGENT", _("urgent")


class Notice(models.Model):
    """One notice to one person. Only `read_at` and `mailed_at` change.

    Attributes:
        kind: which notice, for instance `notifications.endpoint.opened`: its template makes the text, in the reader's language.
        words: what the template fills in; JSON primitives, nothing personal.
        link: path of the page that it is about; empty where there is none.
        source: what it came of (`evt_…`, or a record's id); one notice of it goes to one person.

    """

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=80)
    severity = models.CharField(_("severity"), max_length=7, choices=Severity.choices)
    words = models.JSONField(_("words"), default=dict)
    link = models.CharField(_("link"), max_length=300, blank=True)
    source = models.CharField(_("source"), max_length=64)
    created_at = models.DateTimeField(_("when"))
    read_at = models.DateTimeField(_("read at"), null=True)
    mailed_at = models.DateTimeField(_("mailed at"), null=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=models.Q(severity__in=Severity.values), name="notice_severity_known"),
            models.UniqueConstraint(fields=["recipient", "kind", "source"], name="notice_once"),
        ]
        indexes = [
            # What somebody has not read yet.
            models.Index(fields=["recipient", "-id"], name="staff_notice_unread", condition=models.Q(read_at=None)),
            # The digest's work list.
            models.Index(fields=["recipient", "id"], name="staff_notice_unmailed", condition=models.Q(mailed_at=None)),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"


class NoticePreference(models.Model):
    """What somebody wants by e-mail, and when not. Without a row: everything, at any hour.

    Attributes:
        mail_from: the least severity that is mailed; empty for no mail at all. The inbox shows everything.
        quiet_from, quiet_until: local time of day, may go over midnight; what is urgent is mailed all the same.

    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="+")
    mail_from = models.CharField(
        _("mailed from"), max_length=7, choices=Severity.choices, blank=True, default=Severity.INFO
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)

    class Meta:
        verbose_name = _("preference for notices")
        verbose_name_plural = _("preferences for notices")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_begin_and_end",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def mailed(self) -> list[Severity]:
        """Return the severities that are mailed."""
        ranked = list(Severity)
        return ranked[ranked.index(Severity(self.mail_from)) :] if self.mail_from else []

    def quiet_at(self, local: time) -> bool:
        """Tell whether a time of the bank's own clock lies in the quiet hours; the end is not part of them."""
        if self.quiet_from is None or self.quiet_until is None:
            return False
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= local < self.quiet_until
        return local >= self.quiet_from or local < self.quiet_until
