"""The demo's partner is let in by two people like any other, and can then call; nobody can have its secret twice."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from approvals.models import ApprovalRequest, State
from bankops.core import clock
from partners.models import Partner
from staff import demo as staff_demo
from tests.partners.factories import ask_for_token
from transactions import demo, partner_demo

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> None:
    demo.seed(now=clock.now())


def test_everything_it_may_do_was_agreed_to_by_two_people(shop: None) -> None:
    introduced = partner_demo.seed(now=clock.now())
    requests = ApprovalRequest.objects.all()
    assert {request.state for request in requests} == {State.EXECUTED}
    assert sorted(request.operation for request in requests) == [
        "accounts.grant_partner_access",
        "accounts.grant_partner_access",
        "partners.issue_credential",
        "partners.register_partner",
        "partners.set_networks",
        "partners.set_partner_limits",
    ]
    assert ask_for_token(introduced.credential, introduced.secret).status_code == 200


def test_everybody_can_still_sign_in_with_the_code_of_the_moment(shop: None) -> None:
    now = clock.now()
    partner_demo.seed(now=now)
    for person in staff_demo.PEOPLE:
        assert staff_demo.fresh_code(person.employee_number, now=now) == staff_demo.current_code(
            person.employee_number, now=now
        )


def test_the_secret_is_told_once_and_a_new_one_ends_it(shop: None) -> None:
    first = partner_demo.seed(now=clock.now())
    again = partner_demo.seed(now=clock.now())
    assert (again.credential, again.secret) == (first.credential, "")
    assert Partner.objects.count() == 1
    replaced = partner_demo.new_secret(now=clock.now())
    assert ask_for_token(first.credential, first.secret).status_code == 401
    assert ask_for_token(first.credential, replaced.secret).status_code == 200


def test_the_command_prints_what_a_program_signs_in_with(shop: None) -> None:
    out = StringIO()
    call_command("demo_partner", stdout=out)
    printed = dict(line.split()[0].split("=") for line in out.getvalue().splitlines() if "=" in line)
    credential = partner_demo.seed(now=clock.now()).credential
    assert printed["CLIENT_ID"] == credential.client_id
    assert ask_for_token(credential, printed["SECRET"]).status_code == 200
    payer, payee = partner_demo.payer_and_payee()
    assert (printed["FROM"], printed["PAYEE"]) == (payer.public_id, payee.number)


def test_outside_the_demo_there_is_no_such_partner(settings: Any) -> None:
    settings.BANKOPS_DEMO = False
    with pytest.raises(CommandError, match="not_in_demo"):
        call_command("demo_partner")
    assert not Partner.objects.exists()
