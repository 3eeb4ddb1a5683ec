"""What rules learn of lists."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import override_settings

from risk.errors import ListMissing
from risk.selectors.lists import holding, names_for_rules
from risk.selectors.screening import Standing, standing

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_countries_of_fatf_come_from_the_settings() -> None:
    lists = frozenset({"regions.call_for_action", "regions.increased_monitoring"})
    with override_settings(BANKOPS_CALL_FOR_ACTION=["XX"]):
        from risk.selectors import lists as module

        module._Kept.snapshot = None
        found = holding(lists, ["XX", "IR", "NG"], NOW)
    module._Kept.snapshot = None
    assert found["regions.call_for_action"] == {"XX"}


def test_an_empty_own_list_holds_nothing() -> None:
    assert holding(frozenset({"own.black"}), ["acc_1"], NOW) == {"own.black": frozenset()}


@pytest.mark.parametrize("name", ["nobody.knows.it", "un_consolidated"])
def test_what_is_no_list_for_rules_is_missing(name: str) -> None:
    with pytest.raises(ListMissing) as refused:
        holding(frozenset({name}), ["CN"], NOW)
    assert refused.value.code == "risk_list_missing"


def test_rules_may_name_own_lists_and_countries() -> None:
    assert {"own.black", "own.white", "regions.sanctioned", "regions.call_for_action"} <= set(names_for_rules())


def test_somebody_without_hits_is_clear() -> None:
    assert standing(["cus_0000000000000000000000000a", "no id"]) == {
        "cus_0000000000000000000000000a": Standing.CLEAR,
        "no id": Standing.CLEAR,
    }
