"""A rule is passed over for one customer for a while."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.services.customers import subject_of as customer_subject
from bankops.core.audit import Subject
from bankops.core.operations import Description, Operation, Order
from bankops.core.texts import require_reason
from risk import events, locks
from risk.models import RuleSnooze
from risk.operations.payloads import Payload, active_of, customer_of, day_of, rule_of
from risk.rules.reading import in_words
from risk.services import snoozes


class SnoozeRule(Operation):
    """Payload: `{"rule": "structuring_cash", "customer": "cus_…", "last_day": "2026-12-24"}`; the order says why."""

    key = "risk.snooze_rule"
    label = gettext_lazy("Pass a rule over for a customer")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises RuleNotFound, InvalidId, CustomerNotFound, SnoozeEndInvalid: naming what is at fault."""
        last_day = day_of(payload, "last_day").isoformat()
        return {"rule": rule_of(payload).key, "customer": customer_of(payload).public_id, "last_day": last_day}

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [events.about_rule(rule_of(payload)), customer_subject(customer_of(payload))]

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, RuleNotSnoozed, SnoozeEndInvalid: as the service would."""
        require_reason(order.reason)
        snoozes.refuse_rule(rule_of(payload))
        snoozes.end_of(day_of(payload, "last_day"), order.now)

    def describe(self, payload: Payload) -> Description:
        rule, active = rule_of(payload), active_of(rule_of(payload))
        text = _("Pass the rule “%(rule)s” over for customer %(customer)s, up to and including %(day)s.")
        words = {"rule": rule, "customer": customer_of(payload).number, "day": payload["last_day"]}
        changes = {_("Hits when"): (in_words(active.condition), _("not for this customer"))} if active else {}
        return Description(summary=text % words, changes=changes)

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        active = active_of(rule_of(payload))
        return {"active": active and active.number}

    def lock(self, payload: Payload) -> None:
        locks.rule_for_update(rule_of(payload).pk)

    def execute(self, payload: Payload, order: Order) -> RuleSnooze:
        return snoozes.snooze_rule(
            rule_id=rule_of(payload).pk,
            customer_id=customer_of(payload).pk,
            last_day=day_of(payload, "last_day"),
            reason=order.reason,
            actor=order.actor,
            now=order.now,
        )

    def subject_of(self, result: Any) -> Subject:
        return events.about_rule(result.rule)
