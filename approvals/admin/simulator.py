"""The simulator: what would be asked of an operation, and who could decide it now. Nothing is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from approvals.admin import policy_rows
from approvals.policies import wording
from approvals.policies.chain import Chain, Stage
from approvals.policies.conditions import CHANNELS, RISK_BANDS
from approvals.policies.evaluation import Verdict, evaluate
from approvals.policies.facts import PolicyFacts
from approvals.selectors import simulation, waiting
from approvals.selectors.simulation import Candidate
from approvals.services.policies import active_policies
from approvals.services.rates import in_base_currency
from bankops.core import clock
from bankops.core.admin.forms import DressedForm
from bankops.core.admin.pages import ReadingPage
from bankops.core.errors import BankOpsError
from bankops.core.money import Money
from staff.errors import UserNotFound
from staff.models import Branch, User
from staff.selectors import roles_of, user_by_employee_number

_WHY_NOT: dict[str, Promise] = {
    "own_request": _("made it"),
    "role_excluded": _("works in a role too close to the maker's"),
    "pair_too_often": _("approved the maker's last requests, one after the other"),
}


class SimulatorForm(DressedForm):
    operation = forms.ChoiceField(label=_("Operation"))
    amount = forms.CharField(
        label=_("Amount"), required=False, max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    currency = forms.CharField(label=_("Currency"), required=False, max_length=3)
    branch = forms.ChoiceField(label=_("Branch"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), choices=[(channel, channel) for channel in CHANNELS])
    maker = forms.CharField(label=_("Maker (employee number)"), required=False, max_length=20)
    risk_band = forms.ChoiceField(
        label=_("Risk"), required=False, choices=[("", _("not assessed")), *((band, band) for band in RISK_BANDS)]
    )
    hour = forms.IntegerField(label=_("Hour"), min_value=0, max_value=23)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        operation: forms.ChoiceField = self.fields["operation"]  # type: ignore[assignment]
        branch: forms.ChoiceField = self.fields["branch"]  # type: ignore[assignment]
        operation.choices = policy_rows.operation_choices()
        branches = Branch.objects.open().order_by("code").values_list("code", "name")
        branch.choices = [("", _("not known")), *((code, f"{code} {name}") for code, name in branches)]

    def clean_maker(self) -> User | None:
        number = self.cleaned_data["maker"]
        try:
            return user_by_employee_number(number) if number.strip() else None
        except UserNotFound as fault:
            raise forms.ValidationError(str(fault), code=fault.code) from fault

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        text, currency = cleaned.get("amount", "").strip(), cleaned.get("currency", "").strip().upper()
        try:
            cleaned["money"] = Money.parse(text, currency) if text else None
        except BankOpsError as fault:
            self.add_error("currency" if fault.code == "unknown_currency" else "amount", str(fault))
        return cleaned

    def facts(self, now: datetime) -> PolicyFacts:
        """Return what policies would look at."""
        data = self.cleaned_data
        maker = data["maker"] if data["channel"] == "staff" else None
        return PolicyFacts(
            operation=data["operation"],
            amount=data["money"],
            base_amount=data["money"] and in_base_currency(amount=data["money"], now=now),
            branch=data["branch"],
            maker_roles=frozenset(role.value for role in roles_of(maker)) if maker else frozenset(),
            channel=data["channel"],
            risk_band=data["risk_band"],
            hour=data["hour"],
        )


@dataclass(frozen=True, slots=True)
class StageShown:
    """A stage in words, who could decide it now, and who holds the role but could not."""

    sentence: str
    able: list[str]
    unable: list[tuple[str, str | Promise]]
    enough: bool


class SimulatorPage(ReadingPage):
    name = "simulator"
    label = _("Simulator")
    permission = "approvals.view_policy"
    template = "approvals/simulator.html"
    on_list = True
    icon = "science"

    def show(self, request: HttpRequest, record: Any) -> HttpResponseBase:
        now = clock.now()
        asked = "operation" in request.GET
        form = SimulatorForm(request.GET if asked else None, initial=_initial(now))
        if not asked:
            return self.render(request, record, {"form": form})
        if not form.is_valid():
            return self.render(request, record, {"form": form}, status=422)
        return self.render(request, record, {"form": form, **_simulated(form, now)})


def _initial(now: datetime) -> dict[str, Any]:
    hour = timezone.localtime(now, timezone.get_default_timezone()).hour
    return {"currency": settings.BANKOPS_BASE_CURRENCY, "channel": "staff", "hour": hour}


def _simulated(form: SimulatorForm, now: datetime) -> dict[str, Any]:
    facts = form.facts(now)
    verdict = evaluate(active_policies(), facts)
    maker = form.cleaned_data["maker"] if facts.channel == "staff" else None
    shown: dict[str, Any] = {"verdict": verdict, "facts": facts, "maker": maker}
    return shown | (_chain_shown(verdict, verdict.chain, maker, now) if verdict.chain else {})


def _chain_shown(verdict: Verdict, chain: Chain, maker: User | None, now: datetime) -> dict[str, Any]:
    at_stages = simulation.candidates(chain=chain, maker=maker)
    return {
        "fired": verdict.fired,
        "stages": [_stage_shown(*pair) for pair in zip(chain.stages, at_stages, strict=True)],
        "people": chain.people,
        "terms": _terms(chain),
        "waits": _wait_words(waiting.expected_wait(roles=[stage.role for stage in chain.stages], now=now)),
        "history_days": waiting.HISTORY.days,
        "same_person": _in_two_stages(at_stages),
    }


def _terms(chain: Chain) -> list[tuple[str | Promise, str | Promise]]:
    return [
        (_("Expires after"), wording.duration(chain.expires_after_minutes)),
        (_("The same reviewer in a row"), wording.times(chain.pair_limit)),
        (_("Stand-ins"), _("may act") if chain.stand_ins else _("may not act")),
    ]


def _stage_shown(stage: Stage, people: list[Candidate]) -> StageShown:
    able = [one.person.full_name for one in people if not one.excluded]
    return StageShown(
        sentence=wording.stage_sentence(stage),
        able=able,
        unable=[(one.person.full_name, _WHY_NOT.get(one.excluded, one.excluded)) for one in people if one.excluded],
        enough=len(able) >= stage.quorum,
    )


def _in_two_stages(at_stages: list[list[Candidate]]) -> list[str]:
    """Return who could decide at several stages, by name: each person decides one of them only."""
    counted = Counter(one.person.full_name for people in at_stages for one in people if not one.excluded)
    return sorted(name for name, count in counted.items() if count > 1)


def _wait_words(waits: waiting.Waits | None) -> dict[str, Any] | None:
    if waits is None:
        return None
    return {"count": waits.count, "median": _length(waits.median), "most": _length(waits.most)}


def _length(wait: timedelta) -> str:
    """Return a waiting time in hours and minutes, rounded up to whole minutes."""
    hours, minutes = divmod(-(-int(wait.total_seconds()) // 60), 60)
    words = _("%(hours)s h %(minutes)s min") if hours else _("%(minutes)s min")
    return str(words) % {"hours": hours, "minutes": minutes}
