"""The description of the partners' API: what it says of itself, and how it is made."""

from __future__ import annotations

from typing import Any

OPENAPI: dict[str, Any] = {
    "TITLE": "bankops",
    "VERSION": "1",
    "DESCRIPTION": (
        "The partners' API: accounts, payments, holds, events and webhooks. Sign in at `/oauth/token` with the client's id and "
        "secret. 201 of a payment says that money has moved; 202 never does. What is written needs an `Idempotency-Key`: sent "
        "again, it has one effect and one answer. Every refusal is `application/problem+json` with a stable `code`; all of them "
        "are explained in [the table of codes](/api/docs/errors). [The guide](/api/docs/guide) leads from a token to the first "
        "reconciled transfer, with curl and with Python."
    ),
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "DISABLE_ERRORS_AND_WARNINGS": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,  # what a PATCH takes it needs
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
    "SWAGGER_UI_DIST": "SIDECAR",  # no outside asset
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "PREPROCESSING_HOOKS": ["bankops.core.api.schema.only_resources"],
    # Choices stay where they stand: named apart, those of one field's name would get numbers.
    "POSTPROCESSING_HOOKS": ["notifications.api.webhooks.described"],
}
