"""Raising alerts: one about one thing, however often it is raised."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from bankops.core.actor import Actor
from bankops.core.models import AuditEvent
from bankops.core.money import Money
from risk import errors
from risk.bands import Band, band_of
from risk.models import Alert, AlertConflict, AlertKind, AlertOutcome, AlertState, ConflictCause, VersionState
from risk.selectors.alert_words import with_words, words_of
from risk.services import Reason, raise_alert, settle_alert
from staff.models import User
from tests.accounts.factories import NOW, make_account, make_branch, make_customer
from tests.risk.alerts.factories import LARGE, NIGHT, about, make_alert
from tests.risk.rules.made import make_rule, make_version
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db


def test_an_alert_says_why_and_whom_it_is_about() -> None:
    customer = make_customer()
    account = make_account(customer=customer)

    alert = make_alert(
        650,
        reasons=[LARGE, NIGHT],
        customers=(customer.public_id,),
        accounts=(account.public_id,),
        movement_id="tr_1",
        movement_reference="TR-2026-000001",
        amount=Money.parse("60000.00", "CNY"),
        stopped=True,
    )

    assert (alert.state, alert.priority, alert.raised_count) == (AlertState.NEW, Band.MEDIUM, 1)
    assert alert.reference.startswith("AL-2026-")
    assert alert.money == Money.parse("60000.00", "CNY")
    assert alert.branch_id == customer.branch_id
    assert [(one.code, one.weight) for one in alert.reasons.order_by("code")] == [
        ("large_cash", 400),
        ("night_new_payee", 250),
    ]
    assert [one.customer_id for one in alert.about_customers.all()] == [customer.pk]
    assert [one.account_id for one in alert.about_accounts.all()] == [account.pk]
    told = AuditEvent.objects.get(event_type="risk.alert.raised")
    assert (told.subject_id, told.subject_label) == (alert.public_id, alert.reference)


def test_while_it_is_open_the_same_thing_is_the_same_alert() -> None:
    first, second = make_customer(), make_customer("Wang Wei")
    alert = make_alert(400, dedupe_key="fan-in 7", customers=(first.public_id,))
    before = (alert.due_at, alert.urgent_since)

    again = make_alert(
        900, dedupe_key="fan-in 7", reasons=[NIGHT, LARGE], customers=(second.public_id,), now=NOW + timedelta(hours=1)
    )

    assert again.pk == alert.pk
    assert (again.raised_count, again.score, again.priority) == (2, 900, Band.HIGH)
    assert again.due_at < before[0]
    assert again.urgent_since < before[1]
    assert again.last_raised_at == NOW + timedelta(hours=1)
    assert again.raised_at == NOW
    assert again.reasons.count() == 2
    assert {one.customer_id for one in again.about_customers.all()} == {first.pk, second.pk}
    assert AuditEvent.objects.filter(event_type="risk.alert.raised_again").count() == 1


def test_a_lower_score_changes_nothing_but_the_count() -> None:
    alert = make_alert(900, dedupe_key="k")
    again = make_alert(100, dedupe_key="k", now=NOW + timedelta(days=3))
    assert (again.score, again.priority, again.due_at, again.urgent_since) == (
        900,
        Band.HIGH,
        alert.due_at,
        alert.urgent_since,
    )
    assert again.raised_count == 2


def test_once_it_is_decided_the_same_thing_is_another_alert() -> None:
    alert = make_alert(dedupe_key="hit 9")
    settled = settle_alert(
        dedupe_key="hit 9",
        outcome=AlertOutcome.FALSE_POSITIVE,
        reason="another birth date",
        actor=Actor.system("screening"),
        now=NOW,
    )
    assert settled
    assert (settled.pk, settled.state, settled.outcome) == (alert.pk, AlertState.CLOSED, AlertOutcome.FALSE_POSITIVE)
    assert make_alert(dedupe_key="hit 9").pk != alert.pk


def test_settling_what_nobody_raised_does_nothing() -> None:
    with nothing_changes():
        settled = settle_alert(
            dedupe_key="none", outcome=AlertOutcome.CONFIRMED, reason="why", actor=Actor.system("screening"), now=NOW
        )
    assert settled is None


@pytest.mark.parametrize(
    ("score", "due"),
    [
        (0, datetime(2026, 3, 9, 16, tzinfo=UTC)),  # Monday + 5 business days: until the end of Monday, Shanghai
        (299, datetime(2026, 3, 9, 16, tzinfo=UTC)),
        (300, datetime(2026, 3, 5, 16, tzinfo=UTC)),
        (699, datetime(2026, 3, 5, 16, tzinfo=UTC)),
        (700, datetime(2026, 3, 3, 16, tzinfo=UTC)),
        (1000, datetime(2026, 3, 3, 16, tzinfo=UTC)),
    ],
)
def test_the_riskier_the_sooner_it_is_due(score: int, due: datetime) -> None:
    assert make_alert(score).due_at == due


def test_days_are_counted_by_the_banks_calendar() -> None:
    """1 October 2026 begins a week of holidays in China; Saturday the 10th is worked."""
    on_the_eve = datetime(2026, 9, 30, 2, tzinfo=UTC)
    assert make_alert(1000, now=on_the_eve).due_at == datetime(2026, 10, 8, 16, tzinfo=UTC)
    assert make_alert(400, now=on_the_eve).due_at == datetime(2026, 10, 10, 16, tzinfo=UTC)


def test_each_point_counts_as_five_minutes_of_waiting() -> None:
    assert make_alert(800).urgent_since == NOW - timedelta(minutes=4000)


def test_bands_begin_at_their_thresholds() -> None:
    assert [band_of(score) for score in (0, 299, 300, 699, 700, 1000)] == [
        Band.LOW,
        Band.LOW,
        Band.MEDIUM,
        Band.MEDIUM,
        Band.HIGH,
        Band.HIGH,
    ]


@pytest.mark.parametrize("score", [-1, 1001])
def test_a_score_goes_from_0_to_1000(score: int) -> None:
    with nothing_changes(), pytest.raises(errors.ScoreOutOfRange):
        make_alert(score)


def test_an_alert_without_a_reason_is_refused() -> None:
    with nothing_changes(), pytest.raises(errors.AlertWithoutReason):
        make_alert(reasons=())


def test_customers_that_do_not_exist_are_left_out() -> None:
    alert = make_alert(customers=("cus_00000000000000000000000000", "nobody"), accounts=("acc_zz",))
    assert not alert.about_customers.exists()
    assert not alert.about_accounts.exists()


def test_who_made_it_or_is_meant_cannot_work_it(teller: User, risk_analyst: User) -> None:
    alert = make_alert(made_by=(teller.public_id, "crd_partner"), staff=(risk_analyst.public_id,))
    noted = {one.user_id: one.cause for one in AlertConflict.objects.filter(alert=alert)}
    assert noted == {teller.pk: ConflictCause.MADE_IT, risk_analyst.pk: ConflictCause.ABOUT_THEM}


def test_the_branch_is_whose_business_it_is() -> None:
    bund = make_branch()
    raised = raise_alert(kind=AlertKind.MONITORING, score=1, about=about(), reasons=[NIGHT], now=NOW, branch=bund)
    assert raised.branch == bund


def test_else_it_is_that_of_the_customer_who_is_named_first() -> None:
    one, other = make_customer(branch=make_branch()), make_customer("Wang Wei", branch=make_branch())
    for first, second in ((one, other), (other, one)):
        assert make_alert(customers=(first.public_id, second.public_id)).branch == first.branch


def test_the_money_at_stake_rises_in_its_currency() -> None:
    make_alert(dedupe_key="k", amount=Money.parse("100", "CNY"))
    for amount, expected in (("90", "100"), ("250", "250")):
        assert make_alert(dedupe_key="k", amount=Money.parse(amount, "CNY")).money == Money.parse(expected, "CNY")
    assert make_alert(dedupe_key="k", amount=Money.parse("900", "USD")).money == Money.parse("250", "CNY")
    assert make_alert(dedupe_key="k").money == Money.parse("250", "CNY")
    for change in ("amount = amount - 1", "currency = 'USD'", "amount = NULL, currency = ''"):
        with pytest.raises(DatabaseError, match="alert_fixed"):
            sql(f"UPDATE risk_alert SET {change}")


def test_raising_costs_the_path_of_money_few_queries(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    customer = make_customer()
    account = make_account(customer=customer)
    with django_assert_max_num_queries(12):
        make_alert(customers=(customer.public_id,), accounts=(account.public_id,))


def sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("kind = 'RUMOUR'", "alert_fixed"),
        ("dedupe_key = 'other'", "alert_fixed"),
        ("score = 1", "alert_fixed"),
        ("raised_count = 0", "alert_fixed"),
        ("due_at = due_at + interval '1 day'", "alert_fixed"),
        ("amount = 5", "alert_fixed"),
        ("state = 'PARKED'", "alert_moves"),
        ("state = 'ASSIGNED'", "alert_assigned_to_somebody"),
        ("state = 'CLOSED'", "alert_closed_with_outcome"),
        ("outcome = 'CONFIRMED'", "alert_closed_with_outcome"),
        ("priority = 'none'", "alert_priority_known"),
        ("score = 1001", "alert_score_within"),
    ],
)
def test_the_database_refuses_what_no_service_would_write(change: str, constraint: str) -> None:
    make_alert(400)
    with pytest.raises(DatabaseError, match=constraint):
        sql(f"UPDATE risk_alert SET {change}")


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("kind", "'RUMOUR'", "alert_kind_known"),
        ("state", "'CLOSED'", "alert_begins_waiting"),
        ("dedupe_key", "''", "alert_is_about_something"),
        ("amount", "5", "alert_amount_has_currency"),
        ("reference", "reference", "alert_reference_once"),
        ("dedupe_key", "dedupe_key", "alert_open_once"),
    ],
)
def test_the_database_refuses_rows_that_make_no_sense(column: str, value: str, constraint: str) -> None:
    make_alert()
    row = "to_jsonb(a) || jsonb_build_object('id', gen_random_uuid(), 'reference', 'AL-x', 'dedupe_key', 'y')"
    told = {"reference": "a.reference", "dedupe_key": "a.dedupe_key"}.get(value, value)
    with pytest.raises(DatabaseError, match=constraint):
        sql(
            "INSERT INTO risk_alert SELECT (jsonb_populate_record(a,"
            f" {row} || jsonb_build_object('{column}', {told}))).* FROM risk_alert a"
        )


def test_one_open_alert_about_one_thing_but_any_number_of_decided_ones() -> None:
    for _once in range(2):
        make_alert(dedupe_key="k")
        settle_alert(
            dedupe_key="k", outcome=AlertOutcome.CONFIRMED, reason="so", actor=Actor.system("screening"), now=NOW
        )
    assert Alert.objects.filter(dedupe_key="k", state=AlertState.CLOSED).count() == 2


@pytest.mark.parametrize("table", ["alert", "alertreason", "alertcustomer", "alertaccount", "alertconflict"])
@pytest.mark.parametrize("statement", ["DELETE FROM risk_{}", "TRUNCATE risk_{} CASCADE"])
def test_nothing_of_an_alert_is_removed(table: str, statement: str, teller: User) -> None:
    account = make_account()
    make_alert(
        customers=(account.customer.public_id,),  # type: ignore[union-attr]
        accounts=(account.public_id,),
        made_by=(teller.public_id,),
    )
    with pytest.raises(DatabaseError, match="append_only"):
        sql(f"SET CONSTRAINTS ALL IMMEDIATE; {statement.format(table)}")


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("alertreason", "text = 'other'"),
        ("alertcustomer", "customer_id = customer_id"),
        ("alertaccount", "account_id = account_id"),
        ("alertconflict", "cause = 'DECLARED'"),
    ],
)
def test_nothing_about_an_alert_is_rewritten(table: str, change: str, teller: User) -> None:
    account = make_account()
    make_alert(
        customers=(account.customer.public_id,),  # type: ignore[union-attr]
        accounts=(account.public_id,),
        made_by=(teller.public_id,),
    )
    with pytest.raises(DatabaseError, match="append_only"):
        sql(f"UPDATE risk_{table} SET {change}")


def test_a_decided_alert_stays_as_it_was_decided() -> None:
    make_alert(dedupe_key="k")
    settle_alert(dedupe_key="k", outcome=AlertOutcome.CONFIRMED, reason="so", actor=Actor.system("screening"), now=NOW)
    with pytest.raises(DatabaseError, match="alert_fixed"):
        sql("UPDATE risk_alert SET outcome = 'FALSE_POSITIVE'")


@pytest.mark.parametrize(
    ("table", "columns", "constraint"),
    [
        ("alertreason", "alert_id, code, text, values, weight, added_at", "alert_reason_once"),
        ("alertcustomer", "alert_id, customer_id", "alert_customer_once"),
        ("alertaccount", "alert_id, account_id", "alert_account_once"),
        ("alertconflict", "alert_id, user_id, cause, noted_at", "alert_conflict_once"),
    ],
)
def test_what_an_alert_is_about_is_told_once(table: str, columns: str, constraint: str, teller: User) -> None:
    account = make_account()
    make_alert(
        customers=(account.customer.public_id,),  # type: ignore[union-attr]
        accounts=(account.public_id,),
        made_by=(teller.public_id,),
    )
    with pytest.raises(IntegrityError, match=constraint):
        sql(
            f"INSERT INTO risk_{table} ({columns.replace('values', chr(34) + 'values' + chr(34))})"
            f" SELECT {columns.replace('values', chr(34) + 'values' + chr(34))} FROM risk_{table}"
        )


def test_a_conflict_has_a_known_cause(teller: User) -> None:
    alert = make_alert()
    with pytest.raises(IntegrityError, match="alert_conflict_known"), transaction.atomic():
        AlertConflict.objects.create(alert=alert, user=teller, cause="FRIEND", noted_at=NOW)


def test_a_state_that_is_none_is_refused_even_where_triggers_sleep() -> None:
    make_alert()
    with pytest.raises(IntegrityError, match=r"alert_state_known|alert_assigned_to_somebody"):
        sql("SET LOCAL session_replication_role = replica; UPDATE risk_alert SET state = 'PARKED'")


def test_a_rules_reason_says_what_the_rule_tells() -> None:
    version = make_version(
        make_rule("structuring", reason_code="structuring"), VersionState.ACTIVE, explains="In parts."
    )
    told = Reason("structuring", "structuring", 100, {"rule": version.rule.key, "about": ""})
    alert = make_alert(reasons=[told, NIGHT])
    said = {one.code: words_of(one) for one in with_words(alert.reasons.all())}
    assert said == {"structuring": "In parts.", "night_new_payee": "Paid at night to somebody new."}
    assert words_of(alert.reasons.get(code="structuring")) == "structuring"
