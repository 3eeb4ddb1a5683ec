"""A partner's system as the story needs one: it signs in for a token and asks, over HTTP, and reads JSON."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

import requests

from bankops.core.visitor import UnexpectedPage

_TIMEOUT_SECONDS = 30


class System:
    """One credential at its computer. `base_url` is the site's."""

    def __init__(self, base_url: str, client_id: str, secret: str) -> None:
        self.base_url = base_url
        self._named = (client_id, secret)
        self.http = requests.Session()
        self.http.trust_env = False  # as of `Visitor`

    def sign_in(self) -> dict[str, Any]:
        """Get a token for everything the credential may do, and return what was said with it."""
        form = {"grant_type": "client_credentials"}
        answer = self.http.post(self._at("/oauth/token"), form, auth=self._named, timeout=_TIMEOUT_SECONDS)
        told = _said(answer, 200)
        self.http.headers["Authorization"] = f"Bearer {told['access_token']}"
        return told

    def get(self, path: str) -> dict[str, Any]:
        """:raises UnexpectedPage: when the answer is not 200."""
        return _said(self.http.get(self._at(path), timeout=_TIMEOUT_SECONDS), 200)

    def post(self, path: str, body: dict[str, Any], *, key: str, expect: int) -> requests.Response:
        """:raises UnexpectedPage: when the answer has another status than `expect`."""
        answer = self.http.post(self._at(path), json=body, headers={"Idempotency-Key": key}, timeout=_TIMEOUT_SECONDS)
        _said(answer, expect)
        return answer

    def _at(self, path: str) -> str:
        return urljoin(self.base_url, path)


def _said(answer: requests.Response, status: int) -> dict[str, Any]:
    if answer.status_code != status:
        raise UnexpectedPage(f"{answer.url} answered {answer.status_code} instead of {status}: {answer.text[:500]}")
    told: dict[str, Any] = answer.json()
    return told
