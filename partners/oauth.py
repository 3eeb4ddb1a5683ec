"""How the OAuth library (django-oauth-toolkit) is held to what the bank gives partners: client credentials, own scopes.

It gives tokens out and takes them back. Tokens are checked by `partners.authentication`, in one query.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes
from oauth2_provider.views import RevokeTokenView, TokenView

from bankops.core import clock
from bankops.core.client_address import client_address
from partners import networks, scopes, secrets
from partners.models.credential import SECRET_ELSEWHERE, Credential
from partners.selectors import live_digests

_address: ContextVar[str | None] = ContextVar("address", default=None)
"""Where whoever shows a secret calls from: the library compares secrets without telling in which request."""


class _KnowsAddress:
    """A view that says to `Validator` where the request comes from."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer as the library does."""
        before = _address.set(networks.plain_address(client_address(request) or ""))
        try:
            answer: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # of a view
            return answer
        finally:
            _address.reset(before)


class Give(_KnowsAddress, TokenView):
    """Gives a token to whoever shows a live secret in one of the partner's networks."""


class TakeBack(_KnowsAddress, RevokeTokenView):
    """Takes a token back, on the same terms."""


class Validator(OAuth2Validator):
    """Looks secrets up where they are, and knows one kind of grant."""

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        """Compare with every live secret of the credential that `stored_secret` points to, all in the same time.

        Outside the partner's networks no secret lives: a right one is answered as a wrong one is.
        """
        client_id, address = stored_secret.removeprefix(SECRET_ELSEWHERE), _address.get()
        offered = secrets.digests(provided_secret, client_id=client_id)
        live = live_digests(client_id, address=address, now=clock.now()) if address else []
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
        return [scope for scope in scopes.ALL if scopes.opens(application.scopes, scope)] if application else []

    def get_default_scopes(
        self, application: Credential | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return list(application.scopes) if application else []
