"""How the books speak of accounts: as everybody does (`accounts.wording`)."""

from __future__ import annotations

from accounts.wording import named, whose

__all__ = ["named", "whose"]
