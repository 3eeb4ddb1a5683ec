"""Why risk refuses something."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class ListMissing(BankOpsError):
    code = "risk_list_missing"
    message = _("The list %(name)s cannot be looked into: %(problem)s. Load it; until then nothing is cleared by it.")
    http_status = 503
    transient = True
