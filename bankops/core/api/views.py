"""Where a resource of the API begins. A view says what it costs, what it needs and what it does; the rest is here.

The order of a call, which decides what is stored under an Idempotency-Key: rate of the address → authentication (token,
network) → rate of the credential, and a lock on the key → scope → body and signature → key → form → `authorise` → `perform`,
once. Only the last is remembered: what fails before it may be put right and sent again under the same key. `authorise` is
asked before a replay too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, NoReturn, Protocol

from django.conf import settings
from django.http import HttpResponse
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django.views.generic import TemplateView
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from bankops.core import clock, idempotency, rate_limit
from bankops.core.api import error_table, errors, etags, problems, throttling
from bankops.core.api.expanding import expansions
from bankops.core.api.fields import InputSerializer
from bankops.core.errors import BankOpsError
from bankops.core.idempotency import Answer, Attempt
from bankops.core.key_lock import KeyLock, lock_on
from bankops.core.rate_limit import Limit, Verdict


class Calling(Protocol):
    """What this needs to know of a caller: `partners.caller.Caller` is one. Authentication sets it as `request.auth`."""

    @property
    def credential(self) -> str:
        """The credential's public id: keys and rates are counted for it."""

    @property
    def rate_per_second(self) -> int: ...

    @property
    def rate_burst(self) -> int: ...

    @property
    def must_sign(self) -> bool:
        """Whether each of its requests has to be signed."""

    def opens(self, scope: str) -> bool:
        """Tell whether the token was given for `scope`, or for one that opens as much."""

    def require(self, scope: str) -> None:
        """:raises BankOpsError: when the token was not given for `scope`."""


