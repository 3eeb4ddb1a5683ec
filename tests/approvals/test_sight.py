"""A decision is about what the reviewer saw: that content, in that version, at that stage."""

from __future__ import annotations

from typing import Any

import pytest

from approvals.models import Verdict
from approvals.services import amend_request
from bankops.core import clock
from staff.roles import Role
from tests.approvals.factories import Bank, again, also, approve, ask, assigned, grant, say, send_back
from tests.approvals.raw_decisions import write_decision, write_proof
from tests.unchanged import refused, refused_by_database

pytestmark = pytest.mark.django_db


def amended(request: Any, bank: Bank) -> None:
    """Submit the same again, for another reason: the content is equal, the version is not."""
    payload = {"door": 1, "amount": ""}
    amend_request(request_id=request.pk, maker=bank.maker, payload=payload, reason="quite another", now=clock.now())


def test_a_page_of_the_version_before_decides_nothing(bank: Bank) -> None:
    request = ask(bank.maker)
    page, reader = again(request), assigned(request)[1]
    send_back(request, assigned(request)[0])
    amended(request, bank)
    if reader not in assigned(request):
        grant(again(request), reader)
    with refused("request_changed"):
        say(Verdict.APPROVE, page, reader)


def test_a_page_of_the_stage_before_is_no_final_review(bank: Bank) -> None:
    request = ask(bank.maker)
    page, first = again(request), assigned(request)[0]
    both = also(bank.final[0], Role.FIRST_REVIEWER)
    approve(request, first)
    if both not in assigned(request):
        grant(again(request), both)
    with refused("request_changed"):
        say(Verdict.APPROVE, page, both)


def test_a_code_for_the_stage_before_is_good_for_nothing_else(bank: Bank) -> None:
    request = ask(bank.maker)
    seen_at_first = again(request).sight
    approve(request)
    final = assigned(request)[0]
    with refused_by_database("^code_for_something_else"):
        write_decision(request, final, proof_id=write_proof(request, final, sight=seen_at_first))
