"""The policies every bank starts with. Their thresholds are in the bank's base currency, CNY unless it says otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.translation import gettext_noop as _

from approvals.policies.chain import FALLBACK_EXCLUDED
from bankops.core import sandbox
from bankops.core.operations import Review, moving_money, usually_reviewed
from staff.roles import Role

LARGE, VERY_LARGE = "50000.00", "1000000.00"


class Shipped(NamedTuple):
    """A policy as shipped."""

    name: str
    definition: dict[str, Any]


def shipped(base_currency: str) -> list[Shipped]:
    """Return the shipped policies for the registered operations, with thresholds in `base_currency`."""
    movements = usually_reviewed(Review.FROM_AMOUNT)
    always = usually_reviewed(Review.ALWAYS)
    policies = [
        Shipped(_("Large movements of money"), _reviewed(*movements, blocks=_from(LARGE, base_currency))),
        Shipped(
            _("Very large movements of money"),
            _reviewed(
                *sorted({*movements, *moving_money()}), blocks=_from(VERY_LARGE, base_currency), final_reviewers=2
            ),
        ),
        Shipped(_("Rights"), _reviewed(*_of_app("staff", always))),
        Shipped(_("Approval rules"), _reviewed(*_of_app("approvals", always))),
        Shipped(_("Partners"), _reviewed(*_of_app("partners", always))),
        Shipped(_("Webhooks"), _reviewed(*_of_app("notifications", always))),
        Shipped(_("Customers and accounts"), _reviewed(*_of_app("accounts", always))),
        Shipped(_("Risk"), _reviewed(*_of_app("risk", always))),
        Shipped(_("Books"), _reviewed(*_of_app("transactions", always))),
        Shipped(_("Done at once by staff"), _reviewed(*usually_reviewed(Review.FROM_PARTNERS), blocks=_FROM_PARTNERS)),
    ]
    return [policy for policy in policies if policy.definition["operations"]]


def for_sandbox(base_currency: str) -> Shipped:
    """Return the policy by which a sandbox's magic amounts wait for reviewers."""
    operations = sorted({*usually_reviewed(Review.FROM_AMOUNT), *moving_money()})
    blocks = [
        [_amount("at_least", figure, base_currency), _amount("at_most", figure, base_currency), *_FROM_PARTNERS[0]]
        for figure in sandbox.REVIEWED
    ]
    return Shipped(_("Sandbox: amounts that wait"), _reviewed(*operations, blocks=blocks))


_FROM_PARTNERS = [[{"field": "channel", "operator": "one_of", "value": ["partner"]}]]


def _of_app(app: str, keys: Iterable[str]) -> list[str]:
    return [key for key in keys if key.startswith(f"{app}.")]


def _reviewed(*operations: str, blocks: list[Any] | None = None, final_reviewers: int = 1) -> dict[str, Any]:
    """Return a definition: first and final review, both with a code, within 24 hours."""
    return {
        "operations": list(operations),
        "blocks": blocks or [],
        "stages": [_stage(Role.FIRST_REVIEWER, 1), _stage(Role.FINAL_REVIEWER, final_reviewers)],
        "expires_after_minutes": 24 * 60,
        "pair_limit": 3,
        "stand_ins": True,
        "excluded": {maker: list(reviewers) for maker, reviewers in sorted(FALLBACK_EXCLUDED.items())},
    }


def _stage(role: Role, quorum: int) -> dict[str, Any]:
    return {"role": role.value, "quorum": quorum, "one_time_code": True, "assigned": quorum + 1}


def _from(figure: str, currency: str) -> list[Any]:
    return [[_amount("at_least", figure, currency)]]


def _amount(operator: str, figure: str, currency: str) -> dict[str, str]:
    return {"field": "amount", "operator": operator, "value": f"{figure} {currency}"}
