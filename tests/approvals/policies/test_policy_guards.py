"""The database is the last line: straight SQL against every rule of the policies' tables."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from approvals.models import Policy, PolicyVersion, ReferenceRate
from approvals.services.shipping import seed_demo_rates, seed_policies
from bankops.core.actor import Actor
from tests.accounts.factories import NOW
from tests.unchanged import check_deferred, refused_by_database

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


@pytest.fixture
def shipped(db: None) -> None:
    seed_policies(actor=SYSTEM, now=NOW)
    seed_demo_rates(actor=SYSTEM, now=NOW)
    check_deferred()


@pytest.fixture
def changing(shipped: None, under_approved_requests: None) -> None:
    """Let the rules be changed, as while the gate carries an approved change out."""


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def version(**fields: Any) -> PolicyVersion:
    plain: dict[str, Any] = {
        "policy": Policy.objects.get(name="Books"),
        "number": 2,
        "definition": {},
        "state": "RETIRED",
        "activated_at": NOW,
        "retired_at": NOW,
    }
    return PolicyVersion(**plain | fields)


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE approvals_policy SET name = 'Harmless' WHERE name = 'Rights'", "append_only"),
        ("DELETE FROM approvals_policy", "append_only"),
        ("TRUNCATE approvals_policy CASCADE", "append_only"),
        ("UPDATE approvals_policyversion SET definition = '{}'", "policy_version_fixed"),
        ("UPDATE approvals_policyversion SET number = 7", "policy_version_fixed"),
        ("UPDATE approvals_policyversion SET note = 'other'", "policy_version_fixed"),
        (
            "UPDATE approvals_policyversion SET state = 'RETIRED', retired_at = now(), made_by_id = 'x'",
            "policy_version_fixed",
        ),
        ("UPDATE approvals_policyversion SET retired_at = now()", "policy_version_fixed"),
        ("UPDATE approvals_policyversion SET state = 'RETIRED'", "policy_version_state_dated"),
        ("DELETE FROM approvals_policyversion", "append_only"),
        ("TRUNCATE approvals_policyversion", "append_only"),
        ("UPDATE approvals_referencerate SET rate = 0.00000001", "append_only"),
        ("DELETE FROM approvals_referencerate", "append_only"),
        ("TRUNCATE approvals_referencerate", "append_only"),
    ],
)
def test_what_was_said_stays_as_it_was_said(changing: None, statement: str, rule: str) -> None:
    with refused_by_database(rule):
        execute(statement)


def test_a_retired_version_never_comes_back(changing: None) -> None:
    execute("UPDATE approvals_policyversion SET state = 'RETIRED', retired_at = now()")
    with refused_by_database("policy_version_fixed"):
        execute("UPDATE approvals_policyversion SET state = 'ACTIVE', retired_at = NULL")


def test_versions_are_numbered_once_and_one_counts(changing: None) -> None:
    with refused_by_database("policy_version_number_once"):
        version(number=1).save()
    with refused_by_database("policy_one_active_version"):
        version(state="ACTIVE", retired_at=None).save()
    with refused_by_database("policy_version_state_dated"):
        version(state="ACTIVE").save()
    with refused_by_database("policy_version_state_dated"):
        version(state="ASLEEP").save()


def test_a_policy_has_a_name_of_its_own(changing: None) -> None:
    with refused_by_database("policy_name_once"):
        Policy.objects.create(name="Rights", created_at=NOW)
    with refused_by_database("policy_has_name"):
        Policy.objects.create(name="", created_at=NOW)


@pytest.mark.parametrize("rate", ["0", "-1"])
def test_nothing_foreign_is_worth_nothing(changing: None, rate: str) -> None:
    with refused_by_database("reference_rate_positive"):
        ReferenceRate.objects.create(currency="USD", rate=rate, valid_from=NOW)


def test_the_rules_change_with_consent_only(shipped: None, bank_has_asked: None) -> None:
    """No request for it is being carried out, so it is somebody at the database who tries."""
    with refused_by_database("consent_required"):
        execute("UPDATE approvals_policyversion SET state = 'RETIRED', retired_at = now()")
    with refused_by_database("consent_required"):
        version().save()
    with refused_by_database("consent_required"):
        ReferenceRate.objects.create(currency="CHF", rate="0.0001", valid_from=NOW)


@pytest.fixture
def bank_has_asked(under_approved_requests: None) -> None:
    """Leave the bank with requests that were carried out in another transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE approvals_approvalrequest SET state = 'EXECUTED', closed_at = now()")
        cursor.execute("SET session_replication_role = DEFAULT")
