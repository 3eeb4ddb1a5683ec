"""A partner's system: what it signs in with. Knows nothing of Django, as the partner's own program would not."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class System:
    """What a partner's system signs in with."""

    client_id: str
    secret: str

    def token(self, netloc: str) -> str:
        """Return a new access token, asked for over HTTP.

        :raises RuntimeError: when it is refused.
        """
        basic = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        asking = HTTPConnection(netloc, timeout=30)
        try:
            asking.request(
                "POST",
                "/oauth/token",
                urlencode({"grant_type": "client_credentials"}),
                {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"},
            )
            answer = asking.getresponse()
            told = answer.read().decode()
        finally:
            asking.close()
        if answer.status != 200:
            raise RuntimeError(f"no token: {answer.status} {told[:500]}")
        return str(json.loads(told)["access_token"])
