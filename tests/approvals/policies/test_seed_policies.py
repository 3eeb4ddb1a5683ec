"""What a bank starts with: shipped once, never again over what the bank made of it."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django import Settings

from approvals.models import PolicyVersion, ReferenceRate
from approvals.policies.shipped import shipped
from approvals.services.policies import active_policies, change_policy
from approvals.services.shipping import DEMO_RATES, Seeded, seed_demo_rates, seed_policies
from bankops.core import operations
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent
from staff.models import User
from tests.accounts.factories import NOW
from tests.approvals.asking import ask_for_role
from tests.committed import at_once
from tests.unchanged import nothing_changes, refused

SYSTEM = Actor.system("seed_policies")


def seed() -> str:
    output = StringIO()
    call_command("seed_policies", stdout=output)
    return output.getvalue()


@pytest.mark.django_db
def test_every_bank_starts_with_the_shipped_policies_written_by_the_system(settings: Settings) -> None:
    settings.BANKOPS_DEMO = False
    names = {policy.name for policy in shipped("CNY")}
    assert {"Approval rules", "Books", "Large movements of money", "Rights", "Very large movements of money"} <= names
    assert seed() == f"{len(names)} approval policies added.\n"
    assert {version.made_by_id for version in PolicyVersion.objects.all()} == {"seed_policies"}
    assert {(active.name, active.version) for active in active_policies()} == {(name, 1) for name in names}
    events = AuditEvent.objects.filter(event_type="approvals.policy.changed")
    assert events.count() == len(names)
    assert {event.reason for event in events} == {"Shipped with bankops"}
    assert all(event.changes["definition"][0] is None for event in events)


@pytest.mark.django_db
def test_no_rate_is_invented_outside_the_demo(settings: Settings) -> None:
    settings.BANKOPS_DEMO = False
    seed()
    assert not ReferenceRate.objects.exists()
    with refused("not_in_demo"):
        seed_demo_rates(actor=SYSTEM, now=NOW)


@pytest.mark.django_db
def test_the_demos_rates_say_that_they_are_the_demos() -> None:
    assert "5 demo reference rates added." in seed()
    rates = {rate.currency: rate.note for rate in ReferenceRate.objects.all()}
    assert rates.keys() == DEMO_RATES.keys()
    assert set(rates.values()) == {"Demo rate: rounded, and not a market rate"}


@pytest.mark.django_db
def test_seeding_again_changes_nothing() -> None:
    seed()
    with nothing_changes():
        assert seed() == "0 approval policies added.\n0 demo reference rates added.\n"


@pytest.mark.django_db
def test_what_the_bank_changed_or_retired_stays_so(request: pytest.FixtureRequest) -> None:
    seed_policies(actor=SYSTEM, now=NOW)
    request.getfixturevalue("under_approved_requests")
    with operations.carrying_out("approvals.change_policy"):
        change_policy(name="Books", definition=None, based_on=1, actor=SYSTEM, reason="Not ours", now=NOW)
    with nothing_changes():
        assert seed_policies(actor=SYSTEM, now=NOW) == Seeded([], [])


def test_two_who_seed_at_once_seed_once(committed_db: None) -> None:
    results = at_once(*[lambda: seed_policies(actor=SYSTEM, now=NOW)] * 3)
    written = sorted(len(result.written) for result in results if isinstance(result, Seeded))
    assert written == [0, 0, len(shipped("CNY"))]


@pytest.mark.django_db
def test_a_bank_at_work_is_told_what_it_has_to_submit(settings: Settings, administrator: User, outsider: User) -> None:
    """From the first approval request on, rules change with consent only: a policy may ask for less than its absence."""
    settings.BANKOPS_DEMO = False
    ask_for_role(administrator, outsider)
    with nothing_changes():
        said = seed()
    assert said.startswith(
        "0 approval policies added.\nMissing: Large movements of money, Very large movements of money,"
    )
    assert "Approvals › Policies" in said


@pytest.mark.django_db
def test_a_bank_at_work_is_told_which_operations_wait_for_want_of_a_policy(
    settings: Settings, administrator: User, outsider: User
) -> None:
    """An upgrade brings operations that the bank's policies do not name: a freeze too, which used to be done at once."""
    settings.BANKOPS_DEMO = False
    seed()
    earlier = PolicyVersion.objects.get(policy__name="Done at once by staff").definition
    assert "accounts.freeze_account" in earlier["operations"]
    with operations.carrying_out("approvals.change_policy"):
        change_policy(
            name="Done at once by staff", definition=None, based_on=1, actor=SYSTEM, reason="Not there before", now=NOW
        )
    ask_for_role(administrator, outsider)
    assert "No policy covers: accounts.freeze_account, " in seed()


@pytest.mark.django_db
def test_a_bank_at_work_that_has_all_of_them_is_told_nothing(
    settings: Settings, administrator: User, outsider: User
) -> None:
    settings.BANKOPS_DEMO = False
    seed()
    ask_for_role(administrator, outsider)
    assert seed() == "0 approval policies added.\n"