class BankView(APIView):
    """A resource that is read. `get` is the subclass's; it returns `self.found(...)` or `self.listed(...)`.

    Attributes:
        scopes: the scope each method needs: `{"GET": "accounts:read"}`. A method without one is refused.
        also_with: by method, another scope that is enough for some of its records; the view asks which.
        costs: what a call costs, where it is not the usual (`throttling.COSTS`).
        expandable: names that `expand` takes, each with the scope that it needs beside the view's own, or with none (""); those
            with a point are second level, and need what the first level does too.
        answers: by method and status, the shape of what it answers, for the API's description (`schema`).
        refuses: by method, the codes that its service refuses with, for the same; others are known (`operation_codes`).
        parameters: by method, the form of the address's parameters, for the same.
        forms: by method, the form of the body, for the same.
        is_paged: its GET answers a page of a list.
        takes_key: its POST needs an Idempotency-Key.
        tagged: its POST answers with an ETag.

    """

    scopes: ClassVar[Mapping[str, str]] = {}
    also_with: ClassVar[Mapping[str, str]] = {}
    costs: ClassVar[Mapping[str, int]] = {}
    expandable: ClassVar[Mapping[str, str]] = {}
    answers: ClassVar[Mapping[str, Mapping[int, type[Serializer[Any]]]]] = {}
    refuses: ClassVar[Mapping[str, frozenset[str]]] = {}
    parameters: ClassVar[Mapping[str, type[InputSerializer]]] = {}
    forms: ClassVar[Mapping[str, type[InputSerializer]]] = {}
    is_paged: ClassVar[bool] = False
    takes_key: ClassVar[bool] = False
    tagged: ClassVar[bool] = True

    http_method_names = ["get", "head", "post", "patch", "delete"]
    verdict: Verdict | None = None

    def forms_by_method(self) -> Mapping[str, type[InputSerializer]]:
        """Return the form of every body it takes."""
        return self.forms

    def page_parameters(self) -> list[str]:
        """Return the parameters that are not its own: of pages and expansions."""
        return [*(("limit", "cursor") if self.is_paged else ()), *(("expand",) if self.expandable else ())]

    @property
    def caller(self) -> Any:
        """Who calls: what authentication found, a `partners.caller.Caller`."""
        return self.request.auth

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let in whoever may call, as often as they may. In place of the framework's permissions and throttles."""
        self.format_kwarg = self.get_format_suffix(**kwargs)
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        self.verdict = throttling.spend_for_address(request._request)  # noqa: SLF001 - the framework's request has no name for it
        self._authenticate(request)
        method = "GET" if request.method == "HEAD" else str(request.method)
        limit = Limit(self.caller.rate_per_second, self.caller.rate_burst)
        bucket = f"credential:{self.caller.credential}"
        self.verdict = throttling.spend(bucket, limit, self.cost(method), lock=self.key_lock(request))
        if method not in self.scopes:
            self.http_method_not_allowed(request)
        self._require_scope(method)
        self._check_signature(request)

    def _require_scope(self, method: str) -> None:
        also = self.also_with.get(method)
        if also is None or not self.caller.opens(also):
            self.caller.require(self.scopes[method])

    def stands_at(self, verdict: Verdict) -> None:
        """Remember how the caller stands after more was spent; a lock that was taken before stays taken."""
        had = self.verdict.locked if self.verdict else None
        self.verdict = verdict if verdict.locked is not None else replace(verdict, locked=had)

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> NoReturn:
        """:raises MethodNotAllowed: naming the method."""
        raise errors.MethodNotAllowed(method=str(request.method)[:10])

    def perform_authentication(self, request: Request) -> None:
        """:raises BankOpsError: when nobody is known after it."""
        super().perform_authentication(request)
        if request.auth is None:
            raise errors.NotAuthenticated

    def _authenticate(self, request: Request) -> None:
        try:
            self.perform_authentication(request)
        except (BankOpsError, APIException):
            throttling.punish_address(request._request)  # noqa: SLF001 - see above
            raise

    def _check_signature(self, request: Request) -> None:
        """:raises BankOpsError: as the app that knows partners refuses a signature, or the lack of one."""
        if self.caller.must_sign or "Signature-Input" in request.headers or "Signature" in request.headers:
            import_string(settings.BANKOPS_API_SIGNATURE)(
                self.caller,
                method=str(request.method),
                target=request.get_full_path(),
                headers=request.headers,
                body=_body_of(request),
                now=clock.now(),
            )

    def key_lock(self, request: Request) -> KeyLock | None:
        """Return the lock that this call wants in front of its Idempotency-Key, if it has one."""
        return None

    def cost(self, method: str) -> int:
        """Return what this call costs, in units of the credential's limit."""
        return self.costs.get(method, throttling.COSTS.get(method, 5))

    def expansions(self) -> frozenset[str]:
        """Return what the caller wants expanded.

        :raises UnknownExpansion: for what is not in `expandable`.
        :raises BankOpsError: when the caller's token does not open what would be told whole.
        """
        wanted = expansions(self.request, self.expandable)
        for name in sorted(wanted):
            if scope := self.expandable[name]:
                self.caller.require(scope)
        return wanted

    def query(self, form: type[InputSerializer]) -> dict[str, Any]:
        """Return the address's parameters, but for those of pages and expansions, as `form` validates them.

        :raises UnknownFilter: for a parameter that is not known here.
        :raises ParameterInvalid: for one that is given twice; of `expand` all are taken.
        :raises ValidationError: for one that is not what it should be.
        :raises UnknownExpansion: as `expansions`.
        """
        self.expansions()  # refused even where there is nothing to show
        of_pages, known = self.page_parameters(), sorted(form().fields)
        for name, values in self.request.GET.lists():
            if name not in {*known, *of_pages}:
                raise errors.UnknownFilter(name=name[:40], known=", ".join([*known, *of_pages]) or "–")
            if len(values) > 1 and name != "expand":
                raise errors.ParameterInvalid(name=name, wanted=gettext("one value"))
        return validated(form, {name: value for name, value in self.request.GET.items() if name not in of_pages})

    def found(self, data: Mapping[str, Any], *, expanded: Mapping[str, Any] | None = None) -> HttpResponse:
        """Answer with one resource: 200 and its ETag, or 304 when the caller has this version.

        :param data: the resource without expansions, of which the ETag is made.
        :param expanded: the same with what was asked to be expanded, when something was.
        """
        etag = etags.etag_of(data)
        if etags.is_known(self.request, etag):
            return HttpResponse(status=304, headers={"ETag": etag})
        return _json(200, problems.written(expanded or data), {"ETag": etag})

    def told(self, data: Mapping[str, Any]) -> HttpResponse:
        """Answer with what is no resource: 200 without an ETag."""
        return _json(200, problems.written(data), {})

    def listed(self, page: Mapping[str, Any]) -> HttpResponse:
        """Answer with one page of a list (`pages.page_of`)."""
        return _json(200, problems.written(page), {})

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Tell how the caller stands with its rate, on refusals too."""
        finished = super().finalize_response(request, response, *args, **kwargs)
        if self.verdict:
            for name, value in throttling.headers_of(self.verdict).items():
                finished[name] = value
        return finished

    def handle_exception(self, exc: Exception) -> Any:
        """Answer in one shape; the framework would turn some 401s into 403s."""
        if verdict := getattr(exc, "verdict", None):
            self.stands_at(verdict)
        return problems.handler(exc, {})


class WritingView(BankView):
    """A resource that is written with POST, once per Idempotency-Key.

    Attributes:
        form: what the body holds.

    """

    takes_key = True
    wanted: KeyLock | None = None
    form: ClassVar[type[InputSerializer]] = InputSerializer

    def forms_by_method(self) -> Mapping[str, type[InputSerializer]]:
        """Return the form of every body it takes."""
        return {**self.forms, "POST": self.form}

    def key_lock(self, request: Request) -> KeyLock | None:
        """Return the lock in front of the key of a POST; a key that is none is refused later."""
        key = request.headers.get("Idempotency-Key", "")
        if request.method == "POST" and len(key) <= idempotency.KEY_LONGEST:
            self.wanted = lock_on(self.caller.credential, key) if key else None
        return self.wanted

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Let go of the key."""
        if self.wanted and self.verdict and self.verdict.locked:
            rate_limit.release(self.wanted)
        return super().finalize_response(request, response, *args, **kwargs)

    def authorise(self, data: dict[str, Any]) -> None:
        """Refuse what this caller may not ask for. Asked every time, before an answer is given again too.

        :param data: what `form` validated; the address's parts are in `self.kwargs`.
        """

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        """Do it, in the transaction that is open, and return `self.answer(...)`.

        :param key: `idk_…`, the order's key at the gate.
        :raises BankOpsError: to refuse; what was done is taken back, and the refusal is the answer.
        """
        raise NotImplementedError

    def post(self, request: Request, **_address: Any) -> HttpResponse:
        """Carry out, or give the answer that was given before."""
        body = request.data
        key = idempotency.acceptable_key(request.headers.get("Idempotency-Key"))
        data = validated(self.form, body)
        self.authorise(data)
        once = idempotency.once(
            attempt=self._attempt(key, body),
            effect=lambda record: self.perform(data, record),
            refused=problems.answer_of,
            broken=lambda _error: problems.answer_of(errors.InternalError()),
            now=clock.now(),
            is_busy=self.verdict is not None and self.verdict.locked is False,
        )
        return _sent(once.answer, replayed=once.replayed)

    def answer(
        self, status: int, data: Mapping[str, Any], *, location: str = "", subject_id: str = "", etag: bool = True
    ) -> Answer:
        """Return an answer as it is kept and sent: `data` as JSON.

        :param location: the address of what was made.
        :param subject_id: its public id, for reports of repeated requests.
        :param etag: whether `data` is the resource as `found` would show it.
        """
        headers = {"Location": location} if location else {}
        if etag:
            headers["ETag"] = etags.etag_of(data)
        return Answer(status, problems.written(data), headers, subject_id)

    def _attempt(self, key: str, body: object) -> Attempt:
        method, path = str(self.request.method), self.request.path
        return Attempt(self.caller.credential, key, idempotency.digest_of(method, path, body), method, path[:200])


