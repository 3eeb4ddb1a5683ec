"""The functions that rules may call: how each is written and what it tells, for the help beside the editor.

What their arguments must be is the checker's business (`calls`). There are no others, and nobody can add one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from risk.language.schema import Measure, Type


@dataclass(frozen=True, slots=True)
class Function:
    """A function's help.

    Attributes:
        signature: an example that is right as it stands.
        type: what it comes to; None for `list`, which only stands after `in`.

    """

    name: str
    signature: str
    type: Type | None
    description: Promise


_BEFORE = _("The movement that is assessed is not counted in: counters tell of what was before it.")
_ALL = (
    Function("money", 'money("50000 CNY")', Type.MONEY, _(
        "An amount with its currency. Amounts of different currencies are compared by the reference rates in force; "
        "without a rate, a person has to look at the movement.")),
    Function("duration", 'duration("24h")', Type.DURATION, _("A duration: a whole number of s, m, h or d.")),
    Function("moment", 'moment("2026-01-31T08:00:00+08:00")', Type.MOMENT, _("A moment: date, time and zone.")),
    Function("known", "known(payee.first_seen_days)", Type.TRUTH, _(
        "Whether a fact is known. What compares a fact that is missing is neither true nor false.")),
    Function("count", 'count(payer, "1h")', Type.NUMBER, _(
        "How many movements there were in the window.")),
    Function("sum", 'sum(payer, "24h")', Type.MONEY, _(
        "What the movements in the window come to, in the bank's base currency.")),
    Function("distinct_payees", 'distinct_payees(payer, "24h")', Type.NUMBER, _(
        "How many different payees were paid in the window.")),
    Function("distinct_payers", 'distinct_payers(payee, "24h")', Type.NUMBER, _(
        "How many different payers paid in the window.")),
    Function("list", 'list("regions.high_risk")', None, _("One of the bank's lists, after in or not in.")),
    Function("multiple_of", "multiple_of(amount, 10000)", Type.TRUTH, _(
        "Whether an amount, in units of its own currency, or a number is a whole multiple of another number.")),
    Function("contains", 'contains(payee.name, "trading")', Type.TRUTH, _(
        "Whether a text has another in it. Capital and small letters are the same.")),
    Function("starts_with", 'starts_with(payee.account, "6222")', Type.TRUTH, _(
        "Whether a text begins with another. Capital and small letters are the same.")),
)  # fmt: skip

FUNCTIONS: Mapping[str, Function] = {function.name: function for function in _ALL}


def help_of(name: str) -> str:
    """Return a function's description, with what holds for all counters."""
    description = str(FUNCTIONS[name].description)
    return f"{description} {_BEFORE}" if name in set(Measure) else description
