"""What the database itself refuses of rules, whoever asks: one test for each constraint and trigger."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from risk.models import RuleVersion, VersionState
from tests.accounts.factories import make_customer
from tests.risk.rules.made import NOW, make_rule, make_version, move, told
from tests.unchanged import check_deferred, refused_by_database

pytestmark = pytest.mark.django_db


def execute(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


RULE = "UPDATE risk_rule SET "
VERSION = "UPDATE risk_ruleversion SET "
SNOOZE = (
    "INSERT INTO risk_rulesnooze (id, rule_id, customer_id, since, until, reason, ended_by_name, made_by_id, made_by_name,"
    " approval_request_id) SELECT gen_random_uuid(), r.id, c.id, now(), now() + {length}, {reason}, '', 'usr_1', 'Ren', ''"
    " FROM risk_rule r, accounts_customer c"
)
BACKTEST = (
    "INSERT INTO risk_rulebacktest (id, version_id, edition, condition, compared_condition, since, until, state, total, seen,"
    " position, result, fault, requested_at, requested_by_id, requested_by_name, ended_at)"
    " SELECT gen_random_uuid(), id, 1, 'hour < 6', '', now(), now() + {length}, {state}, 1, 0, '', '{{}}', '', now(), 'usr_1',"
    " 'Ren', {ended} FROM risk_ruleversion"
)


@pytest.mark.parametrize(
    ("words", "statement"),
    [
        ("rule_fixed", RULE + "key = 'another'"),
        ("rule_fixed", RULE + "reason_code = 'another'"),
        ("rule_says_what_for", RULE + "source = ''"),
        ("rule_family_known", RULE + "family = 'MAGIC'"),
        ("rule_source_known", RULE + "source_kind = 'MAGIC'"),
        ("append_only", "DELETE FROM risk_ruleversion"),
        ("append_only", "TRUNCATE risk_rule CASCADE"),
        ("append_only", "TRUNCATE risk_ruleversion CASCADE"),
        ("rule_weight_within", VERSION + "weight = 1001"),
        ("rule_outcome_known", VERSION + "outcome = 'MAYBE'"),
        ("rule_version_says_something", VERSION + "explains = ''"),
        ("rule_version_counted", VERSION + "edition = 0"),
        ("rule_version_fixed", VERSION + "number = 9"),
        ("rule_version_state_dated", VERSION + "retired_at = now()"),
        ("rule_version_state_dated", VERSION + "state = 'ACTIVE'"),
    ],
)
def test_of_a_draft(words: str, statement: str) -> None:
    make_version()
    check_deferred()
    with refused_by_database(words):
        execute(statement)


@pytest.mark.parametrize(
    ("words", "statement"),
    [
        ("rule_settled", RULE + "name = 'Another'"),
        ("rule_settled", RULE + "source = 'Nowhere'"),
        ("rule_version_fixed", VERSION + "condition = 'hour < 5'"),
        ("rule_version_fixed", VERSION + "weight = 1"),
        ("rule_version_fixed", VERSION + "state = 'RETIRED', retired_at = now(), weight = 1"),
        ("rule_version_fixed", VERSION + "active_since = now() - interval '1 day'"),
        ("rule_version_fixed", VERSION + "approval_request_id = 'apr_1'"),
        ("rule_version_forward", VERSION + "state = 'SHADOW', shadow_since = now()"),
        ("rule_version_forward", VERSION + "state = 'DRAFT', active_since = NULL"),
    ],
)
def test_of_what_counts(words: str, statement: str) -> None:
    make_version(state=VersionState.ACTIVE)
    check_deferred()
    with refused_by_database(words):
        execute(statement)


def test_a_rule_without_versions_is_not_deleted() -> None:
    make_rule()
    with refused_by_database("append_only"):
        execute("DELETE FROM risk_rule")


def test_a_reason_code_is_wellformed() -> None:
    with refused_by_database("rule_reason_wellformed"):
        make_rule(reason_code="No Spaces")
    with refused_by_database("rule_key_wellformed"):
        make_rule("No Spaces")


def test_a_key_is_there_once() -> None:
    make_rule()
    with refused_by_database("rule_key_once"):
        make_rule()


def test_a_version_begins_as_a_draft() -> None:
    rule = make_rule()
    with refused_by_database("rule_version_starts_as_draft"):
        RuleVersion.objects.create(**told(rule), state=VersionState.ACTIVE, active_since=NOW)


def test_a_number_is_given_once() -> None:
    version = make_version(state=VersionState.ACTIVE)
    with refused_by_database("rule_version_number_once"):
        make_version(version.rule, number=1)


@pytest.mark.parametrize("state", [VersionState.DRAFT, VersionState.SHADOW, VersionState.ACTIVE])
def test_there_is_one_in_each_state(state: VersionState) -> None:
    first = make_version(state=state)
    with refused_by_database(f"rule_one_{state.lower()}"):
        make_version(first.rule, state)


def test_what_is_retired_stays_so() -> None:
    make_version(state=VersionState.RETIRED)
    with refused_by_database("rule_version_forward"):
        execute(VERSION + "state = 'ACTIVE', active_since = now(), retired_at = NULL")
    with refused_by_database("rule_version_forward"):
        execute(VERSION + "note = 'Something else'")


@pytest.mark.parametrize(
    ("words", "length", "reason"),
    [
        ("snooze_has_length", "interval '0'", "'Buys a flat'"),
        ("snooze_ninety_days", "interval '91 days'", "'Buys a flat'"),
        ("snooze_has_reason", "interval '9 days'", "''"),
    ],
)
def test_of_a_snooze(words: str, length: str, reason: str) -> None:
    make_rule()
    make_customer()
    with refused_by_database(words):
        execute(SNOOZE.format(length=length, reason=reason))


@pytest.mark.parametrize(
    ("words", "statement"),
    [
        ("snooze_fixed", "UPDATE risk_rulesnooze SET until = until + interval '1 day'"),
        ("snooze_fixed", "UPDATE risk_rulesnooze SET ended_at = now(), ended_by_name = 'Ren', reason = 'Another'"),
        ("snooze_end_is_somebodys", "UPDATE risk_rulesnooze SET ended_at = now()"),
        ("append_only", "DELETE FROM risk_rulesnooze"),
        ("append_only", "TRUNCATE risk_rulesnooze"),
    ],
)
def test_of_a_snooze_that_runs(words: str, statement: str) -> None:
    make_rule()
    make_customer()
    execute(SNOOZE.format(length="interval '9 days'", reason="'Buys a flat'"))
    check_deferred()
    with refused_by_database(words):
        execute(statement)


@pytest.mark.parametrize(
    ("words", "how"),
    [
        ("backtest_has_length", {"length": "interval '0'", "state": "'RUNNING'", "ended": "NULL"}),
        ("backtest_state_dated", {"length": "interval '1 day'", "state": "'DONE'", "ended": "NULL"}),
        ("backtest_state_dated", {"length": "interval '1 day'", "state": "'RUNNING'", "ended": "now()"}),
    ],
)
def test_of_a_backtest(words: str, how: dict[str, str]) -> None:
    make_version()
    with refused_by_database(words):
        execute(BACKTEST.format(**how))


def test_a_version_is_tried_once_at_a_time() -> None:
    make_version()
    running = BACKTEST.format(length="interval '1 day'", state="'RUNNING'", ended="NULL")
    execute(running)
    with refused_by_database("backtest_one_at_a_time"):
        execute(running)


@pytest.mark.parametrize(
    ("words", "statement"),
    [
        ("backtest_fixed", "UPDATE risk_rulebacktest SET result = '{\"hits\": 0}'"),
        ("append_only", "DELETE FROM risk_rulebacktest"),
        ("append_only", "TRUNCATE risk_rulebacktest"),
    ],
)
def test_of_a_backtest_that_has_ended(words: str, statement: str) -> None:
    make_version()
    execute(BACKTEST.format(length="interval '1 day'", state="'DONE'", ended="now()"))
    check_deferred()
    with refused_by_database(words):
        execute(statement)


def test_what_is_sound_is_taken() -> None:
    version = make_version(state=VersionState.SHADOW)
    make_customer()
    execute(SNOOZE.format(length="interval '90 days'", reason="'Buys a flat'"))
    execute("UPDATE risk_rulesnooze SET ended_at = now(), ended_by_name = 'Ren'")
    execute(RULE + "owner = 'Wu Jing'")
    move(move(version, VersionState.ACTIVE), VersionState.RETIRED)
