"""The simulator's page: it answers as the gate would, names who could decide, and writes nothing."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approvals.policies.evaluation import evaluate
from approvals.policies.facts import PolicyFacts
from approvals.services.policies import active_policies
from staff.models import Branch, User
from staff.roles import Role
from tests.approvals.admin.conftest import Submit
from tests.desk import ROLES, words
from tests.personas import SignIn, hire
from tests.unchanged import nothing_changes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policies")]

PAGE = "/admin/approvals/policy/simulator/"
SEE = {"first_reviewer", "final_reviewer", "risk_analyst", "finance", "administrator", "auditor"}


@pytest.fixture
def client(signed_in_client: SignIn, first_reviewer: User) -> Client:
    return signed_in_client(first_reviewer)


def asked(client: Client, **fields: str) -> str:
    """Return what the page says; nothing is written by it."""
    with nothing_changes():
        page = client.get(PAGE, wish(**fields))
    assert page.status_code == 200, words(page)
    return words(page)


def wish(**fields: str) -> dict[str, str]:
    usual = {
        "operation": "transactions.transfer",
        "amount": "60000",
        "currency": "CNY",
        "channel": "staff",
        "hour": "11",
    }
    return usual | fields


@pytest.mark.parametrize("role", ROLES)
def test_who_may_look_ahead(role: str, signed_in_client: SignIn, request: pytest.FixtureRequest) -> None:
    client = signed_in_client(request.getfixturevalue(role))
    assert client.get(PAGE).status_code == (200 if role in SEE else 403)
    assert client.post(PAGE, wish()).status_code == (405 if role in SEE else 403)


def test_it_says_which_policies_fire_and_why(client: Client) -> None:
    said = asked(client, amount="1200000", maker="")
    assert "Needs approval by 3 different people." in said
    assert "Large movements of money version 1 amount CNY 1,200,000.00 is at least CNY 50,000.00" in said
    assert "Very large movements of money version 1" in said


def test_it_says_when_nobody_has_to_agree(client: Client) -> None:
    assert "Needs nobody's approval" in asked(client, amount="49999.99")


def test_it_names_who_could_decide_and_who_could_not(
    client: Client, teller: User, final_reviewer: User, branch: Branch
) -> None:
    both = hire("T3001", "Ni Hao", Role.FIRST_REVIEWER, branch)
    both.groups.add(*teller.groups.all())
    said = asked(client, maker="t1001")
    assert "Could decide now: Fang Rui Ni Hao could not: works in a role too close to the maker's" in said
    assert "Could decide now: Feng Lei" in said


def test_it_warns_when_too_few_could_decide(client: Client, final_reviewer: User) -> None:
    assert "Too few people could decide now" in asked(client, amount="1200000")


def test_one_person_in_two_stages_is_pointed_out(client: Client, first_reviewer: User, final_reviewer: User) -> None:
    final_reviewer.groups.add(*first_reviewer.groups.all())
    assert "At several stages: Feng Lei." in asked(client)


def test_it_says_honestly_that_there_is_no_history(client: Client) -> None:
    assert "No history yet" in asked(client)


@pytest.mark.parametrize("amount", ["49999.99", "50000", "999999.99", "1000000"])
@pytest.mark.parametrize("currency", ["CNY", "USD", "KWD"])
def test_it_answers_as_the_gate(client: Client, teller: User, amount: str, currency: str) -> None:
    page = client.get(PAGE, wish(amount=amount, currency=currency, maker="T1001", branch="001"))
    facts: PolicyFacts = page.context["facts"]
    assert facts.maker_roles == {"teller"}
    assert page.context["verdict"] == evaluate(active_policies(), facts)
    assert page.context["verdict"].required == (currency != "CNY" or amount != "49999.99")


def test_a_real_submission_meets_the_same_chain(client: Client, submit: Submit, teller: User) -> None:
    version = submit("60000.00").versions.get()
    hour = str(version.facts["hour"])
    page = client.get(PAGE, wish(maker="T1001", branch=version.facts["branch"], hour=hour))
    assert page.context["verdict"].chain.to_json() == version.chain
    assert [fired.to_json() for fired in page.context["verdict"].fired] == version.fired


def test_a_partner_has_no_maker_among_the_staff(client: Client, teller: User) -> None:
    page = client.get(PAGE, wish(channel="partner", maker="T1001"))
    assert page.context["facts"].maker_roles == frozenset()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"amount": "much"}, "is not an amount"),
        ({"currency": "XXQ"}, "is not an ISO 4217 currency code"),
        ({"maker": "NOBODY"}, "NOBODY"),
        ({"hour": "24"}, "less than or equal to 23"),
        ({"operation": "no.such"}, "Select a valid choice"),
        ({"branch": "999"}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_said(client: Client, fields: dict[str, str], said: str) -> None:
    page = client.get(PAGE, wish(**fields))
    assert page.status_code == 422
    assert said in words(page)


def test_many_reviewers_are_not_more_questions(
    client: Client, teller: User, final_reviewer: User, branch: Branch
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PAGE, wish(maker="T1001")).status_code == 200
        return len(queries)

    few = count()
    for number in range(20):
        hire(f"T30{number:02}", f"Reviewer {number}", Role.FIRST_REVIEWER, branch, phone=False)
    assert count() == few
    assert few < 30
