"""The admin, entered only by somebody who has proved a one-time code in this session."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from unfold.sites import UnfoldAdminSite

from staff.actors import is_verified


class BackOfficeSite(UnfoldAdminSite):
    """Django's own sign-in, sign-out and password pages lead to ours, which alone know the second factor."""

    def has_permission(self, request: HttpRequest) -> bool:
        return is_verified(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        query = {"next": request.GET.get("next") or request.get_full_path()}
        if ended := getattr(request, "session_ended", ""):
            query["ended"] = ended
        return redirect(f"{reverse('staff:sign_in')}?{urlencode(query)}")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from staff.views.signing_out import sign_out

        return sign_out(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("staff:change_password")
