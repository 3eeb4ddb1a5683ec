"""What every sign-in page shares."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme

from bankops.core.admin.forms import DressedForm
from bankops.core.errors import BankOpsError


def page(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render a sign-in page in the admin's look, without its menu, and never cached."""
    form = context.get("form")
    if isinstance(form, DressedForm):
        form.focus_first()
        context["refusals"] = form.non_field_errors().as_data()
    site = {**admin.site.each_context(request), "site_url": None, "is_nav_sidebar_enabled": False}
    response = TemplateResponse(request, template, {**site, **context}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what was sent, to bind a form to: on a POST, even an empty one."""
    return request.POST if request.method == "POST" else None


def refuse(form: forms.Form, refusal: BankOpsError) -> None:
    """Show a refusal on the form."""
    form.add_error(None, ValidationError(str(refusal), code=refusal.code))


def own_target(request: HttpRequest, target: str) -> str:
    """Return `target` when it is a path of this site, else an empty string. A bare word is none: it could name a view."""
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if ours and target.startswith("/") else ""
