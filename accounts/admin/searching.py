"""A list that was searched says when it does not show all that was found."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.selectors import SEARCHED_MAX, Found


def tell_of_more(request: HttpRequest, found: Found[Any]) -> None:
    """Say on a list that more was found than it shows; the search across the back office shows the first few anyway."""
    asked = request.resolver_match
    if found.more and asked and (asked.url_name or "").endswith("_changelist"):
        text = _("More than %(most)s were found; these are %(most)s of them. Search for more of the name or number.")
        messages.warning(request, text % {"most": SEARCHED_MAX})
