"""Pages of the back office beside Django's own lists and records: where they are mounted, and who may open them.

`Door` (doors.py) is one that changes something; a `ReadingPage` only shows, for instance an account's statement:

    class StatementPage(ReadingPage):
        name = "statement"                          # in the address
        label = _("Statement")                      # on the button
        permission = "accounts.view_account"
        template = "transactions/statement.html"

        def context(self, request, record):
            return {"statement": statement(record, ...)}

Both are named on the admin class (`doors`), or added to another app's record by `extensions.add_pages`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from unfold.enums import ActionVariant

from bankops.core.errors import PermissionRefused

if TYPE_CHECKING:
    from unfold.admin import ModelAdmin


class AdminPage:
    """A page of its own within a model's admin.

    Attributes:
        on_list: it stands on the list and concerns no record; otherwise on a record's page.
        dangerous: the button is red.
        icon: a Material Symbols name.

    """

    name: ClassVar[str]
    label: ClassVar[str | Promise]
    permission: ClassVar[str]
    on_list: ClassVar[bool] = False
    dangerous: ClassVar[bool] = False
    icon: ClassVar[str] = ""
    template: ClassVar[str]

    def __init__(self, model_admin: ModelAdmin) -> None:
        self.admin = model_admin

    def offered(self, record: Any) -> bool:
        """Tell whether the page makes sense for the record as it is. Hides the button; the service decides."""
        return True

    def respond(self, request: HttpRequest, record: Any) -> HttpResponseBase:
        """Answer somebody who may be here; `record` is None on a list."""
        raise NotImplementedError

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

    def offered_to(self, request: HttpRequest, record: Any) -> bool:
        """Tell whether the button is shown to this person on this record (None on a list)."""
        return self.allowed(request) and self.offered(record)

    def view(self, request: HttpRequest, object_id: str = "") -> HttpResponseBase:
        """Let in who holds the right, to a record they may see."""
        if not self.allowed(request):
            raise PermissionDenied(str(PermissionRefused(actor=request.user, permission=self.permission)))
        return self.respond(request, None if self.on_list else self._record(request, object_id))

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

    def render(
        self,
        request: HttpRequest,
        record: Model | None,
        context: dict[str, Any],
        *,
        template: str = "",
        status: int = HTTPStatus.OK,
    ) -> HttpResponse:
        """Return the page in the back office's frame; `template` where it is not the class's own."""
        request.current_app = self.admin.admin_site.name
        frame = {
            **self.admin.admin_site.each_context(request),
            "title": self.label,
            "opts": self.admin.opts,
            "original": record,
            "record": record,
        }
        return TemplateResponse(request, template or self.template, {**frame, **context}, status=status)


class ReadingPage(AdminPage):
    """A page that shows and changes nothing, so it answers GET only."""

    def context(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        """Return what the template shows beside the frame."""
        raise NotImplementedError

    def respond(self, request: HttpRequest, record: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self.show(request, record)

    def show(self, request: HttpRequest, record: Any) -> HttpResponseBase:
        """Answer a GET: the rendered page, or a file instead of it."""
        return self.render(request, record, self.context(request, record))


def _pk(record: Model | None) -> str:
    if record is None:
        raise ValueError("a page on a record needs the record")
    return str(record.pk)
