"""The base of the doors on a request: refused before anything is shown to somebody who may not go through."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from approvals import selectors
from approvals.admin.about import about
from approvals.admin.wording import standing, time_left
from approvals.models import ApprovalRequest
from bankops.core import clock
from bankops.core.admin.doors import Door
from bankops.core.errors import BankOpsError
from staff.actors import person_at


class RequestDoor(Door):
    """A door on a request's page. Its page shows what the request is about, to those who may read that."""

    template: ClassVar[str] = "approvals/door.html"

    def refusal(self, request: HttpRequest, record: ApprovalRequest) -> BankOpsError | None:
        """Return why this person cannot go through this door now, as far as it can be seen before."""
        return None

    def offered_to(self, request: HttpRequest, record: Any) -> bool:
        return super().offered_to(request, record) and self.refusal(request, record) is None

    def respond(self, request: HttpRequest, record: ApprovalRequest) -> HttpResponseBase:
        refusal = self.refusal(request, record)
        if refusal is None:
            return super().respond(request, record)
        said = [ValidationError(str(refusal), code=refusal.code)]
        context = {"door": self, "refusals": said, "cancel_url": self.page_of(record)}
        return self.render(request, record, context, template="approvals/refused.html", status=refusal.http_status)

    def render(
        self,
        request: HttpRequest,
        record: Any,
        context: dict[str, Any],
        *,
        template: str = "",
        status: int = HTTPStatus.OK,
    ) -> HttpResponse:
        shown: dict[str, Any] = {
            "about": None,
            "standing": standing(record),
            "time_left": time_left(record, clock.now()),
        }
        if selectors.may_read(record, person_at(request)):
            shown["about"] = about(record, record.versions.get(number=record.version))
        return super().render(request, record, {**shown, **context}, template=template, status=status)
