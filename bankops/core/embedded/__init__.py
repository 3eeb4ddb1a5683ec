"""Real PostgreSQL and Redis for whoever has none at hand: development, tests, the demo.

The settings of every process import this package, production too, so importing it needs neither Django nor the
servers' wheels, and does nothing. What runs servers is imported when somebody asks for it.
"""

from __future__ import annotations

from bankops.core.embedded.addresses import as_broker_url, broker_url, database_url, redis_url, with_database
from bankops.core.embedded.control import ALL_SERVERS, ServerStatus, lease, needed, start, status, stop
from bankops.core.embedded.errors import EmbeddedError
from bankops.core.embedded.layout import data_dir

__all__ = [
    "ALL_SERVERS",
    "EmbeddedError",
    "ServerStatus",
    "as_broker_url",
    "broker_url",
    "data_dir",
    "database_url",
    "lease",
    "needed",
    "redis_url",
    "start",
    "status",
    "stop",
    "with_database",
]
