"""The demo's list: nobody on it exists outside novels. Refused outside the demo."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from bankops.core.actor import Actor
from risk.lists.known import DEMO
from risk.models import ListEdition
from risk.services.list_editions import load_list
from risk.services.screening import screen_due
from staff.demo import demo_only

_FILE: Final = Path(__file__).with_name("demo_list.csv")


def load_fictional_list(*, now: datetime) -> ListEdition:
    """Load it, so that the demo can show hits; again, it only confirms it. Screens who waits: they may pay from the beginning.

    :raises BankOpsError: outside the demo.
    """
    demo_only()
    edition = load_list(key=DEMO, path=_FILE, actor=Actor.system("demo_lists"), now=now)
    while screen_due(now=now):
        pass
    return edition
