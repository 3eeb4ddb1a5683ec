"""Search across the whole back office: `/admin/search/?q=` and the palette behind Ctrl+K.

A model takes part when its admin class is `Searchable`. Its list's own search decides what is found, on the queryset that
its list shows to this person, so that nobody finds what they may not open.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from unfold.dataclasses import SearchResult

PER_GROUP = 8
LENGTH_MAX = 100


class Searchable:
    """For admin classes whose records the global search finds.

    Attributes:
        search_order: where the model's group stands among the others.
        search_icon: a Material Symbols name.

    """

    search_order: ClassVar[int] = 100
    search_icon: ClassVar[str] = "data_object"

    def named(self, request: HttpRequest, text: str) -> Model | None:
        """Return the one record that `text` names exactly (a number, a reference, an id), if this person may see it."""
        return None

    def title(self, record: Any) -> str:
        """Return how people call a found record."""
        return str(record)

    def caption(self, record: Any) -> str:
        """Return a few words that tell a found record from its like."""
        return ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found."""

    title: str
    caption: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """The first hits of one model; `all_url` is its list, searched, where there are more."""

    title: str
    icon: str
    hits: list[Hit]
    all_url: str


def respond(site: Any, request: HttpRequest) -> HttpResponse:
    """Answer a search: jump to the one record named exactly, or else show what was found."""
    text = request.GET.get("q", "").strip()[:LENGTH_MAX]
    if address := jump(site, request, text):
        return HttpResponseRedirect(address)
    context = {**site.each_context(request), "title": _("Search"), "query": text, "groups": find(site, request, text)}
    request.current_app = site.name
    return TemplateResponse(request, "bankops/search.html", context)


def palette(site: Any, request: HttpRequest) -> HttpResponse:
    """Answer a keystroke in the palette: pages and records, in the theme's own shape, and never from a cache."""
    started, text = time.monotonic(), request.GET.get("s", "").strip()[:LENGTH_MAX]
    if not text:
        return HttpResponse()
    results = [*_pages(site, request, text), *_records(site, request, text)]
    context = {
        "page_obj": Paginator(results, max(len(results), 1)),
        "results": Paginator(results, max(len(results), 1)).page(1),
        "page_counter": 0,
        "execution_time": time.monotonic() - started,
        "command_show_history": False,
    }
    return TemplateResponse(request, "unfold/helpers/command_results.html", context, headers={"HX-Trigger": "search"})


def jump(site: AdminSite, request: HttpRequest, text: str) -> str | None:
    """Return the address of the record that `text` names exactly, or None."""
    for model_admin in _searchable(site, request) if text else []:
        record = model_admin.named(request, text)
        if record is not None:
            return _address(site, record)
    return None


def find(site: AdminSite, request: HttpRequest, text: str) -> list[Group]:
    """Return the groups in which something was found, in their order; one query for each searchable model."""
    groups = [_group(site, request, model_admin, text) for model_admin in _searchable(site, request)] if text else []
    return [group for group in groups if group.hits]


def _group(site: AdminSite, request: HttpRequest, model_admin: Any, text: str) -> Group:
    found, _distinct = model_admin.get_search_results(request, model_admin.get_queryset(request), text)
    records = list(found.order_by(*model_admin.get_ordering(request))[: PER_GROUP + 1])
    hits = [
        Hit(model_admin.title(record), model_admin.caption(record), _address(site, record))
        for record in records[:PER_GROUP]
    ]
    everything = f"{_list_address(site, model_admin)}?{urlencode({'q': text})}" if len(records) > PER_GROUP else ""
    title = str(model_admin.opts.verbose_name_plural)
    return Group(title=title, icon=model_admin.search_icon, hits=hits, all_url=everything)


def _searchable(site: AdminSite, request: HttpRequest) -> list[Any]:
    registered: Any = site._registry.values()  # noqa: SLF001  # Django offers no other list of them
    visible: list[Any] = [one for one in registered if isinstance(one, Searchable) and _may_view(one, request)]
    return sorted(visible, key=lambda one: one.search_order)


def _records(site: AdminSite, request: HttpRequest, text: str) -> list[SearchResult]:
    return [
        SearchResult(title=hit.title, description=hit.caption or group.title, link=hit.url, icon=group.icon)
        for group in find(site, request, text)
        for hit in group.hits
    ]


def _pages(site: Any, request: HttpRequest, text: str) -> list[SearchResult]:
    """Return the entries of the menu whose title has `text` in it."""
    items = [item for group in site.get_sidebar_list(request) for item in group["items"] if item["has_permission"]]
    return [
        SearchResult(title=str(item["title"]), description=_("page"), link=item["link"], icon=item["icon"])
        for item in items
        if text.lower() in str(item["title"]).lower()
    ]


def _address(site: AdminSite, record: Model) -> str:
    opts = record._meta
    return reverse(f"{site.name}:{opts.app_label}_{opts.model_name}_change", args=[quote(record.pk)])


def _list_address(site: AdminSite, model_admin: Any) -> str:
    opts = model_admin.opts
    return reverse(f"{site.name}:{opts.app_label}_{opts.model_name}_changelist")


def _may_view(model_admin: Any, request: HttpRequest) -> bool:
    return bool(model_admin.has_view_permission(request))
