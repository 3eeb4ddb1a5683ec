"""Every door through which money moves carries a key of its own: one form is one order, however often it is sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib import admin

from bankops.core import operations
from bankops.core.admin import extensions
from bankops.core.admin.confirmed import OnceForm
from bankops.core.admin.doors import Door
from bankops.core.operations import Review

# Services that are called without an operation: cash taken in, fees, and money held.
DIRECT = {"transactions.deposit", "transactions.charge_fee", "transactions.place_hold"}


def doors() -> Iterator[type[Door]]:
    for model, model_admin in admin.site._registry.items():
        for page in (*getattr(model_admin, "doors", ()), *extensions.pages_of(model)):
            if issubclass(page, Door):
                yield page


def moves_money(door: type[Door]) -> bool:
    operation = operations.registered().get(getattr(door, "operation", door.permission))
    if operation is None:
        return door.permission in DIRECT
    return operation.moves_money or operation.usual_review == Review.FROM_AMOUNT


MONEY_DOORS = sorted(set(filter(moves_money, doors())), key=lambda door: door.name)


def test_the_doors_to_money_are_found() -> None:
    names = {door.name for door in MONEY_DOORS}
    known = {
        "deposit",
        "withdraw",
        "transfer",
        "charge_fee",
        "reverse",
        "refund",
        "release",
        "place_hold",
        "capture_hold",
    }
    assert names >= known | {"close_account", "resume_standing_order"}


@pytest.mark.parametrize("door", MONEY_DOORS, ids=lambda door: door.name)
def test_a_door_to_money_takes_no_form_without_its_key(door: type[Door]) -> None:
    assert issubclass(door.form_class, OnceForm)
