"""What can be asked for about the approval rules themselves: they change only with the consent of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals import errors, events
from approvals.models import Policy, PolicyVersion, ReferenceRate
from approvals.policies import laxer, wording
from approvals.policies.definition import ANY_OPERATION, Definition, parse
from approvals.policies.minimum import readable
from approvals.services import policies, rates
from bankops.core import operations, texts
from bankops.core.audit import Subject
from bankops.core.operations import Description, Operation, Order
from bankops.core.texts import require_reason


class ChangePolicy(Operation):
    """Create, change or retire a policy.

    Payload: `{"name", "based_on", "definition"}`; `based_on` is the latest version the maker saw (0: a new policy),
    `definition` the new document, or null to retire.
    """

    key = "approvals.change_policy"
    always_two = True
    label = gettext_lazy("Change an approval policy")

    def clean(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        name, based_on, document = payload.get("name"), payload.get("based_on"), payload.get("definition")
        if not isinstance(name, str) or not name.strip() or not name.isprintable():
            raise errors.PolicyNameRequired
        texts.check_fits(Policy, name=name.strip())
        if type(based_on) is not int or based_on < 0:
            raise errors.PolicyUnreadable(path="based_on", problem=_("must be the number of the version you saw"))
        definition = None if document is None else parse(document)
        if definition:
            _check_operations(definition)
        return {"name": name.strip(), "based_on": based_on, "definition": definition and definition.to_json()}

    def refuse(self, payload: Mapping[str, Any], order: Order) -> None:
        require_reason(order.reason)
        policies.check_change(**_change(payload))

    def describe(self, payload: Mapping[str, Any]) -> Description:
        before, after = _active_definition(payload["name"]), payload["definition"] and parse(payload["definition"])
        return Description(
            summary=_summary(payload),
            changes=wording.diff(before, after),
            warnings=laxer.warnings(before, after, _others(payload["name"]), settings.BANKOPS_BASE_CURRENCY),
        )

    def preconditions(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        latest = policies.latest_version(payload["name"])
        return {"version": latest.number, "state": str(latest.state)} if latest else {"version": 0, "state": ""}

    def concerns(self, payload: Mapping[str, Any]) -> Sequence[Subject]:
        policy = Policy.objects.filter(name=payload["name"]).first()
        return [events.about_policy(policy.public_id, policy.name)] if policy else ()

    def lock(self, payload: Mapping[str, Any]) -> None:
        policies.lock_policies()

    def execute(self, payload: Mapping[str, Any], order: Order) -> PolicyVersion:
        return policies.change_policy(**_change(payload), actor=order.actor, reason=order.reason, now=order.now)

    def subject_of(self, result: Any) -> Subject | None:
        return events.about_policy(result.policy.public_id, result.policy.name)


class SetReferenceRate(Operation):
    """Set what a currency is worth to the policies. Payload: `{"currency", "rate"}`, the rate as a decimal string."""

    key = "approvals.set_reference_rate"
    always_two = True
    label = gettext_lazy("Set a reference rate")

    def clean(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        currency, text = str(payload.get("currency", "")).strip().upper(), payload.get("rate", "")
        texts.check_storable(currency)
        rate = rates.parse_rate(currency=currency, text=text)
        return {"currency": currency, "rate": f"{rate:.8f}"}

    def refuse(self, payload: Mapping[str, Any], order: Order) -> None:
        require_reason(order.reason)
        rates.check_rate(currency=payload["currency"], rate=payload["rate"], now=order.now)

    def describe(self, payload: Mapping[str, Any]) -> Description:
        latest = _latest_rate(payload["currency"])
        base = settings.BANKOPS_BASE_CURRENCY
        words = {"currency": payload["currency"], "base": base, "rate": _plain(payload["rate"])}
        return Description(
            summary=_("One %(currency)s will count as %(rate)s %(base)s when policies look at amounts.") % words,
            changes={
                _("%(base)s for one %(currency)s") % words: (
                    _plain(f"{latest.rate:f}") if latest else "",
                    words["rate"],
                )
            },
            warnings=[]
            if latest
            else [_("Until now amounts in this currency counted as large, because it had no rate.")],
        )

    def preconditions(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        latest = _latest_rate(payload["currency"])
        return {"rate": latest.pk if latest else 0}

    def concerns(self, payload: Mapping[str, Any]) -> Sequence[Subject]:
        return [events.about_rate(payload["currency"])]

    def lock(self, payload: Mapping[str, Any]) -> None:
        rates.lock_rate(payload["currency"])

    def execute(self, payload: Mapping[str, Any], order: Order) -> ReferenceRate:
        return rates.set_reference_rate(
            currency=payload["currency"], rate=payload["rate"], actor=order.actor, reason=order.reason, now=order.now
        )

    def subject_of(self, result: Any) -> Subject | None:
        return events.about_rate(result.currency)


def register() -> None:
    """Make them known; called once, when the app is ready."""
    operations.register(ChangePolicy())
    operations.register(SetReferenceRate())


def _check_operations(definition: Definition) -> None:
    """Refuse a policy about an operation that no app registers: it would never fire, and look as if it did."""
    known = operations.registered()
    for number, key in enumerate(definition.operations):
        if key != ANY_OPERATION and key not in known:
            raise errors.PolicyUnreadable(
                path=f"operations[{number}]", problem=_("there is no operation %(key)s") % {"key": key}
            )


def _change(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {name: payload[name] for name in ("name", "definition", "based_on")}


def _active_definition(name: str) -> Definition | None:
    """Return what a policy says now; None when it is new, retired, or cannot be read and is to be replaced."""
    version = PolicyVersion.objects.active().filter(policy__name=name).first()
    try:
        return parse(version.definition) if version else None
    except errors.PolicyUnreadable:
        return None


def _others(name: str) -> list[Definition]:
    """Return what the active policies say beside the one of that name."""
    return readable([policy for policy in policies.active_policies() if policy.name != name])


def _summary(payload: Mapping[str, Any]) -> str:
    words = {"name": payload["name"], "version": payload["based_on"] + 1}
    if payload["definition"] is None:
        return _("The approval policy “%(name)s” is retired.") % words
    if payload["based_on"] == 0:
        return _("The new approval policy “%(name)s” begins to count.") % words
    return _("The approval policy “%(name)s” is replaced by version %(version)s.") % words


def _latest_rate(currency: str) -> ReferenceRate | None:
    return ReferenceRate.objects.filter(currency=currency).order_by("-valid_from", "-id").first()


def _plain(rate: str) -> str:
    return rate.rstrip("0").rstrip(".")
