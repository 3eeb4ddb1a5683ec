"""The admin, entered only by somebody who has proved a one-time code in this session."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from unfold.sites import UnfoldAdminSite

from staff.actors import is_verified
from staff.middleware import sign_in_address

View = Callable[..., HttpResponse]


class BackOfficeSite(UnfoldAdminSite):
    """Django's own sign-in, sign-out and password pages lead to ours, which alone know the second factor."""

    def has_permission(self, request: HttpRequest) -> bool:
        return is_verified(request)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Return the records of an app, or of all, that somebody may look at.

        Django asks for those of all on every page. The menu is ours, so no page shows them: they wait until one looks at them.
        """
        if app_label is None:
            return SimpleLazyObject(functools.partial(super().get_app_list, request))
        return super().get_app_list(request, app_label)

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        from bankops.core.admin import menu

        return menu.groups(request)

    def _get_colors(self, _key: str, *_request: Any) -> dict[str, dict[str, str]]:
        """Return none to write into the page: they stand in `static/bankops/colours.css`, which a browser keeps."""
        return {}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from bankops.core.admin import home  # registers with this site, so it comes after

        return home.respond(self, request)

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from bankops.core.admin import search

        return search.palette(self, request) if "s" in request.GET else search.respond(self, request)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        within: View = super().admin_view(view, cacheable)

        @functools.wraps(within)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                return redirect(sign_in_address(request, ended=getattr(request, "session_ended", "")))
            return within(request, *args, **kwargs)

        return guarded

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect(f"{reverse('staff:sign_in')}?{urlencode({'next': request.GET.get('next', '')})}")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from staff.views.signing_out import sign_out

        return sign_out(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("staff:change_password")
