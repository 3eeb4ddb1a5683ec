"""A small API of notes, made of nothing but what every resource shares; and callers with tokens that are their names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from bankops.core import clock
from bankops.core.api import etags, fields, pages
from bankops.core.api.views import BankView, NotFoundView, WritingView
from bankops.core.errors import BankOpsError
from bankops.core.idempotency import Answer
from bankops.core.models import IdempotencyRecord
from bankops.core.outbox import announce


class UnknownToken(BankOpsError):
    code = "unknown_token_of_a_test"
    message = _("Nobody.")
    http_status = 401


class ScopeOfATestMissing(BankOpsError):
    code = "scope_of_a_test_missing"
    message = _("Needs %(scope)s.")
    http_status = 403


class NoteRefused(BankOpsError):
    code = "note_refused"
    message = _("“%(title)s” is refused.")


@dataclass(frozen=True)
class Caller:
    credential: str
    rate_per_second: int = 1000
    rate_burst: int = 1000
    must_sign: bool = False
    scopes: frozenset[str] = field(default_factory=frozenset)

    def require(self, scope: str) -> None:
        if scope not in self.scopes:
            raise ScopeOfATestMissing(scope=scope)


BOTH = frozenset({"notes:read", "notes:write"})
CALLERS = {
    "both": Caller("crd_both", scopes=BOTH),
    "other": Caller("crd_other", scopes=BOTH),
    "reader": Caller("crd_reader", scopes=frozenset({"notes:read"})),
    "slow": Caller("crd_slow", rate_per_second=1, rate_burst=7, scopes=BOTH),
}
ARRIVED, LET_GO = Event(), Event()
FAULTS = {"break": ZeroDivisionError, "missing": Http404, "forbidden": PermissionDenied}
FORBIDDEN: set[str] = set()  # credentials whose right to write has been taken away


def authenticate(authorization: str, *, address: str, now: datetime) -> Caller:
    try:
        return CALLERS[authorization.removeprefix("Bearer ")]
    except KeyError:
        raise UnknownToken from None


class NoteInput(fields.MoneyInput):
    title = fields.TextField(max_length=20)
    account = fields.PublicIdField("acc", required=False)
    metadata = fields.MetadataField(required=False)


class NotesFilter(fields.InputSerializer):
    key = fields.TextField(required=False)


def show(row: IdempotencyRecord) -> dict[str, Any]:
    return {"id": row.public_id, "key": row.key}


class Notes(WritingView):
    """GET lists the caller's keys, for want of another table; POST announces a note."""

    scopes = {"GET": "notes:read", "POST": "notes:write"}
    expandable = {"account": "", "account.owner": ""}
    form = NoteInput
    is_paged = True

    def get(self, request: Request) -> HttpResponse:
        self.expansions()
        rows = IdempotencyRecord.objects.filter(scope=self.caller.credential, **self.query(NotesFilter))
        return self.listed(pages.page_of(rows, request._request, show, moment="started_at"))

    def authorise(self, data: dict[str, Any]) -> None:
        if self.caller.credential in FORBIDDEN:
            raise ScopeOfATestMissing(scope="this note")

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        announce("test.note", subject_id=key, payload={"title": data["title"]}, now=clock.now())
        if data["title"] == "refuse":
            raise NoteRefused(title=data["title"])
        if data["title"] == "break":
            raise ZeroDivisionError
        if data["title"] == "disconnect":
            raise OperationalError
        if data["title"] == "wait":
            ARRIVED.set()
            assert LET_GO.wait(30)
        body = {"id": key, "title": data["title"], "amount": str(data["money"])}
        return self.answer(201, body, location=f"/api/test/notes/{key}", subject_id=key)


class Note(BankView):
    scopes = {"GET": "notes:read", "PATCH": "notes:write", "DELETE": "notes:write"}
    expandable = {"author": "", "author.name": ""}

    def get(self, request: Request, title: str) -> HttpResponse:
        if title in FAULTS:
            raise FAULTS[title]
        plain = {"title": title}
        wanted = self.expansions()
        author = {"author": {"name": "Li"}} if wanted == {"author", "author.name"} else {}
        return self.found(plain, expanded={**plain, **author})

    def patch(self, request: Request, title: str) -> HttpResponse:
        etags.require_match(request._request, etags.etag_of({"title": title}))
        return self.found({"title": title})


urlpatterns = [
    path("api/test/notes", Notes.as_view()),
    path("api/test/notes/<str:title>", Note.as_view()),
    path("api/<path:rest>", NotFoundView.as_view()),
]
