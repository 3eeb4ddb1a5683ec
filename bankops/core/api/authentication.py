"""Who calls: the app that knows partners says it (`BANKOPS_API_AUTHENTICATION`)."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.utils.module_loading import import_string
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from bankops.core import clock
from bankops.core.client_address import client_address


class CallerAuthentication(BaseAuthentication):
    """Sets `request.auth` to the caller, and names it in the logs and the audit trail. There is no `request.user`."""

    def authenticate(self, request: Request) -> tuple[Any, Any]:
        """Return nobody and the caller.

        :raises BankOpsError: as the app that knows partners refuses a token.
        """
        caller = import_string(settings.BANKOPS_API_AUTHENTICATION)(
            request.headers.get("Authorization", ""),
            address=client_address(request._request) or "",  # noqa: SLF001 - the framework has no name for it
            now=clock.now(),
        )
        structlog.contextvars.bind_contextvars(actor=caller.credential)
        return None, caller
