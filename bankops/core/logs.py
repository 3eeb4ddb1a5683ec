"""Structured logs: one JSON object a line, no secret and no customer's name in any of them."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import structlog

from bankops.core.masking import mask_event, mask_traceback

EventDict = MutableMapping[str, Any]


def _mask(_logger: Any, _method: str, event: EventDict) -> EventDict:
    if isinstance(event.get("exception"), str):
        event["exception"] = mask_traceback(event["exception"])
    return mask_event(event)


def shared_processors() -> list[Any]:
    """Return what happens to every event before it is rendered, ours and the libraries' alike."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _mask,
    ]


def configure_structlog() -> None:
    """Send structlog through the standard library, so that one handler and one format serve all."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def logging_config(*, level: str, as_json: bool) -> dict[str, Any]:
    """Return Django's LOGGING setting: everything to stderr, as JSON or for a person's eyes."""
    configure_structlog()

    def formatter(renderer: Any) -> dict[str, Any]:
        return {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            "foreign_pre_chain": shared_processors(),
        }

    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": formatter(structlog.processors.JSONRenderer(ensure_ascii=False)),
            "console": formatter(structlog.dev.ConsoleRenderer(colors=False)),
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json" if as_json else "console"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.db.backends": {"level": "WARNING"},
            "django.utils.autoreload": {"level": "WARNING"},
            "axes": {"level": "ERROR"},
        },
    }
