"""Why monitoring refuses what it is fed, or a report its files."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class TransferUnfit(BankOpsError):
    code = "monitoring_transfer_unfit"
    message = _(
        "Transfer %(id)s: %(problem)s What came before it was taken in; feed the rest again, corrected and in order of time."
    )


class PatternFileMissing(BankOpsError):
    code = "monitoring_pattern_file_missing"
    message = _("%(file)s is not in %(directory)s. Give the directory that holds it.")


class PatternFileUnreadable(BankOpsError):
    code = "monitoring_pattern_file_unreadable"
    message = _("%(file)s, %(place)s: %(problem)s")


class BackgroundUnfit(BankOpsError):
    code = "monitoring_background_unfit"
    message = _("%(problem)s Give another directory with --background.")