def validated(form: type[InputSerializer], data: Any) -> dict[str, Any]:
    """Return what a form makes of a body or of parameters.

    :raises NotAnObject: for a body that is none.
    :raises ValidationError: naming the fields at fault.
    """
    if not isinstance(data, Mapping):
        raise errors.NotAnObject
    filled = form(data=data)
    filled.is_valid(raise_exception=True)
    return dict(filled.validated_data)


def _body_of(request: Request) -> bytes:
    """Return the bytes of a body, read no further than bodies are. What is sent with a GET is not looked at."""
    if request.method in ("GET", "HEAD"):
        return b""
    _parsed = request.data
    return getattr(request, "raw_body", b"")


def _json(status: int, body: str, headers: Mapping[str, str]) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json", headers=dict(headers))


def _sent(answer: Answer, *, replayed: bool) -> HttpResponse:
    response = _json(answer.status, answer.body, answer.headers)
    if answer.status >= 400:
        response["Content-Type"] = problems.CONTENT_TYPE
    if replayed:
        response["Idempotent-Replayed"] = "true"
    return response


class NotFoundView(BankView):
    """Whatever the API has no address for. It stands last among the addresses."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """:raises NotFound: to everybody, with a token or without."""
        throttling.spend_for_address(request._request)  # noqa: SLF001 - see BankView
        raise errors.NotFound


class GuideView(TemplateView):
    """The guide for a partner's developer, public: docs/api-guide.md as a page (`tools/guide_page.py`)."""

    template_name = "api/guide.html"
    http_method_names = ["get", "head"]


class ErrorTableView(TemplateView):
    """Every code in a table, public, where the `type` of a problem leads."""

    template_name = "api/errors.html"
    http_method_names = ["get", "head"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the table too."""
        return {**super().get_context_data(**kwargs), "sections": error_table.sections()}
