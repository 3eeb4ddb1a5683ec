"""Doors: how anything is changed through the admin.

Lists and pages are read-only. Each operation is a door: a page of its own that says what will happen, asks for what it
needs (a reason, mostly), and on POST makes one service call. An app declares one so, and names it on its admin class:

    class FreezeAccount(Door):
        name = "freeze_account"                     # in the address
        label = _("Freeze account")                 # on the button: a verb, never "Save"
        permission = "accounts.freeze_account"      # asked on GET and on POST
        form_class = FreezeForm                     # a DoorForm, or ReasonForm when the bank must record why

        def offered(self, record):                  # is the button shown in the record's present state?
            return not record.is_frozen

        def summary(self, record):                  # what will happen, before it does
            return _("Payments from %(number)s will be refused until it is released.") % {"number": record.number}

        def perform(self, request, form, record):
            reason = form.cleaned_data["reason"]
            freeze_account(account=record, actor=actor_of(request), reason=reason, now=clock.now())
            return Done(_("Account %(number)s is frozen.") % {"number": record.number})

    @admin.register(Account)
    class AccountAdmin(ReadOnlyAdmin):
        doors = (OpenAccount, FreezeAccount)

A refusal (`BankOpsError`) comes back on the form in plain words with its code, under its own HTTP status; the service
has changed nothing. A form that was not filled in rightly comes back with 422.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from unfold.enums import ActionVariant

from bankops.core.admin.forms import DoorForm
from bankops.core.errors import BankOpsError, PermissionRefused

if TYPE_CHECKING:
    from unfold.admin import ModelAdmin


@dataclass(frozen=True, slots=True)
class Done:
    """What a door did: a sentence for the person, and the record to show next (default: where the door is)."""

    message: str
    record: Model | None = None


class Door:
    """One operation offered in the admin; see the module for how to declare one.

    Attributes:
        on_list: the door stands on the list and concerns no record yet (open, hire); otherwise on a record's page.
        dangerous: the button is red.
        icon: a Material Symbols name.
        template: a page that extends `bankops/door.html`, when the form needs more than its fields.

    """

    name: ClassVar[str]
    label: ClassVar[str | Promise]
    permission: ClassVar[str]
    form_class: ClassVar[type[DoorForm]] = DoorForm
    on_list: ClassVar[bool] = False
    dangerous: ClassVar[bool] = False
    icon: ClassVar[str] = ""
    template: ClassVar[str] = "bankops/door.html"

    def __init__(self, model_admin: ModelAdmin) -> None:
        self.admin = model_admin

    # -- What a subclass says ------------------------------------------------------------------------------------

    def offered(self, record: Any) -> bool:
        """Tell whether the operation makes sense for the record as it is. Hides the button; the service decides."""
        return True

    def summary(self, record: Any) -> str | Promise:
        """Return what will happen, in a sentence or two."""
        return ""

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        """Return values to offer in the form."""
        return {}

    def perform(self, request: HttpRequest, form: Any, record: Any) -> Done | HttpResponse:
        """Make the one service call. Return `Done`, or a page of its own when something must be shown once."""
        raise NotImplementedError

    # -- How it is mounted and shown -----------------------------------------------------------------------------

    @property
    def url_name(self) -> str:
        opts = self.admin.opts
        return f"{opts.app_label}_{opts.model_name}_{self.name}"

    def url_pattern(self) -> URLPattern:
        route = f"{self.name}/" if self.on_list else f"<path:object_id>/{self.name}/"
        return path(route, self.admin.admin_site.admin_view(self.view), name=self.url_name)

    def url(self, record: Model | None = None) -> str:
        return reverse(
            f"{self.admin.admin_site.name}:{self.url_name}", args=[] if self.on_list else [quote(_pk(record))]
        )

    def button(self, record: Model | None = None) -> dict[str, Any]:
        """Return the button in the shape that Unfold's header takes."""
        variant = ActionVariant.DANGER if self.dangerous else ActionVariant.DEFAULT
        return {"title": self.label, "path": self.url(record), "icon": self.icon, "variant": variant, "attrs": {}}

    def allowed(self, request: HttpRequest) -> bool:
        """Tell whether the person at the keyboard holds the right."""
        return request.user.has_perm(self.permission)

    # -- The page ------------------------------------------------------------------------------------------------

    def view(self, request: HttpRequest, object_id: str = "") -> HttpResponse:
        """Show the form on GET; carry the operation out on POST."""
        if not self.allowed(request):
            raise PermissionDenied(str(PermissionRefused(actor=request.user, permission=self.permission)))
        record = None if self.on_list else self._record(request, object_id)
        if request.method != "POST":
            return self._page(request, self.form_class(record=record, initial=self.initial(request, record)), record)
        form = self.form_class(request.POST, request.FILES, record=record)
        if not form.is_valid():
            return self._page(request, form, record, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return self._carry_out(request, form, record)

    def _carry_out(self, request: HttpRequest, form: DoorForm, record: Model | None) -> HttpResponse:
        try:
            outcome = self.perform(request, form, record)
        except BankOpsError as refusal:
            form.add_error(None, ValidationError(str(refusal), code=refusal.code))
            return self._page(request, form, record, status=refusal.http_status)
        if isinstance(outcome, HttpResponse):
            return outcome
        messages.success(request, outcome.message)
        return HttpResponseRedirect(self.page_of(outcome.record or record))

    def _record(self, request: HttpRequest, object_id: str) -> Model:
        record = self.admin.get_object(request, unquote(object_id))
        if record is None or not self.admin.has_view_permission(request, record):
            raise Http404
        return record

    def page_of(self, record: Model | None) -> str:
        """Return the address of a record's page, or of the list without one."""
        opts = self.admin.opts
        site = self.admin.admin_site.name
        if record is None:
            return reverse(f"{site}:{opts.app_label}_{opts.model_name}_changelist")
        shown = record._meta
        return reverse(f"{site}:{shown.app_label}_{shown.model_name}_change", args=[quote(_pk(record))])

    def _page(
        self, request: HttpRequest, form: DoorForm, record: Model | None, status: int = HTTPStatus.OK
    ) -> HttpResponse:
        form.focus_first()
        request.current_app = self.admin.admin_site.name
        context = {
            **self.admin.admin_site.each_context(request),
            "title": self.label,
            "opts": self.admin.opts,
            "original": record,
            "door": self,
            "record": record,
            "summary": self.summary(record),
            "form": form,
            "refusals": form.non_field_errors().as_data(),
            "cancel_url": self.page_of(record),
        }
        return TemplateResponse(request, self.template, context, status=status)


def _pk(record: Model | None) -> str:
    if record is None:
        raise ValueError("a door on a record needs the record")
    return str(record.pk)
