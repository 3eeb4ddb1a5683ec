"""Rights on somebody else's account are given and ended with the consent of others, and stay on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import (
    Account,
    AccountParty,
    AccountStatus,
    Customer,
    CustomerState,
    PartyRights,
    PartyRole,
    Signature,
)
from accounts.services import Rights, add_party, remove_party
from approvals.models import State
from bankops.core import clock, operations
from bankops.core.models import AuditEvent, OutboxMessage
from staff.models import User
from tests.accounts.factories import NOW, TANG_LING, TODAY, cny, make_account, make_customer, own_account
from tests.consent import OpenGate
from tests.staff.test_through_the_gate import approve
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

ORDER = operations.Order(actor=TANG_LING, now=NOW, reason="The owner asked, in person")


def rights(account: Account, customer: Customer, **changed: str) -> dict[str, str]:
    terms = {"role": "DISPONENT", "rights": "DEBIT", "signature": "SINGLE", "debit_limit": "500.00"}
    return {"account": account.public_id, "customer": customer.public_id, **terms, **changed}


def give(account: Account, customer: Customer, **changed: str) -> operations.Outcome:
    return operations.submit("accounts.add_party", rights(account, customer, **changed), ORDER)


def end(account: Account, customer: Customer) -> operations.Outcome:
    payload = {"account": account.public_id, "customer": customer.public_id}
    return operations.submit("accounts.remove_party", payload, ORDER)


def test_a_disponent_may_debit_up_to_a_limit(open_gate: OpenGate) -> None:
    account, wang = make_account("100.00"), make_customer("Wang Fang")
    give(account, wang)
    party = AccountParty.objects.select_related("account").get()
    assert (party.role, party.rights, party.signature) == (PartyRole.DISPONENT, PartyRights.DEBIT, Signature.SINGLE)
    assert (party.limit_money, party.valid_from, party.valid_until) == (cny("500.00"), TODAY, None)
    event = AuditEvent.objects.get(event_type="accounts.party.added")
    assert (event.subject_id, event.reason, event.detail["debit_limit"]) == (account.public_id, ORDER.reason, "500.00")
    assert OutboxMessage.objects.get(topic="accounts.party.added").payload["customer"] == wang.public_id


def test_rights_end_and_can_be_given_again(open_gate: OpenGate) -> None:
    account, wang = make_account(), make_customer("Wang Fang")
    give(account, wang)
    end(account, wang)
    give(account, wang, rights="VIEW", debit_limit="", role="JOINT", signature="JOINT")
    before, now = AccountParty.objects.order_by("pk")
    assert (before.valid_until, before.rights) == (TODAY, "DEBIT")
    assert (now.valid_until, now.rights, now.role, now.signature) == (None, "VIEW", "JOINT", "JOINT")
    assert AuditEvent.objects.filter(event_type="accounts.party.removed").count() == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"role": "FRIEND"}, "unknown_choice"),
        ({"rights": "ALL"}, "unknown_choice"),
        ({"signature": ""}, "unknown_choice"),
        ({"debit_limit": "much"}, "invalid_amount"),
        ({"debit_limit": "0.001"}, "amount_too_precise"),
        ({"debit_limit": "0"}, "debit_limit_not_positive"),
        ({"debit_limit": "-1"}, "debit_limit_not_positive"),
        ({"rights": "FULL"}, "debit_limit_not_needed"),
        ({"account": "acc_00000000000000000000000000"}, "account_not_found"),
        ({"customer": "cus_00000000000000000000000000"}, "unknown_customer"),
        ({"customer": "somebody"}, "invalid_id"),
    ],
)
def test_rights_that_cannot_be_are_refused(open_gate: OpenGate, changed: dict[str, str], code: str) -> None:
    account, wang = make_account(), make_customer("Wang Fang")
    with refused(code):
        operations.submit("accounts.add_party", {**rights(account, wang), **changed}, ORDER)


def test_the_owner_needs_no_rights_and_nobody_gets_them_twice(open_gate: OpenGate) -> None:
    account, wang = make_account(), make_customer("Wang Fang")
    assert account.customer is not None
    with refused("party_is_owner"):
        give(account, account.customer)
    with refused("party_not_found"):
        end(account, wang)
    give(account, wang)
    with refused("party_there"):
        give(account, wang)


def test_closed_and_own_accounts_have_no_parties(open_gate: OpenGate) -> None:
    closed, own, wang = make_account(status=AccountStatus.CLOSED), own_account(), make_customer("Wang Fang")
    with refused("account_not_open"):
        give(closed, wang)
    with refused("own_account_protected"):
        give(own, wang)


def test_services_ask_for_a_reason_and_stand_behind_the_gate(request: pytest.FixtureRequest) -> None:
    account, wang = make_account(), make_customer("Wang Fang")
    terms: dict[str, Any] = {
        "account_id": account.pk,
        "customer_id": wang.pk,
        "actor": TANG_LING,
        "now": NOW,
        "business_date": TODAY,
    }
    view = Rights(PartyRole.JOINT, PartyRights.VIEW)
    with refused("consent_required"):
        add_party(**terms, rights=view, reason="as agreed")
    with refused("consent_required"):
        remove_party(**terms, reason="as agreed")
    request.getfixturevalue("consented")
    with refused("reason_required"):
        add_party(**terms, rights=view, reason=" ")
    with refused("mixed_currencies"):
        euro = Rights(PartyRole.DISPONENT, PartyRights.DEBIT, debit_limit=make_money_of_another_currency())
        add_party(**terms, rights=euro, reason="as agreed")


def make_money_of_another_currency() -> Any:
    return type(cny("1.00")).parse("1.00", "EUR")


def test_two_reviewers_agree_before_rights_are_given(teller: User, first_reviewer: User, final_reviewer: User) -> None:
    account, wang = make_account(), make_customer("Wang Fang")
    order = operations.Order(actor=teller.as_actor(), now=clock.now(), reason="As agreed")
    outcome = operations.submit("accounts.add_party", rights(account, wang), order)
    assert not outcome.done
    (changes,) = outcome.request.versions.get().description["changes"]
    assert changes == ["Rights", "", "Disponent; view and debit; signs alone; at most CNY 500.00 a debit"]
    approve(outcome.request, first_reviewer, order.now)
    assert not AccountParty.objects.exists()
    done = approve(outcome.request, final_reviewer, order.now + timedelta(seconds=30))
    assert done.state == State.EXECUTED
    assert AccountParty.objects.get().customer == wang


def test_rights_given_meanwhile_make_it_stale(
    teller: User, first_reviewer: User, final_reviewer: User, request: pytest.FixtureRequest
) -> None:
    account, wang = make_account(), make_customer("Wang Fang")
    order = operations.Order(actor=teller.as_actor(), now=clock.now(), reason="As agreed")
    parked = operations.submit("accounts.add_party", rights(account, wang), order).request
    approve(parked, first_reviewer, order.now)
    with operations.carrying_out("accounts.add_party"):
        add_party(
            account_id=account.pk,
            customer_id=wang.pk,
            rights=Rights(PartyRole.JOINT, PartyRights.VIEW),
            actor=TANG_LING,
            reason="elsewhere",
            now=NOW,
            business_date=TODAY,
        )
    assert approve(parked, final_reviewer, order.now + timedelta(seconds=30)).state == State.STALE
    assert AccountParty.objects.get().rights == PartyRights.VIEW


@pytest.mark.parametrize("state", [CustomerState.PROSPECT, CustomerState.REJECTED, CustomerState.PSEUDONYMISED])
def test_only_approved_customers_are_given_rights(state: CustomerState, open_gate: OpenGate) -> None:
    account, wang = make_account(), make_customer("Wang Fang")
    seen = operations.get("accounts.add_party").preconditions(rights(account, wang))
    Customer.objects.filter(pk=wang.pk).update(state=state)
    with refused("customer_not_approved"):
        give(account, wang)
    assert operations.get("accounts.add_party").preconditions(rights(account, wang)) != seen


def test_a_confidential_account_is_not_said_whose_it_is(open_gate: OpenGate) -> None:
    account, wang = make_account(customer=make_customer("Secret Owner")), make_customer("Wang Fang")
    Account.objects.filter(pk=account.pk).update(is_confidential=True)
    add = operations.get("accounts.add_party")
    summary = add.describe(add.clean(rights(account, wang))).summary
    assert "(confidential)" in summary
    assert "Secret Owner" not in summary
