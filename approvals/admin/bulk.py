"""Several requests, one verdict, one code: an explicit list, each decided and recorded singly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from approvals import selectors, services
from approvals.admin.about import About, about
from approvals.admin.deciding import CodeField, refusal_for, seen, told
from approvals.admin.wording import label_of, standing
from approvals.models import ApprovalRequest, RequestVersion, Verdict
from approvals.services import AT_ONCE_MAX, Decided
from approvals.services.decisions import DECIDE
from bankops.core import clock
from bankops.core.admin.display import Tone, badge
from bankops.core.admin.doors import Door
from bankops.core.admin.forms import DoorForm
from bankops.core.errors import BankOpsError
from bankops.core.money import Money
from staff.actors import person_at
from staff.models import User


@dataclass(frozen=True, slots=True)
class Line:
    """One request of the list.

    Attributes:
        about: what it is about; None where this person may not read it.
        sight: of what this person saw, for the decision.
        refusal: why it cannot be decided along.

    """

    request: ApprovalRequest
    label: str | Promise
    standing: str
    about: About | None
    sight: str
    refusal: BankOpsError | None


def _verdicts() -> list[tuple[str, str]]:
    """Return the choices with none made beforehand: a decision on many is chosen, not overlooked."""
    return [("", "—"), *((verdict.value, capfirst(str(verdict.label))) for verdict in Verdict)]


class BulkForm(DoorForm):
    verdict = forms.TypedChoiceField(label=_("Decision"), choices=_verdicts, coerce=Verdict)
    comment = forms.CharField(
        label=_("Comment"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The same for each. To reject or return, say why."),
    )
    code = CodeField()


class DecideTogether(Door):
    """Takes the requests ticked in the inbox (`?id=…`); posts them back with the hashes of what the page showed."""

    name = "decide_together"
    label = _("Decide together")
    permission = DECIDE
    form_class = BulkForm
    on_list = True
    icon = "checklist"
    template = "approvals/bulk.html"

    def offered(self, record: Any) -> bool:
        """Keep the button out of the header: the way here is through ticked rows."""
        return False

    def summary(self, record: Any) -> str | Promise:
        return _("Each of these is decided and recorded by itself, all with one code. Read each line.")

    def perform(self, request: HttpRequest, form: BulkForm, record: Any) -> HttpResponse:
        data, now = form.cleaned_data, clock.now()
        decided = services.decide_many(
            seen=[seen(ApprovalRequest(pk=key), sight) for key, sight in chosen(request).items()],
            verdict=data["verdict"],
            reviewer=person_at(request),
            code=data["code"],
            comment=data["comment"],
            now=now,
        )
        outcomes = [_outcome(one, told(one, now)[0]) for one in decided]
        context = {"door": self, "outcomes": outcomes, "cancel_url": self.page_of(None)}
        return super().render(request, None, context, template="approvals/decided_together.html")

    def render(self, request: HttpRequest, record: Any, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        listed = lines(chosen(request), person_at(request))
        decidable = [line for line in listed if line.refusal is None]
        figures = {"lines": listed, "count": len(decidable), "totals": totals(decidable), "limit": AT_ONCE_MAX}
        return super().render(request, record, {**figures, **context}, **kwargs)


def chosen(request: HttpRequest) -> dict[UUID, str]:
    """Return the chosen requests with the hash of what was seen: from the form, or without one from the address."""
    given = request.POST.getlist("seen") if request.method == "POST" else request.GET.getlist("id")
    pairs = [text.partition(":") for text in given]
    return {key: sight for key, sight in ((_key(head), tail) for head, _colon, tail in pairs) if key}


def lines(hashes: dict[UUID, str], person: User) -> list[Line]:
    """Return the list as the page shows it, the next to expire first; beyond the limit nothing is looked up."""
    if len(hashes) > AT_ONCE_MAX:
        return []
    requests = list(ApprovalRequest.objects.filter(pk__in=hashes).order_by("expires_at", "id"))
    readable = selectors.readable_ids(requests, person)
    versions = {
        version.request_id: version for version in _current_versions(requests) if version.request_id in readable
    }
    now = clock.now()
    allowed = set(selectors.decidable(person, now).filter(pk__in=hashes).values_list("pk", flat=True))
    return [
        Line(
            request=request,
            label=label_of(request),
            standing=standing(request),
            about=about(request, versions[request.pk]) if request.pk in versions else None,
            sight=hashes[request.pk] or request.sight.hex(),
            refusal=None if request.pk in allowed else refusal_for(request, person, now=now),
        )
        for request in requests
    ]


def totals(listed: Iterable[Line]) -> list[Money]:
    """Return what the lines add up to, one sum for each currency."""
    sums: dict[str, Money] = {}
    amounts = [line.about.money for line in listed if line.about]
    for money in filter(None, amounts):
        sums[money.currency] = sums.get(money.currency, Money(0, money.currency)) + money
    return [sums[currency] for currency in sorted(sums)]


def _current_versions(requests: Sequence[ApprovalRequest]) -> list[RequestVersion]:
    numbers = {request.pk: request.version for request in requests}
    found = RequestVersion.objects.filter(request__in=numbers)
    return [version for version in found if numbers[version.request_id] == version.number]


def _outcome(decided: Decided, text: str) -> dict[str, Any]:
    state = badge(_("not decided"), Tone.BAD) if decided.refusal else standing(decided.request)
    return {"request": decided.request, "text": text, "state": state, "refusal": decided.refusal}


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
