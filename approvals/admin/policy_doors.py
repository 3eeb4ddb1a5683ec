"""New policy, change policy, retire policy: filled in, tried on last month's requests, confirmed, and then two others decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from approvals.admin import policy_form
from approvals.admin.policy_form import ChangeForm, PolicyForm
from approvals.errors import PolicyUnreadable
from approvals.policies.chain import FALLBACK, FALLBACK_EXCLUDED
from approvals.policies.definition import parse
from approvals.policies.evaluation import ActivePolicy
from approvals.policies.facts import PolicyFacts
from approvals.policies.replay import Example, Replay, replay
from approvals.selectors import simulation
from approvals.services.policies import active_policies, latest_version
from bankops.core import operations
from bankops.core.admin.confirmed import ConfirmedDoor
from bankops.core.admin.doors import Done
from bankops.core.admin.submitting import told
from bankops.core.operations import Description, Order
from staff.admin.submitting import order_of

OPERATION = "approvals.change_policy"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of policies that is about to be submitted."""

    payload: dict[str, Any]
    order: Order


class PolicyDoor(ConfirmedDoor):
    """A change of one policy. The replay always runs before it can be submitted."""

    permission = OPERATION
    form_class: ClassVar[type[ChangeForm]] = ChangeForm
    confirmation_template = "approvals/policy_confirm.html"

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {"based_on": policy_form.of_name(record.name) if record else 0}

    def plan(self, request: HttpRequest, form: Any, record: Any) -> Change:
        """Return the change, refused already when it is sure to be refused."""
        data = form.cleaned_data
        operation = operations.get(OPERATION)
        payload = {"name": form.policy_name, "based_on": data["based_on"], "definition": form.document}
        change = Change(operation.clean(payload), order_of(request, form))
        if "confirmed" not in request.POST:  # the gate asks again, after it has looked for an earlier order of this key
            operation.refuse(change.payload, change.order)
        return change

    def confirmation(self, plan: Change) -> dict[str, Any]:
        description: Description = operations.get(OPERATION).describe(plan.payload)
        past = simulation.past_requests(now=plan.order.now)
        replayed = tried(plan, [one.facts for one in past])
        return {
            "headline": description.summary,
            "changes": [(what, *pair) for what, pair in description.changes.items()],
            "warnings": description.warnings,
            "replay": replayed,
            "examples": [Shown.of(example, past[example.nth].made_on) for example in replayed.examples],
            "days": simulation.LAST_MONTH.days,
            "replayed_max": simulation.REPLAYED_MAX,
        }

    def carry_out(self, request: HttpRequest, plan: Change) -> Done:
        return told(
            operations.submit(OPERATION, plan.payload, plan.order), done=str(_("The policy counts from now on."))
        )


class EditorDoor(PolicyDoor):
    """A change that says what the policy is to say."""

    form_class = PolicyForm
    template = "approvals/policy_editor.html"

    def respond(self, request: HttpRequest, record: Any) -> HttpResponseBase:
        values = policy_form.edited(request.POST) if request.method == "POST" else None
        if values is None:
            return super().respond(request, record)
        return self._page(request, self.form_class(record=record, initial=values), record)


class NewPolicy(EditorDoor):
    name = "new_policy"
    label = _("New policy")
    on_list = True
    icon = "add"

    def summary(self, record: Any) -> str | Promise:
        return _(
            "It begins to count when two reviewers have agreed to it. Before that you see what it would have meant last month."
        )

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return policy_form.of_document(_strict_default(), 0) | {"name": request.GET.get("name", "")}


class ChangePolicy(EditorDoor):
    name = "change_policy"
    label = _("Change policy")
    icon = "edit"

    def summary(self, record: Any) -> str | Promise:
        return _("The present version counts until two reviewers have agreed to the new one.")

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        latest = latest_version(record.name)
        assert latest is not None, "a policy has a version from its first day"
        try:
            return policy_form.of_document(parse(latest.definition).to_json(), latest.number)
        except PolicyUnreadable:
            return policy_form.of_document(_strict_default(), latest.number)


class RetirePolicy(PolicyDoor):
    name = "retire_policy"
    label = _("Retire policy")
    dangerous = True
    icon = "archive"

    def offered(self, record: Any) -> bool:
        return record.versions.filter(state="ACTIVE").exists()

    def summary(self, record: Any) -> str | Promise:
        return _("It counts until two reviewers have agreed. Its versions stay readable.")


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a request the change would have touched. Whose it was, and how much, is not the rule maker's business."""

    operation: str
    made_on: date
    effect: str
    fired: str

    @classmethod
    def of(cls, example: Example, made_on: date) -> Shown:
        fired = ", ".join(policy.policy_name for policy in example.after.fired)
        return cls(example.facts.operation, made_on, str(example.effect.label), fired)


def tried(plan: Change, past: Sequence[PolicyFacts]) -> Replay:
    """Return what the change would have meant for what policies saw before."""
    before = active_policies()
    after = [policy for policy in before if policy.name != plan.payload["name"]]
    if plan.payload["definition"]:
        after.append(ActivePolicy(plan.payload["name"], plan.payload["based_on"] + 1, "", plan.payload["definition"]))
    return replay(before, after, past)


def _strict_default() -> dict[str, Any]:
    """Return what the bank asks for where no policy says better, as a start for a new one."""
    limit = f"50000.00 {settings.BANKOPS_BASE_CURRENCY}"
    return {
        "operations": [],
        "blocks": [[{"field": "amount", "operator": "at_least", "value": limit}]],
        "stages": [stage.to_json() for stage in FALLBACK.stages],
        "expires_after_minutes": FALLBACK.expires_after_minutes,
        "pair_limit": FALLBACK.pair_limit,
        "stand_ins": FALLBACK.stand_ins,
        "excluded": {maker: list(roles) for maker, roles in FALLBACK_EXCLUDED.items()},
    }
