"""Asked where every process of the product starts: whether these books are what the settings take them for."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db import connection

from bankops.core import clock
from bankops.core.errors import BankOpsError
from partners.models import Installation
from partners.services.installation import settle_installation

logger = structlog.get_logger(__name__)


def require_our_books() -> None:
    """Tell live books and a sandbox apart; the first start with a new database says which of them it is.

    A database without tables says nothing yet: the process can do nothing there either.

    :raises InstallationIsLive, InstallationIsSandbox: out of `bankops.wsgi`, which ends gunicorn.
    """
    try:
        if Installation._meta.db_table in connection.introspection.table_names():
            settle_installation(sandbox=settings.BANKOPS_SANDBOX, now=clock.now())
    except BankOpsError as error:
        logger.critical(error.code)
        raise
    finally:
        connection.close()  # processes forked after this must not share it


def end_unless_our_books(**_signal: object) -> None:
    """Do the same for Celery's `worker_init` and `beat_init`, which log an ordinary exception and carry on."""
    try:
        require_our_books()
    except BankOpsError as error:
        raise SystemExit(f"{error} [{error.code}]") from error
