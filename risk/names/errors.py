"""Why a measurement of screening cannot be made."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class ReportInputUnreadable(BankOpsError):
    code = "screening_report_input_unreadable"
    message = _(
        "%(path)s cannot be measured: %(problem)s. Put it right, or leave the file out, and run the report again."
    )
