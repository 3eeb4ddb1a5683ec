"""A partner's system that signs what it sends, with the library's own signer (RFC 9421)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519

ALWAYS = ("@method", "@target-uri", "authorization")


@dataclass
class Request:
    """A request before it is sent."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    origin: str = field(default_factory=lambda: settings.BANKOPS_API_ORIGIN)

    @property
    def url(self) -> str:
        return f"{self.origin}{self.target}"


class Pen(HTTPSignatureKeyResolver):
    """What a partner signs with."""

    def __init__(self, key_id: str, private: Ed25519PrivateKey) -> None:
        self.key_id = key_id
        self._private = private

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        return self._private

    def sign(
        self,
        request: Request,
        *,
        covering: Sequence[str] | None = None,
        nonce: str | None = None,
        created: datetime | None = None,
        digested: bool = True,
        **more: Any,
    ) -> dict[str, str]:
        """Return the request's headers with its signature."""
        usual = (*ALWAYS, *(["idempotency-key"] if request.method == "POST" else []))
        signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=self)
        signer.sign(
            request,
            **{
                "key_id": self.key_id,
                "nonce": nonce or secrets.token_hex(16),
                "created": created,
                "tag": "bankops",
                "covered_component_ids": usual if covering is None else covering,
                "body": request.body or None if digested else None,
                **more,
            },
        )
        return request.headers
