"""The product does not run on a database that may forget a payment it confirmed.

PostgreSQL can be told not to wait for the disk. Then a power cut loses transactions that customers were told had
happened (``synchronous_commit``), or leaves the whole database unreadable (``fsync``, ``full_page_writes``).
See "Reliability and the Write-Ahead Log" in its manual.
"""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError

logger = structlog.get_logger(__name__)

_REQUIRED = ("fsync", "full_page_writes", "synchronous_commit")


class DatabaseNotDurable(BankOpsError):
    code = "database_not_durable"
    message = _(
        "This database may lose confirmed payments: %(settings)s switched off. Switch it on in the server's "
        "configuration and for the role bankops connects as. Only for a throw-away development database, set "
        "BANKOPS_ALLOW_UNSAFE_DATABASE=true."
    )
    http_status = 503


def assert_durable(database: BaseDatabaseWrapper) -> None:
    """Refuse a database connection that does not wait for the disk, as this very session sees its settings.

    ``synchronous_commit`` may be set per role, per database or by the client; every value but ``off`` waits at least
    for the local disk.

    :raises DatabaseNotDurable: when a setting is off and ``BANKOPS_ALLOW_UNSAFE_DATABASE`` is not set.
    """
    if settings.BANKOPS_ALLOW_UNSAFE_DATABASE:
        return
    with database.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = 'off'", [list(_REQUIRED)])
        unsafe = sorted(name for (name,) in cursor.fetchall())
    if unsafe:
        raise DatabaseNotDurable(settings=", ".join(unsafe))


def require_durable_database() -> None:
    """Check the default database where a process of the product starts.

    :raises DatabaseNotDurable: out of ``bankops.wsgi``, which ends gunicorn: a worker
        that fails to boot is not replaced.
    """
    try:
        assert_durable(connection)
    except DatabaseNotDurable as error:
        logger.critical(error.code, **error.context)
        raise
    finally:
        connection.close()  # processes forked after this must not share it


def end_unless_durable(**_signal: object) -> None:
    """Do the same for Celery's ``worker_init`` and ``beat_init``, which log an ordinary exception and carry on."""
    try:
        require_durable_database()
    except DatabaseNotDurable as error:
        raise SystemExit(f"{error} [{error.code}]") from error
