"""Every way in which `risk` says no, with the code that programs see."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class RulesUnusable(BankOpsError):
    """Nobody can assess: an active rule does not compile."""

    code = "rules_unusable"
    message = _(
        "The active rule %(rule)s cannot be read any more: %(problem)s Movements wait for a person until it is replaced."
    )
    http_status = 503
