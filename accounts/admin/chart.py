"""The chart of accounts, with the balance of every line."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts import selectors
from accounts.models import ChartLine
from bankops.core.admin.readonly import ReadOnlyAdmin


@admin.register(ChartLine)
class ChartLineAdmin(ReadOnlyAdmin):
    fields = ("code", "name", "category")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the whole chart on one page: it is short, and its totals belong together."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": _("Chart of accounts"),
            "opts": self.opts,
            "lines": selectors.chart_totals(),
        }
        return TemplateResponse(request, "accounts/chart.html", context)
