"""The policy editor: no JSON, row by row; the replay always runs first, and then two others have to agree."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.formats import date_format

from approvals.models import ApprovalRequest, Policy, PolicyVersion
from approvals.policies.shipped import shipped
from approvals.services.policies import active_policies, lock_policies, write_version
from bankops.core import clock, operations
from bankops.core.actor import Actor
from staff.models import User
from staff.roles import Role
from tests.approvals.admin.conftest import Submit
from tests.desk import ROLES, address, code, key_of, words
from tests.personas import SignIn, hire
from tests.unchanged import nothing_changes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policies", "first_reviewer", "final_reviewer")]

LIST = "/admin/approvals/policy/"
NEW = f"{LIST}new_policy/"
SEE = {"first_reviewer", "final_reviewer", "risk_analyst", "finance", "administrator", "auditor"}


@pytest.fixture
def keeper(signed_in_client: SignIn, administrator: User) -> Client:
    return signed_in_client(administrator)


@pytest.fixture
def large() -> Policy:
    return Policy.objects.get(name="Large movements of money")


def filled_in(**changes: str | list[str]) -> dict[str, Any]:
    """Return the fields of a policy about large withdrawals, as the editor sends them."""
    return {
        "name": "Night withdrawals",
        "based_on": "0",
        "operations": ["transactions.withdraw"],
        "conditions-TOTAL_FORMS": "2",
        "conditions-INITIAL_FORMS": "0",
        "conditions-0-case": "1",
        "conditions-0-test": "amount at_least",
        "conditions-0-value": "1,000 cny",
        "conditions-1-case": "1",
        "conditions-1-test": "hour between",
        "conditions-1-value": "22-6",
        "stages-TOTAL_FORMS": "2",
        "stages-INITIAL_FORMS": "0",
        "stages-0-role": "first_reviewer",
        "stages-0-quorum": "1",
        "stages-0-assigned": "2",
        "stages-0-one_time_code": "on",
        "stages-1-role": "",
        "stages-1-quorum": "1",
        "stages-1-assigned": "2",
        "exclusions-TOTAL_FORMS": "1",
        "exclusions-INITIAL_FORMS": "0",
        "exclusions-0-maker_role": "teller",
        "exclusions-0-reviewer_role": "operator",
        "expires_after": "2",
        "expires_unit": "hours",
        "pair_limit": "3",
        "stand_ins": "on",
        "reason": "nights are risky",
        "idempotency_key": "k1",
        **changes,
    }


def as_shown(client: Client, url: str) -> dict[str, Any]:
    """Return what a browser would send of the editor as it is shown, without changing anything."""
    form = client.get(url).context["form"]
    sent = {"idempotency_key": form.initial["idempotency_key"], "reason": "tighter"}
    for bound in form:
        if bound.name not in sent and bound.value() not in (None, False):
            sent[bound.name] = "on" if bound.value() is True else bound.value()
    for rows in (form.conditions, form.stages, form.exclusions):
        sent |= {f"{rows.prefix}-TOTAL_FORMS": len(rows.forms), f"{rows.prefix}-INITIAL_FORMS": 0}
        for bound in (bound for row in rows.forms for bound in row):
            if bound.value() not in (None, False):
                sent[bound.html_name] = "on" if bound.value() is True else bound.value()
    return sent


# -- Who gets in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_who_may_read_and_who_may_change(
    role: str, signed_in_client: SignIn, large: Policy, request: pytest.FixtureRequest
) -> None:
    client = signed_in_client(request.getfixturevalue(role))
    reading = 200 if role in SEE else 403
    changing = 200 if role == "administrator" else 403
    assert client.get(LIST).status_code == reading
    assert client.get(address(large)).status_code == reading
    for door in (NEW, address(large, "change_policy"), address(large, "retire_policy")):
        assert client.get(door).status_code == changing
        if changing == 403:
            with nothing_changes():
                assert client.post(door, filled_in(confirmed="1")).status_code == 403


# -- Reading ----------------------------------------------------------------------------------------------------------


def test_the_list_says_in_words_what_counts(keeper: Client) -> None:
    said = words(keeper.get(LIST))
    (large,) = [policy for policy in shipped("CNY") if policy.name == "Large movements of money"]
    labels = ", ".join(str(operations.get(key).label) for key in large.definition["operations"])
    assert {"Transfer", "Withdraw"} <= set(labels.split(", "))
    assert f"Large movements of money active, version 1 {labels} amount at least CNY 50,000.00" in said
    assert "First reviewer → 2 × Final reviewer" in said


def test_a_page_shows_every_version_and_its_changes_in_words(keeper: Client, large: Policy) -> None:
    rewrite(large, expires_after_minutes=60)
    said = words(keeper.get(address(large)))
    assert "Version 2 since" in said
    assert "Earlier versions Version 1" in said
    assert "Expires after 1 day → 1 hour" in said
    assert "{" not in said, "no document is shown to people"


def test_a_policy_that_cannot_be_read_says_so_and_can_be_replaced(keeper: Client, large: Policy) -> None:
    rewrite(large, pair_limit=0)
    assert "cannot be read: always needs approval" in words(keeper.get(LIST))
    page = keeper.get(address(large))
    assert (page.status_code, code(page)) == (200, "")
    assert "pair_limit" in words(page)
    assert keeper.get(address(large, "change_policy")).status_code == 200


def test_a_list_of_many_policies_asks_as_often_as_one_of_few(keeper: Client, large: Policy) -> None:
    few = count(keeper, LIST)
    for number in range(20):
        new_policy(f"Policy {number}", large)
    assert count(keeper, LIST) == few
    few = count(keeper, address(large))
    for minutes in range(60, 70):
        rewrite(large, expires_after_minutes=minutes)
    assert count(keeper, address(large)) == few
    assert few < 30


# -- Filling in -------------------------------------------------------------------------------------------------------


def test_a_change_of_nothing_is_refused(keeper: Client, large: Policy) -> None:
    """The editor reads a policy and writes the same: what it shows, sent back, is the policy as it stands."""
    for policy in Policy.objects.all():
        door = address(policy, "change_policy")
        with nothing_changes():
            answer = keeper.post(door, as_shown(keeper, door))
        assert (answer.status_code, code(answer)) == (409, "policy_unchanged"), policy.name


def test_rows_become_a_policy_that_waits_for_two_reviewers(keeper: Client) -> None:
    before = active_policies()
    sent = filled_in(idempotency_key=key_of(keeper.get(NEW)))
    confirm = keeper.post(NEW, sent)
    assert "The new approval policy “Night withdrawals” begins to count." in words(confirm)
    assert "hour between 22:00 and 6:00" in words(confirm)

    told = keeper.post(NEW, {**sent, "confirmed": "1"}, follow=True)

    assert "Waits for approval: AP-" in words(told)
    request = ApprovalRequest.objects.get()
    assert (request.operation, request.stage_count, request.state) == ("approvals.change_policy", 2, "PENDING")
    assert request.versions.get().payload["definition"] == {
        "operations": ["transactions.withdraw"],
        "blocks": [
            [
                {"field": "amount", "operator": "at_least", "value": "1000.00 CNY"},
                {"field": "hour", "operator": "between", "value": [22, 6]},
            ]
        ],
        "stages": [{"role": "first_reviewer", "quorum": 1, "one_time_code": True, "assigned": 2}],
        "expires_after_minutes": 120,
        "pair_limit": 3,
        "stand_ins": True,
        "excluded": {"teller": ["operator"]},
    }
    assert active_policies() == before, "nothing counts yet"


def test_confirming_twice_is_one_request(keeper: Client) -> None:
    for _twice in range(2):
        assert keeper.post(NEW, filled_in(confirmed="1")).status_code == 302
    assert ApprovalRequest.objects.count() == 1


def test_the_way_back_keeps_what_was_filled_in(keeper: Client) -> None:
    back = keeper.post(NEW, filled_in(change="1"))
    assert back.context["form"]["reason"].value() == "nights are risky"
    assert back.context["form"].conditions.forms[1]["value"].value() == "22-6"


@pytest.mark.parametrize(
    ("button", "value", "prefix", "rows"),
    [
        ("add_condition", "1", "conditions", 3),
        ("add_case", "1", "conditions", 3),
        ("add_stage", "1", "stages", 3),
        ("add_exclusion", "1", "exclusions", 2),
    ],
)
def test_a_button_adds_a_row_and_loses_nothing(keeper: Client, button: str, value: str, prefix: str, rows: int) -> None:
    with nothing_changes():
        page = keeper.post(NEW, filled_in(**{button: value, "reason": ""}))
    assert page.status_code == 200
    form = page.context["form"]
    assert len(getattr(form, prefix).forms) == rows
    assert form.conditions.forms[0]["value"].value() == "1,000 cny"
    assert form["operations"].value() == ["transactions.withdraw"]
    assert form["stand_ins"].value() is True
    assert "Say why" not in words(page), "nothing is checked yet"


def test_a_new_case_is_an_alternative_and_a_new_condition_is_not(keeper: Client) -> None:
    page = keeper.post(NEW, filled_in(add_case="1"))
    assert [number for number, _rows in page.context["form"].cases()] == ["1", "2"]
    page = keeper.post(NEW, filled_in(add_condition="1"))
    assert [len(rows) for _number, rows in page.context["form"].cases()] == [3]


def test_a_stage_moves_up(keeper: Client) -> None:
    page = keeper.post(NEW, filled_in(**{"stages-1-role": "finance", "move_up": "1"}))
    assert [row["role"].value() for row in page.context["form"].stages] == ["finance", "first_reviewer"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"operations": []}, "Choose the operations"),
        ({"every_operation": "on"}, "and not both"),
        ({"conditions-0-value": ""}, "A condition needs both"),
        ({"conditions-0-test": ""}, "A condition needs both"),
        ({"conditions-0-value": "much CNY"}, "is not an amount"),
        ({"conditions-0-value": "5 XXQ"}, "is not an ISO 4217 currency code"),
        ({"conditions-1-value": "night"}, "Write whole hours."),
        ({"stages-0-role": ""}, "At least one stage has to decide."),
        ({"stages-0-quorum": "3"}, "At least as many have to be asked as have to agree."),
        ({"stages-0-quorum": "99"}, "less than or equal to 5"),
        ({"exclusions-0-reviewer_role": ""}, "Choose both roles, or neither."),
        ({"reason": ""}, "Say why"),
        ({"name": ""}, "This field is required."),
        ({"conditions-TOTAL_FORMS": "100000"}, "at most 60"),
        ({"conditions-0-case": "no"}, "whole number"),
    ],
)
def test_what_is_not_filled_in_rightly_comes_back_marked(keeper: Client, changes: dict[str, Any], said: str) -> None:
    with nothing_changes():
        answer = keeper.post(NEW, filled_in(confirmed="1", **changes))
    assert answer.status_code == 422
    assert said in words(answer)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"conditions-1-value": "22-99"}, "policy_unreadable"),
        ({"conditions-1-value": "22"}, "policy_unreadable"),
        ({"conditions-1-test": "risk_band at_least", "conditions-1-value": "awful"}, "policy_unreadable"),
        ({"stages-0-role": "risk_analyst"}, "nobody_holds_role"),
        ({"exclusions-0-reviewer_role": "first_reviewer"}, "policy_unreadable"),
        ({"expires_after": "1", "expires_unit": "minutes"}, "policy_unreadable"),
        ({"based_on": "7"}, "policy_moved"),
        ({"name": "Large movements of money"}, "policy_moved"),
        ({"operations": ["approvals.change_policy"], "name": "Rules"}, ""),
    ],
)
def test_what_cannot_be_is_refused_before_it_is_submitted(
    keeper: Client, changes: dict[str, Any], refusal: str
) -> None:
    with nothing_changes():
        answer = keeper.post(NEW, filled_in(**changes))
    assert code(answer) == refusal


def test_every_operation_is_one_tick(keeper: Client, final_reviewer: User) -> None:
    assert final_reviewer.branch
    hire("T9001", "Luo Er", Role.FINAL_REVIEWER, final_reviewer.branch)  # what moves very much money needs two of them
    sent = filled_in(operations=[], every_operation="on", confirmed="1")
    answer = keeper.post(NEW, sent)
    assert answer.status_code == 302
    assert ApprovalRequest.objects.get().versions.get().payload["definition"]["operations"] == ["*"]


# -- The replay -------------------------------------------------------------------------------------------------------


def test_a_change_is_tried_on_last_months_requests_before_it_is_submitted(
    keeper: Client, large: Policy, submit: Submit
) -> None:
    submit("60000.00")
    submit("2000000.00")
    door = address(large, "change_policy")
    page = keeper.post(door, as_shown(keeper, door) | {"conditions-0-value": "70000.00 CNY"})

    tried = page.context["replay"]
    assert (tried.total, tried.same, tried.no_longer_required, tried.laxer) == (2, 1, 1, 0)
    said = words(page)
    assert "Tried on the requests of the last 30 days" in said
    assert (
        f"{date_format(clock.business_date(), 'MONTH_DAY_FORMAT')} transactions.transfer no longer needs approval"
        in said
    )


def test_the_examples_tell_nothing_of_other_peoples_requests(keeper: Client, large: Policy, submit: Submit) -> None:
    """Who makes rules need not know how much was moved, by whom or for whom."""
    submit("60123.45")
    version = ApprovalRequest.objects.get().versions.get()
    door = address(large, "change_policy")
    said = words(keeper.post(door, as_shown(keeper, door) | {"conditions-0-value": "70000.00 CNY"}))
    assert "transactions.transfer no longer needs approval" in said
    private = [version.request.maker_name, version.request.reference, *version.payload.values()]
    assert "60123.45" in private
    assert [word for word in (*private, "60,123.45") if word and word != "CNY" and str(word) in said] == []


def test_retiring_is_tried_too_and_waits_for_two_reviewers(keeper: Client, large: Policy, submit: Submit) -> None:
    submit("60000.00")
    door = address(large, "retire_policy")
    page = keeper.get(door)
    sent = {"reason": "no longer needed", "based_on": "1", "idempotency_key": key_of(page)}
    confirm = keeper.post(door, sent)
    assert "is retired" in words(confirm)
    assert confirm.context["replay"].no_longer_required == 1

    keeper.post(door, {**sent, "confirmed": "1"})

    assert ApprovalRequest.objects.filter(operation="approvals.change_policy", state="PENDING").count() == 1
    assert PolicyVersion.objects.active().filter(policy=large).exists()


def test_what_two_people_must_always_agree_to_cannot_be_retired_below_that(keeper: Client) -> None:
    rules = Policy.objects.get(name="Approval rules")
    door = address(rules, "change_policy")
    with nothing_changes():
        answer = keeper.post(door, as_shown(keeper, door) | {"stages-1-role": ""})
    assert code(answer) == "policy_below_minimum"


# -- Reference rates --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_who_may_read_and_set_rates(role: str, signed_in_client: SignIn, request: pytest.FixtureRequest) -> None:
    client = signed_in_client(request.getfixturevalue(role))
    assert client.get("/admin/approvals/referencerate/").status_code == (200 if role in SEE else 403)
    door = "/admin/approvals/referencerate/set_reference_rate/"
    assert client.get(door).status_code == (200 if role == "administrator" else 403)


def test_a_rate_waits_for_two_reviewers(keeper: Client) -> None:
    door = reverse("admin:approvals_referencerate_set_reference_rate")
    answer = keeper.post(door, {"currency": "usd", "rate": "7.12", "reason": "market moved", "idempotency_key": "r"})
    assert answer.status_code == 302
    assert ApprovalRequest.objects.get().operation == "approvals.set_reference_rate"


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"rate": "-1"}, "invalid_rate"),
        ({"currency": "CNY"}, "rate_of_base_currency"),
        ({"currency": "XXQ"}, "unknown_currency"),
    ],
)
def test_what_is_no_rate_is_refused(keeper: Client, fields: dict[str, str], refusal: str) -> None:
    door = reverse("admin:approvals_referencerate_set_reference_rate")
    with nothing_changes():
        answer = keeper.post(door, {"currency": "USD", "rate": "7.12", "reason": "x", "idempotency_key": "r", **fields})
    assert code(answer) == refusal


def count(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@transaction.atomic
def rewrite(policy: Policy, **terms: Any) -> None:
    """Give a policy another version, as if two reviewers had agreed: the database's guard of that sleeps."""
    lock_policies()
    latest = PolicyVersion.objects.active().get(policy=policy)
    definition = {**latest.definition, **terms}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    write_version(name=policy.name, definition=definition, actor=Actor.system("t"), reason="test", now=clock.now())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


@transaction.atomic
def new_policy(name: str, like: Policy) -> None:
    lock_policies()
    definition = PolicyVersion.objects.active().get(policy=like).definition
    write_version(name=name, definition=definition, actor=Actor.system("t"), reason="test", now=clock.now())
