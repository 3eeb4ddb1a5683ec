"""Whether this process can do its work: for load balancers, supervisors and the demo."""

from __future__ import annotations

import redis
import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

_REDIS_SECONDS = 2

logger = structlog.get_logger(__name__)


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database and Redis answer, 503 otherwise. Says which, never why: anyone may ask."""
    parts = {"database": _database_answers(), "redis": _redis_answers()}
    healthy = all(parts.values())
    body = {"healthy": healthy, **{name: "ok" if answers else "unavailable" for name, answers in parts.items()}}
    return JsonResponse(body, status=200 if healthy else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.warning("health.database_unavailable", exc_info=True)
        return False
    return True


def _redis_answers() -> bool:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS
        ) as client:
            return bool(client.ping())
    except redis.RedisError:
        logger.warning("health.redis_unavailable", exc_info=True)
        return False
