"""Reading payloads about rules: what came in, made canonical, so that the same wish is the same payload."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.models import Customer
from bankops.core import ids
from risk import errors
from risk.models import Rule, RuleVersion, VersionState
from risk.models.rules import SNOOZE_MAX

Payload = Mapping[str, Any]


def rule_of(payload: Payload) -> Rule:
    """:raises RuleNotFound: when `rule` is no rule's key."""
    key = str(payload.get("rule", ""))
    rule = Rule.objects.filter(key=key).first()
    if rule is None:
        raise errors.RuleNotFound(rule=key)
    return rule


def version_of(payload: Payload) -> RuleVersion:
    """Return the version that `rule` and `version` name, with its rule.

    :raises RuleNotFound, RuleVersionNotFound: when there is none.
    """
    rule, number = rule_of(payload), whole(payload, "version")
    version = rule.versions.select_related("rule").filter(number=number).first()
    if version is None:
        raise errors.RuleVersionNotFound(rule=rule.key, version=number)
    return version


def active_of(rule: Rule) -> RuleVersion | None:
    """Return the version that counts, with its rule."""
    return rule.versions.select_related("rule").filter(state=VersionState.ACTIVE).first()


def whole(payload: Payload, field: str) -> int:
    """Return a whole number; 0, which counts nothing here, for anything else."""
    value = payload.get(field)
    return value if type(value) is int and 0 < value < 2**31 else 0


def customer_of(payload: Payload) -> Customer:
    """:raises InvalidId, CustomerNotFound: when `customer` is no customer's id."""
    key = ids.decode(Customer.ID_PREFIX, str(payload.get("customer", "")))
    customer = Customer.objects.filter(pk=key).first()
    if customer is None:
        raise errors.CustomerNotFound
    return customer


def day_of(payload: Payload, field: str) -> date:
    """:raises SnoozeEndInvalid: when a field is no day."""
    try:
        return date.fromisoformat(str(payload.get(field, "")))
    except ValueError:
        raise errors.SnoozeEndInvalid(days=SNOOZE_MAX.days) from None
