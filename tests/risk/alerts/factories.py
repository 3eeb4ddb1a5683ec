"""Alerts as the rest of the product raises them."""

from __future__ import annotations

from itertools import count
from typing import Any

from risk.models import Alert, AlertKind
from risk.services import AlertAbout, Reason, raise_alert
from tests.accounts.factories import NOW

_serial = count(1)
NIGHT = Reason("night_new_payee", "Paid at night to somebody new.", 250)
LARGE = Reason("large_cash", "Cash of CNY 60,000.00 at once.", 400)


def about(**parts: Any) -> AlertAbout:
    """Return what an alert is about: something of its own, unless told otherwise."""
    return AlertAbout(**{"dedupe_key": f"case {next(_serial)}", **parts})


def make_alert(score: int = 400, *, reasons: Any = (NIGHT,), now: Any = NOW, **parts: Any) -> Alert:
    kind = parts.pop("kind", AlertKind.TRANSACTION)
    branch = parts.pop("branch", None)
    return raise_alert(kind=kind, score=score, about=about(**parts), reasons=reasons, now=now, branch=branch)
