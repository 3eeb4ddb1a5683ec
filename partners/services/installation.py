"""Whether these books are a sandbox: said when the database is new, and true for good."""

from __future__ import annotations

from datetime import datetime

from partners.errors import InstallationIsLive, InstallationIsSandbox
from partners.models import Installation


def settle_installation(*, sandbox: bool, now: datetime) -> Installation:
    """Say what this installation is for, if nobody has yet; return what was said.

    :param sandbox: what the settings say.
    :raises InstallationIsLive, InstallationIsSandbox: when the books say otherwise than the settings.
    """
    said, _is_new = Installation.objects.get_or_create(id=1, defaults={"is_sandbox": sandbox, "said_at": now})
    if said.is_sandbox != sandbox:
        raise InstallationIsSandbox if said.is_sandbox else InstallationIsLive
    return said
