"""A version of a rule goes into shadow or begins to count; a rule stops counting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bankops.core.audit import Subject
from bankops.core.operations import Description, Operation, Order
from bankops.core.texts import require_reason
from risk import events, locks
from risk.models import Rule, RuleVersion, VersionState
from risk.operations.payloads import Payload, active_of, rule_of, version_of, whole
from risk.outcomes import Outcome
from risk.rules.reading import difference
from risk.selectors.backtests import summary_of
from risk.services import rule_states


class _OfVersion(Operation):
    """Payload: `{"rule": "structuring_cash", "version": 3, "edition": 2}`; the order says why."""

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises RuleNotFound, RuleVersionNotFound: when there is no such version."""
        version = version_of(payload)
        edition = whole(payload, "edition")
        return {"rule": version.rule.key, "version": version.number, "edition": edition}

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [events.about_rule(rule_of(payload))]

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        version = version_of(payload)
        active = active_of(version.rule)
        return {"state": str(version.state), "edition": version.edition, "active": active and active.number}

    def lock(self, payload: Payload) -> None:
        locks.rule_for_update(rule_of(payload).pk)

    def subject_of(self, result: Any) -> Subject:
        return events.about_rule(result.rule)


class StartShadow(_OfVersion):
    """See `_OfVersion`."""

    key = "risk.start_shadow"
    label = gettext_lazy("Run a rule in shadow")

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, RuleNotInState, RuleDraftMoved, RuleError: as the service would."""
        require_reason(order.reason)
        rule_states.refuse_start(version_of(payload), payload["edition"])

    def describe(self, payload: Payload) -> Description:
        version = version_of(payload)
        text = _(
            "Evaluate version %(version)s of the rule “%(rule)s” beside the live ones. Nothing comes of what it says."
        )
        return _described(text, version)

    def execute(self, payload: Payload, order: Order) -> RuleVersion:
        return rule_states.start_shadow(**_order(payload, order))


class ActivateRule(_OfVersion):
    """See `_OfVersion`. Never by one person: a rule that says less than before is a control undone."""

    key = "risk.activate_rule"
    label = gettext_lazy("Activate a rule")
    always_two = True

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, RuleNotInState, RuleDraftMoved, RuleUnchanged, RuleError: as the service would."""
        require_reason(order.reason)
        rule_states.refuse_activation(version_of(payload), payload["edition"])

    def describe(self, payload: Payload) -> Description:
        version = version_of(payload)
        text = _("Let version %(version)s of the rule “%(rule)s” count from now on.")
        if active := active_of(version.rule):
            text = _(
                "Let version %(version)s of the rule “%(rule)s” count from now on, in place of version %(active)s."
            )
            return _described(text, version, active=active.number)
        return _described(text, version)

    def execute(self, payload: Payload, order: Order) -> RuleVersion:
        return rule_states.activate_rule(**_order(payload, order))


class RetireRule(Operation):
    """Payload: `{"rule": "structuring_cash"}`; the order says why. Never by one person."""

    key = "risk.retire_rule"
    label = gettext_lazy("Retire a rule")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises RuleNotFound: when there is no such rule."""
        return {"rule": rule_of(payload).key}

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [events.about_rule(rule_of(payload))]

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, RuleNotActive: as the service would."""
        require_reason(order.reason)
        rule_states.counting_versions(rule_of(payload))

    def describe(self, payload: Payload) -> Description:
        rule = rule_of(payload)
        summary = _("Let the rule “%(rule)s” count no more, nor run in shadow.") % {"rule": rule}
        return Description(summary=summary, changes=difference(active_of(rule), None))

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        counting = rule_of(payload).versions.filter(state__in=(VersionState.ACTIVE, VersionState.SHADOW))
        return {"counting": list(counting.order_by("number").values_list("number", flat=True))}

    def lock(self, payload: Payload) -> None:
        locks.rule_for_update(rule_of(payload).pk)

    def execute(self, payload: Payload, order: Order) -> Rule:
        rule = rule_of(payload)
        return rule_states.retire_rule(rule_id=rule.pk, reason=order.reason, actor=order.actor, now=order.now)

    def subject_of(self, result: Any) -> Subject:
        return events.about_rule(result)


def _described(text: str, version: RuleVersion, **words: Any) -> Description:
    summary = text % {"version": version.number, "rule": version.rule, **words}
    return Description(summary, difference(active_of(version.rule), version), _warnings(version))


def _warnings(version: RuleVersion) -> list[str]:
    """Return what a reviewer must not miss: that it refuses payments, and what the back-test came to, or that there is none."""
    refuses = version.outcome == Outcome.DECLINE
    warnings = [_("A movement that it hits is refused, and nobody looks at it first.")] if refuses else []
    return [*warnings, summary_of(version)]


def _order(payload: Payload, order: Order) -> dict[str, Any]:
    return {
        "version_id": version_of(payload).pk,
        "edition": payload["edition"],
        "reason": order.reason,
        "actor": order.actor,
        "now": order.now,
    }
