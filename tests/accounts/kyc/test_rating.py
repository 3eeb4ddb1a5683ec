"""The risk rating: its table, and what decides alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accounts.kyc import countries, reasons
from accounts.kyc.findings import CheckState
from accounts.kyc.rating import Activity, CountryLists, LegalForm, RiskFacts, RiskRating, finding_of, rate

ORDINARY = RiskFacts(LegalForm.NONE, Activity.ORDINARY, frozenset({"CN"}), "CN")
LISTS = CountryLists(frozenset(countries.CALL_FOR_ACTION), frozenset(countries.INCREASED_MONITORING))


@pytest.mark.parametrize(
    ("changed", "rating", "points"),
    [
        ({}, RiskRating.LOW, 0),
        ({"overdraft": True}, RiskRating.LOW, 1),
        ({"foreign_currency": True, "overdraft": True}, RiskRating.LOW, 2),
        ({"countries": frozenset({"CN", "FR"})}, RiskRating.LOW, 1),
        ({"activity": Activity.TRADE, "foreign_currency": True}, RiskRating.MEDIUM, 3),
        ({"cash_intensive": True}, RiskRating.MEDIUM, 3),
        ({"legal_form": LegalForm.ASSOCIATION}, RiskRating.MEDIUM, 3),
        ({"legal_form": LegalForm.TRUST, "overdraft": True}, RiskRating.MEDIUM, 5),
        ({"countries": frozenset({"CN", "VN"})}, RiskRating.MEDIUM, 5),
        ({"cash_intensive": True, "activity": Activity.PRECIOUS_GOODS}, RiskRating.HIGH, 7),
        ({"activity": Activity.VIRTUAL_ASSETS}, RiskRating.HIGH, 6),
        ({"activity": Activity.MONEY_SERVICES}, RiskRating.HIGH, 6),
        ({"activity": Activity.GAMBLING}, RiskRating.HIGH, 6),
        ({"politically_exposed": True}, RiskRating.HIGH, 100),
        ({"legal_form": LegalForm.BEARER}, RiskRating.HIGH, 100),
        ({"countries": frozenset({"CN", "KP"})}, RiskRating.HIGH, 101),
    ],
)
def test_points_lead_to_a_rating(changed: dict[str, object], rating: RiskRating, points: int) -> None:
    rated = rate(replace(ORDINARY, **changed), LISTS)  # type: ignore[arg-type]
    assert (rated.rating, rated.points) == (rating, points)
    assert bool(rated.reasons) == bool(points)
    assert all(reasons.label_of(code) != code for code in rated.reasons)


def test_a_high_risk_is_for_a_person_to_take() -> None:
    low, high = (rate(replace(ORDINARY, politically_exposed=exposed), LISTS) for exposed in (False, True))
    assert finding_of(low).state == CheckState.PASSED
    finding = finding_of(high)
    assert (finding.state, finding.reasons, finding.reference) == (
        CheckState.MANUAL,
        ("risk_politically_exposed",),
        "HIGH (100)",
    )


def test_a_banks_own_lists_take_the_place_of_the_shipped_ones() -> None:
    abroad = replace(ORDINARY, countries=frozenset({"CN", "FR"}))
    assert rate(abroad, CountryLists(frozenset({"FR"}), frozenset())).rating == RiskRating.HIGH


def test_the_shipped_lists_are_country_codes_apart_from_each_other() -> None:
    assert not LISTS.call_for_action & LISTS.increased_monitoring
    assert all(len(code) == 2 and code.isupper() for code in LISTS.call_for_action | LISTS.increased_monitoring)
