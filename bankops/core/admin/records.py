"""From what the audit trail calls a record to the record's page."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.urls import reverse

from bankops.core import ids
from bankops.core.admin.readonly import ReadOnlyAdmin
from bankops.core.errors import InvalidId


def address_of(site: AdminSite, request: HttpRequest, subject_type: str, public_id: str) -> str:
    """Return where a record's page is; empty when it has none, or none for the person at the keyboard."""
    registered: Any = site._registry.values()  # noqa: SLF001  # Django offers no other list of them
    for one in registered:
        if isinstance(one, ReadOnlyAdmin) and one.timeline_subject == subject_type and one.has_view_permission(request):
            return _address(site, one, public_id)
    return ""


def _address(site: AdminSite, model_admin: ReadOnlyAdmin, public_id: str) -> str:
    try:
        key = ids.decode(public_id.rpartition("_")[0], public_id)
    except InvalidId:
        return ""
    opts = model_admin.opts
    return reverse(f"{site.name}:{opts.app_label}_{opts.model_name}_change", args=[quote(str(key))])
