"""The servers' addresses, each in the words of the library that reads it."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

from bankops.core.embedded.layout import locate

DATABASE_NAME = "bankops"
DATABASE_ROLE = "bankops"


def database_url() -> str:
    """Return the URL of the embedded database for ``environ.Env.db_url_config``.

    The empty host with a doubled slash is that library's way to name a socket directory; unlike an encoded host it
    keeps the case of the path.
    """
    return f"postgres://{DATABASE_ROLE}@/{quote(str(locate().sockets))}/{DATABASE_NAME}"


def redis_url(database: int = 0) -> str:
    """Return the URL of one numbered database of the embedded Redis for ``redis.Redis.from_url``."""
    return f"unix://{quote(str(locate().redis_socket))}?db={database}"


def broker_url(database: int = 0) -> str:
    """Return the same address for Celery."""
    return as_broker_url(redis_url(database))


def as_broker_url(url: str) -> str:
    """Translate a redis-py URL for Celery's transport (kombu), which names sockets in its own way."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


def with_database(url: str, database: int) -> str:
    """Return a redis-py URL that points to another numbered database of the same server."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={database}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{database}{query}"
