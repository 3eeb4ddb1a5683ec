"""How the OAuth library (django-oauth-toolkit) is held to what the bank gives partners: client credentials, own scopes.

It gives tokens out and takes them back. Tokens are checked by `partners.authentication`, in one query.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes

from bankops.core import clock
from partners import scopes, secrets
from partners.models.credential import SECRET_ELSEWHERE, Credential
from partners.selectors import live_digests


class Validator(OAuth2Validator):
    """Looks secrets up where they are, and knows one kind of grant."""

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        """Compare with every live secret of the credential that `stored_secret` points to, all in the same time."""
        client_id = stored_secret.removeprefix(SECRET_ELSEWHERE)
        offered = secrets.digests(provided_secret, client_id=client_id)
        live = live_digests(client_id, now=clock.now())
        return sum(hmac.compare_digest(digest, one) for digest in live for one in offered) > 0

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        return grant_type == "client_credentials"


class ScopesOfCredential(BaseScopes):
    """What a credential was given; also what a token is for when no scope is asked for."""

    def get_all_scopes(self) -> Mapping[str, str | Promise]:
        return scopes.ALL

    def get_available_scopes(
        self, application: Credential | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return list(application.scopes) if application else []

    def get_default_scopes(
        self, application: Credential | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return self.get_available_scopes(application)
