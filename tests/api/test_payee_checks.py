"""Payee checks: whether a name fits, and nothing else."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse

from accounts.models import Account, AccountParty
from accounts.payees import Match, canonical, match
from accounts.services import payee_checks
from bankops.core import clock
from bankops.core.models import AuditEvent, IdempotencyRecord
from tests.accounts.factories import make_account, make_customer
from tests.api.callers import System, code_of, said
from tests.api.conftest import Desk
from tests.consent import as_if_consented
from tests.partners.factories import guards_asleep
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db


def ask(system: System, number: str, name: str, **more: Any) -> HttpResponse:
    return system.post("payee-checks", {"account_number": number, "name": name, **more}, key="")


def result(system: System, number: str, name: str) -> str:
    told = said(ask(system, number, name))
    assert set(told) == {"object", "result"}
    return str(told["result"])


def name_of(account: Account) -> str:
    assert account.customer
    return account.customer.name


def test_a_name_fits_nearly_fits_or_does_not(desk: Desk) -> None:
    number, name = desk.strange.number, name_of(desk.strange)
    spaced = f"{number[:4]} {number[4:8]} {number[8:]}"
    assert result(desk.system, spaced, f"  {name.upper()} ") == "match"
    assert result(desk.system, number, "Somebody Else Entirely") == "no_match"


@pytest.mark.parametrize(
    ("asked", "known", "expected"),
    [
        ("Harbour Trading Ltd.", "HARBOUR TRADING LIMITED", Match.MATCH),
        ("Wei, Zhang", "Zhang Wei", Match.MATCH),
        ("ＺＨＡＮＧ Wei", "Zhang Wei", Match.MATCH),
        ("深圳海港贸易", "深圳海港贸易有限公司", Match.MATCH),
        ("Harbor Trading", "Harbour Trading Ltd", Match.CLOSE),
        ("Zhang Wie", "Zhang Wei", Match.CLOSE),
        ("Li Na", "Zhang Wei", Match.NONE),
        ("Ltd", "Zhang Wei", Match.NONE),
        ("...", "Zhang Wei", Match.NONE),
    ],
)
def test_names_are_compared_as_people_mean_them(asked: str, known: str, expected: Match) -> None:
    with as_if_consented():
        account = make_account(customer=make_customer(known))
    assert match(number=account.number, name=asked) == expected


def test_a_legal_form_alone_is_no_name() -> None:
    assert canonical("Co. Ltd") == ""


def test_a_joint_owner_fits_until_they_leave() -> None:
    with as_if_consented():
        account = make_account()
    joint = make_customer(name="Ouyang Joint")
    party = AccountParty.objects.create(account=account, customer=joint, role="JOINT", rights="FULL")
    assert match(number=account.number, name="Ouyang Joint") == Match.MATCH
    AccountParty.objects.filter(pk=party.pk).update(valid_until="2026-01-01")
    assert match(number=account.number, name="Ouyang Joint") == Match.NONE


@pytest.mark.parametrize(
    "state",
    [
        {"status": "CLOSED", "closed_date": "2026-01-01"},
        {"status": "PENDING"},
        {"is_confidential": True},
    ],
)
def test_what_is_not_spoken_of_answers_as_what_is_not_there(desk: Desk, state: dict[str, Any]) -> None:
    name = name_of(desk.strange)
    assert result(desk.system, desk.strange.number, name) == "match"
    with guards_asleep():
        Account.objects.filter(pk=desk.strange.pk).update(**state)
    hidden = ask(desk.system, desk.strange.number, name)
    missing = ask(desk.system, "999999999999", name)
    assert hidden.content == missing.content == b'{"object":"payee_check","result":"no_match"}'


def test_the_same_work_is_done_for_an_account_that_is_not_there(desk: Desk, django_assert_num_queries: Any) -> None:
    for number in (desk.strange.number, "999999999999"):
        with django_assert_num_queries(1):
            match(number=number, name="Zhang Wei")


def test_each_is_on_record_without_name_and_number(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    ask(desk.system, desk.strange.number, "Somebody Secret")
    event = AuditEvent.objects.filter(event_type="accounts.payee.checked").get()
    assert event.actor_id == desk.system.credential.public_id
    assert event.detail["result"] == "no_match"
    kept = json.dumps([event.detail, event.subject_id, event.subject_label, caplog.text])
    assert desk.strange.number not in kept
    assert "Secret" not in kept


def test_so_many_wrong_guesses_an_hour(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payee_checks, "MISSES_MAX", 3)
    name = name_of(desk.strange)
    for number in range(3):
        assert result(desk.system, desk.strange.number, name) == "match"
        assert result(desk.system, f"90000000000{number}", "Zhang Wei") == "no_match"
    with nothing_changes():
        refused = ask(desk.system, desk.strange.number, name)
    assert (refused.status_code, code_of(refused)) == (429, "payee_check_exhausted")
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert result(System(desk.system.partner), desk.strange.number, name) == "match"
    with guards_asleep():
        AuditEvent.objects.filter(subject_type="payee_miss").update(occurred_at=clock.now() - timedelta(minutes=61))
    assert result(desk.system, desk.strange.number, name) == "match"


def test_fifty_are_enough() -> None:
    assert payee_checks.MISSES_MAX == 50
    assert timedelta(hours=1) == payee_checks.WINDOW


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"account_number": "1"}, 422, "field_required"),
        ({"account_number": 1, "name": "x"}, 422, "field_invalid"),
        ({"account_number": "1" * 41, "name": "x"}, 422, "text_too_long"),
        ({"account_number": "1", "name": "x" * 141}, 422, "text_too_long"),
        ({"account_number": "1", "name": "a\x00b"}, 422, "unstorable_text"),
        ({"account_number": "1", "name": "x", "customer": "y"}, 422, "unknown_field"),
        ([], 400, "not_an_object"),
    ],
)
def test_what_is_refused(desk: Desk, body: Any, status: int, code: str) -> None:
    with nothing_changes():
        answer = desk.system.post("payee-checks", body)
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_a_key_makes_no_difference(desk: Desk) -> None:
    body = {"account_number": "1", "name": "x"}
    assert said(desk.system.post("payee-checks", body, key="k-1")) == said(
        desk.system.post("payee-checks", body, key="k-1")
    )
    assert not IdempotencyRecord.objects.exists()
