"""How much risk a customer brings: points from a table, and facts that decide alone. Nothing here reads the database.

The four groups of factors (customer, place, product, line of business), points that are added up, and facts that make a
customer high risk whatever the points are those of the People's Bank of China, "Guidelines for financial institutions on
assessing money laundering and terrorist financing risks and classifying customers" (Yin Fa [2013] No. 2). Which facts raise
the risk: FATF Recommendation 10, interpretive note, paragraph 15, and Recommendation 12 for politically exposed persons;
Wolfsberg Group, "Frequently Asked Questions on Risk Assessments" (2015), for lines of business. The points are ours: these
sources leave weights to the bank.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.kyc import reasons
from accounts.kyc.findings import CheckState, Finding


class RiskRating(models.TextChoices):
    """How closely the bank looks at a customer."""

    LOW = "LOW", _("low")
    MEDIUM = "MEDIUM", _("medium")
    HIGH = "HIGH", _("high")


class LegalForm(models.TextChoices):
    """How an organisation is set up; what matters is how well one sees who stands behind it."""

    NONE = "NONE", _("none: a person")
    STATE = "STATE", _("state body or state-owned")
    LISTED = "LISTED", _("listed company")
    COMPANY = "COMPANY", _("limited company")
    PARTNERSHIP = "PARTNERSHIP", _("partnership")
    ASSOCIATION = "ASSOCIATION", _("association or charity")
    TRUST = "TRUST", _("trust or foundation")
    BEARER = "BEARER", _("company with bearer shares or nominee shareholders")


class Activity(models.TextChoices):
    """What somebody lives on, as far as it matters here."""

    ORDINARY = "ORDINARY", _("employed, or ordinary business")
    REAL_ESTATE = "REAL_ESTATE", _("real estate")
    TRADE = "TRADE", _("import and export")
    PRECIOUS_GOODS = "PRECIOUS_GOODS", _("precious metals, jewels, art")
    GAMBLING = "GAMBLING", _("gambling")
    MONEY_SERVICES = "MONEY_SERVICES", _("money transfer or exchange")
    VIRTUAL_ASSETS = "VIRTUAL_ASSETS", _("virtual assets")


@dataclass(frozen=True, slots=True)
class RiskFacts:
    """What a rating is made of.

    Attributes:
        countries: where the customer lives or sits and pays taxes, ISO 3166-1 alpha-2.
        home: the bank's own country.
        foreign_currency: an account in another currency than the bank's own is wanted.
        overdraft: an account with an overdraft is wanted.

    """

    legal_form: LegalForm
    activity: Activity
    countries: frozenset[str]
    home: str
    politically_exposed: bool = False
    cash_intensive: bool = False
    foreign_currency: bool = False
    overdraft: bool = False


@dataclass(frozen=True, slots=True)
class CountryLists:
    """Countries with a call for action, and under increased monitoring."""

    call_for_action: frozenset[str]
    increased_monitoring: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating, with the codes of what led to it."""

    rating: RiskRating
    points: int
    reasons: tuple[str, ...]


_DECIDES = 100  # alone makes a customer high risk
_HIGH, _MEDIUM = 6, 3

_say = reasons.declare
_FORM_POINTS = {LegalForm.PARTNERSHIP: 1, LegalForm.ASSOCIATION: 3, LegalForm.TRUST: 4, LegalForm.BEARER: _DECIDES}
_ACTIVITY_POINTS = {
    Activity.REAL_ESTATE: 2,
    Activity.TRADE: 2,
    Activity.PRECIOUS_GOODS: 4,
    Activity.GAMBLING: 6,
    Activity.MONEY_SERVICES: 6,
    Activity.VIRTUAL_ASSETS: 6,
}
_LEGAL_FORM = _say("risk_legal_form", _("The legal form hides more than others who stands behind it."))
_ACTIVITY = _say("risk_activity", _("The line of business is often used to launder money."))
_EXPOSED = _say("risk_politically_exposed", _("A politically exposed person."))
_CASH = _say("risk_cash_intensive", _("A business of much cash."))
_CALLED = _say("risk_call_for_action", _("A country for which FATF calls for action."))
_MONITORED = _say("risk_increased_monitoring", _("A country under FATF's increased monitoring."))
_ABROAD = _say("risk_abroad", _("Lives, sits or pays taxes abroad."))
_CURRENCY = _say("risk_foreign_currency", _("Wants an account in a foreign currency."))
_CREDIT = _say("risk_overdraft", _("Wants an overdraft."))
RAISED = _say("risk_raised", _("Raised by a person, above what the facts alone come to."))
"""The reason of a rating that a person raised; no fact weighs it."""


def rate(facts: RiskFacts, lists: CountryLists) -> Rated:
    """Return the rating: high from 6 points or one deciding fact, medium from 3 points, low below."""
    found = list(_factors(facts, lists))
    points = sum(weight for _code, weight in found)
    rating = RiskRating.HIGH if points >= _HIGH else RiskRating.MEDIUM if points >= _MEDIUM else RiskRating.LOW
    return Rated(rating, points, tuple(code for code, _weight in found))


def eases(before: RiskFacts, after: RiskFacts, lists: CountryLists) -> bool:
    """Tell whether a factor weighs less than it did, whatever others weigh now."""
    weights = dict(_factors(after, lists))
    return any(weights.get(code, 0) < weight for code, weight in _factors(before, lists))


def finding_of(rated: Rated) -> Finding:
    """Return the rating as a check's finding: a high risk is for a person to take, with enhanced due diligence."""
    state = CheckState.MANUAL if rated.rating == RiskRating.HIGH else CheckState.PASSED
    return Finding(state, rated.reasons, reference=f"{rated.rating.value} ({rated.points})")


def _factors(facts: RiskFacts, lists: CountryLists) -> Iterator[tuple[str, int]]:
    table = (
        (_EXPOSED, _DECIDES if facts.politically_exposed else 0),
        (_LEGAL_FORM, _FORM_POINTS.get(facts.legal_form, 0)),
        (_CALLED, _DECIDES if facts.countries & lists.call_for_action else 0),
        (_MONITORED, 4 if facts.countries & lists.increased_monitoring else 0),
        (_ABROAD, 1 if facts.countries - {facts.home} else 0),
        (_ACTIVITY, _ACTIVITY_POINTS.get(facts.activity, 0)),
        (_CASH, 3 if facts.cash_intensive else 0),
        (_CURRENCY, 1 if facts.foreign_currency else 0),
        (_CREDIT, 1 if facts.overdraft else 0),
    )
    return ((code, weight) for code, weight in table if weight)
