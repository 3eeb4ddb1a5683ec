"""The menu beside every page, as `settings.UNFOLD` declares it, with what this person may open and nothing else.

The theme has an own reading of the same declaration, with folding groups, tabs and links made per request. We use none of them,
and it takes a third of the time of a page.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils.module_loading import import_string
from unfold.settings import get_config

Declared = dict[str, Any]


def groups(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups in which there is something for the person at the keyboard, in the theme's own shape.

    An entry's badge is a function: who shows the menu calls it, who only reads the titles does not.
    """
    shown = [
        {
            "title": group["title"],
            "items": [_entry(item, request) for item in group["items"] if _may_open(item, request)],
        }
        for group in get_config()["SIDEBAR"]["navigation"]
    ]
    return [group for group in shown if group["items"]]


def _may_open(item: Declared, request: HttpRequest) -> bool:
    return bool(item["permission"](request))


def _entry(item: Declared, request: HttpRequest) -> dict[str, Any]:
    link = str(item["link"])  # once: every time it is looked at, it is worked out anew
    return {
        "title": item["title"],
        "icon": item["icon"],
        "link": link,
        "active": item["active"](request) if "active" in item else request.path.startswith(link),
        "badge": partial(import_string(item["badge"]), request) if "badge" in item else None,
        "has_permission": True,
    }
