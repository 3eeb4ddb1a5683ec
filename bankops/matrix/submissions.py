"""Every registered operation, submitted by every persona; and none of them carried out around the gate."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from bankops.core import clock, operations
from bankops.matrix import (
    listed_access,
    listed_batches,
    listed_cases,
    listed_duplicates,
    listed_holds,
    listed_kyc,
    listed_lifecycle,
    listed_lists,
    listed_notifications,
    listed_partners,
    listed_people,
    listed_personal_data,
    listed_rules,
    listed_score_models,
    listed_standing_orders,
    listed_systems,
)
from bankops.matrix.listing import Payload, Submitted
from bankops.matrix.people import PERSONAS, REASON, Persona
from bankops.matrix.report import Plan
from bankops.matrix.stage import Stage
from bankops.matrix.tries import Answer, Expected, Try, Wanted, service

SECTION = "Operations, submitted"
AROUND = "Operations, around the gate"

_PARTS = (
    listed_lifecycle,
    listed_people,
    listed_partners,
    listed_notifications,
    listed_personal_data,
    listed_kyc,
    listed_access,
    listed_batches,
    listed_cases,
    listed_duplicates,
    listed_holds,
    listed_lists,
    listed_score_models,
    listed_standing_orders,
    listed_rules,
    listed_systems,
)


def _of_person(key: str, name: str, **more: str) -> Submitted:
    return Submitted(key, lambda stage: {"user": stage.staff[name].public_id, **more})


def _withdrawal(amount: str) -> Payload:
    def payload(stage: Stage) -> dict[str, Any]:
        return {"account": stage.accounts["payer"].public_id, "amount": amount, "currency": "CNY"}

    return payload


def _policy(stage: Stage) -> dict[str, Any]:
    stands = stage.policy().versions.get()
    definition = {**stands.definition, "pair_limit": stands.definition["pair_limit"] - 1}
    return {"name": stage.policy().name, "based_on": stands.number, "definition": definition}


LISTED: tuple[Submitted, ...] = (
    Submitted("approvals.change_policy", _policy),
    Submitted(
        "approvals.set_reference_rate",
        lambda _stage: {"currency": "USD", "rate": "7.12"},
    ),
    _of_person("staff.disable_user", "somebody"),
    _of_person("staff.enable_user", "leaver"),
    _of_person("staff.grant_role", "somebody", role="teller"),
    _of_person("staff.reset_second_factor", "somebody"),
    _of_person("staff.revoke_role", "somebody", role="customer_service"),
    Submitted("transactions.reverse", lambda stage: {"transaction": stage.transfer.public_id}),
    Submitted(
        "transactions.transfer",
        lambda stage: stage.payload("49999.99"),
        "carried out",
        "CNY 49,999.99",
    ),
    Submitted("transactions.transfer", lambda stage: stage.payload(50_000), remark="CNY 50,000"),
    Submitted("transactions.withdraw", _withdrawal("10.00"), "carried out", "CNY 10"),
    Submitted("transactions.withdraw", _withdrawal("50000"), remark="CNY 50,000"),
    *(one for part in _PARTS for one in part.submitted()),
)


def plans(stage: Stage) -> Iterator[Plan]:
    """Yield every listed submission, then every operation around the gate."""
    there = operations.registered()
    for one in LISTED:
        if one.key in there:
            tries = {
                persona.key: Try(partial(_submit, stage, one, persona), _wanted(one, persona))
                for persona in PERSONAS
                if persona.number
            }
            yield Plan(SECTION, f"{one.key} ({one.remark or one.comes_to})", one.who.words, tries)
    refused = Wanted(Expected.REFUSED, operations.ConsentRequired.code)
    for one in {one.key: one for one in LISTED}.values():
        if one.key in there:
            yield Plan(AROUND, one.key, "", {"": Try(partial(_around, stage, one), refused)})


def unlisted() -> list[str]:
    """Return the operations that are registered and not listed."""
    return sorted(operations.registered().keys() - {one.key for one in LISTED})


def vanished() -> list[str]:
    """Return the operations that are listed and not registered."""
    return sorted({one.key for one in LISTED} - operations.registered().keys())


def _wanted(one: Submitted, persona: Persona) -> Wanted:
    """Return what has to come of it. The gate asks for the right, not for the session: that is the pages' business."""
    holds = one.who.includes(_as_if_in(persona)) and persona.key != "disabled"
    return Wanted(Expected.ACT, one.comes_to) if holds else Wanted(Expected.REFUSED, "permission_refused")


def _as_if_in(persona: Persona) -> Persona:
    return Persona(persona.key, persona.label, persona.number, persona.roles)


def _submit(stage: Stage, one: Submitted, persona: Persona) -> Answer:
    came: list[operations.Outcome] = []
    answer = service(lambda: came.append(stage.submit(persona.key, one.key, one.payload(stage), clock.now())))
    if not came:
        return answer
    return Answer(opened=True, words="carried out" if came[0].done else "parked")


def _around(stage: Stage, one: Submitted) -> Answer:
    """Carry an operation out as a door would that forgot to submit it."""
    operation = operations.get(one.key)
    order = operations.Order(actor=stage.staff["administrator"].as_actor(), now=clock.now(), reason=REASON)
    return service(lambda: operation.execute(operation.clean(one.payload(stage)), order))
