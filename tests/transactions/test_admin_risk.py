"""The page of a payment that risk has stopped: why, and what lets it pass, to who may know; to others that it waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, LimitPeriod
from approvals.selectors import open_as_shown_to
from bankops.core import clock, operations
from bankops.core.actor import Actor
from risk.models import VersionState
from risk.outcomes import Outcome
from staff.models import Branch, User
from staff.roles import Role
from tests.accounts.factories import make_account, make_customer
from tests.approvals.factories import approve_all
from tests.desk import address, key_of, words
from tests.personas import SignIn, hire
from tests.risk.assessment.movements import ALWAYS, active
from tests.risk.rules.made import make_rule, make_version
from tests.transactions.risk_cases import (
    SUSPICIOUS,
    alert_of,
    analyst,
    ask_release,
    decline,
    known_later,
    pays_somebody,
    stopping,
)
from tests.transactions.shipped import Shipped, order_transfer, parked_in
from tests.transactions.test_duplicate_operations import held_by, released, system
from tests.transactions.test_limits import limit
from transactions import services as transaction_services
from transactions.models import State, Transaction
from transactions.services.held import expire_held

pytestmark = pytest.mark.django_db

SECRETS = ("400", "beast", "Large amount at night", "AL-", "tried_out")


@pytest.fixture(autouse=True)
def consent() -> None:
    """Without: here the gate itself lets services run."""


@pytest.fixture
def bank(shipped_bank: Shipped) -> Shipped:
    return shipped_bank


@pytest.fixture
def rao(bank: Shipped, branch: Branch) -> User:
    return analyst(branch)


@pytest.fixture
def stopped(bank: Shipped) -> Transaction:
    payer, payee = (
        make_account("200000.00", customer=make_customer("Li Hua")),
        make_account(customer=make_customer("Wang")),
    )
    stopping()
    active("tried_out", SUSPICIOUS, state=VersionState.SHADOW, weight=77)
    row = order_transfer(bank.maker, payer, payee, "666.00").result
    assert isinstance(row, Transaction)
    return row


def test_risk_reads_every_reason_with_what_it_looked_at(
    rao: User, stopped: Transaction, signed_in_client: SignIn
) -> None:
    page = words(signed_in_client(rao).get(address(stopped)))
    for told in (
        "400 · medium",
        "Hold back until somebody has looked",
        "Large amount at night",
        "number_of_the_beast",
        "+400 to the score",
        "amount CNY 666.00 is at least CNY 666.00: yes",
        "Beside the live rules, without effect",
        "tried_out",
        "a risk analyst asks for its release, and two other people agree",
        "Alert AL-",
    ):
        assert told in page, told


def test_two_rules_with_one_reason_code_both_say_why_on_the_alert(
    bank: Shipped, rao: User, signed_in_client: SignIn
) -> None:
    li, wang = make_account("200000.00", customer=make_customer("Li Hua")), make_account(customer=make_customer("Wang"))
    for key, says, weight in (("a_light", "It is light.", 300), ("b_heavy", "It is heavy.", 400)):
        rule = make_rule(key, reason_code="twice")
        make_version(rule, VersionState.ACTIVE, condition=ALWAYS, outcome=Outcome.REVIEW, explains=says, weight=weight)
    row = order_transfer(bank.maker, li, wang, "666.00").result
    assert isinstance(row, Transaction)
    (reason,) = alert_of(row).reasons.all()
    assert (reason.code, reason.weight, reason.values["rules"]) == ("twice", 700, ["b_heavy", "a_light"])
    client = signed_in_client(rao)
    for shown in (address(alert_of(row)), reverse("admin:risk_alert_changelist")):
        assert "It is light. It is heavy." in words(client.get(shown))


@pytest.mark.parametrize("role", [Role.TELLER, Role.OPERATOR, Role.CUSTOMER_SERVICE])
def test_whoever_talks_to_customers_reads_that_it_waits_and_nothing_more(
    role: Role, stopped: Transaction, branch: Branch, signed_in_client: SignIn
) -> None:
    page = words(signed_in_client(hire("T5", "Tao Ran", role, branch)).get(address(stopped)))
    assert "It waits for the bank's own review. Nothing has moved" in page
    assert "Say to the customer that the bank looks at the payment, and nothing more." in page
    for secret in SECRETS:
        assert secret not in page, secret


@pytest.fixture
def counter(branch: Branch, signed_in_client: SignIn) -> Client:
    """A teller at the counter."""
    return signed_in_client(hire("T5", "Tao Ran", Role.TELLER, branch))


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        ("declined", "Declined after the bank's own review."),
        ("released", "Released after the bank's own review."),
        ("cancelled", "cancelled before anybody had decided"),
        ("expired", "its time ended before anybody had decided"),
    ],
)
def test_nor_what_was_found_out_when_it_has_ended(
    ending: str, told: str, rao: User, stopped: Transaction, counter: Client
) -> None:
    if ending == "declined":
        decline(stopped, rao)
    elif ending == "released":
        assert approve_all(ask_release(stopped, rao).request).state == "EXECUTED"
    elif ending == "cancelled":
        by = {"actor": Actor("staff", "usr_tan", "Tan Yu"), "now": clock.now()}
        transaction_services.cancel_held(transaction_id=stopped.pk, reason="unwanted", **by)  # type: ignore[arg-type]
    else:
        expire_held(now=clock.now() + timedelta(days=30), actor=Actor.system("expiry"))
    page = words(counter.get(address(stopped)))
    assert told in page
    assert "Why is known to risk and to reviewers only." in page
    for secret in (*SECRETS, "Say to the customer", "a mule", "talked to them", "would be declined again"):
        assert secret not in page, secret


def test_a_teller_reads_of_one_that_was_declined_at_once_that_it_was(
    bank: Shipped, branch: Branch, rao: User, signed_in_client: SignIn
) -> None:
    stopping(Outcome.DECLINE)
    payer, payee = (
        make_account("900.00", customer=make_customer("Li Hua")),
        make_account(customer=make_customer("Wang")),
    )
    row = order_transfer(bank.maker, payer, payee, "666.00").result
    page = words(signed_in_client(bank.maker).get(address(row)))
    assert "The bank has declined it. Nothing has moved." in page
    assert "What lets the same payment pass" not in page
    assert "What lets the same payment pass" in words(signed_in_client(rao).get(address(row)))


def test_an_approved_one_tells_risk_that_nothing_spoke_against_it(
    bank: Shipped, rao: User, signed_in_client: SignIn
) -> None:
    payer, payee = (
        make_account("100.00", customer=make_customer("Li Hua")),
        make_account(customer=make_customer("Wang")),
    )
    row = order_transfer(bank.maker, payer, payee, "60.00").result
    assert "Nothing spoke against it." in words(signed_in_client(rao).get(address(row)))
    assert (
        "Risk"
        not in words(signed_in_client(bank.maker).get(address(row))).split("In the books")[0].split("Transfer")[-1]
    )


@pytest.fixture
def desk(rao: User, signed_in_client: SignIn) -> Client:
    return signed_in_client(rao)


def test_its_release_is_asked_for_at_the_door(desk: Client, stopped: Transaction) -> None:
    door = address(stopped, "release_risk_held")
    form = {"reason": "talked to them", "idempotency_key": key_of(desk.get(door))}
    told = words(desk.post(door, form, follow=True))
    assert "It has not been carried out yet" in told
    stopped.refresh_from_db()
    assert stopped.state == State.HELD


def test_it_is_declined_at_the_door(desk: Client, stopped: Transaction) -> None:
    door = address(stopped, "decline_risk_held")
    form = {"reason": "a mule", "idempotency_key": key_of(desk.get(door))}
    assert "is declined. Nothing was moved." in words(desk.post(door, form, follow=True))
    page = words(desk.get(address(stopped)))
    assert "It was held for review and declined at" in page


def test_released_it_says_when_and_by_which_request(desk: Client, rao: User, stopped: Transaction) -> None:
    request = ask_release(stopped, rao).request
    approve_all(request)
    page = words(desk.get(address(stopped)))
    assert "It was held for review and released at" in page
    assert request.reference in page


def test_a_deposit_that_is_stopped_is_told_as_on_record(bank: Shipped, signed_in_client: SignIn) -> None:
    stopping(Outcome.BLOCK_AND_REVIEW)
    account: Account = make_account(customer=make_customer("Li Hua"))
    client, door = signed_in_client(bank.maker), address(account, "deposit")
    filled_in = {"amount": "666.00", "narrative": "", "idempotency_key": key_of(client.get(door))}
    second = client.post(door, filled_in)
    told = words(client.post(door, {**filled_in, "confirmed": "1"}, follow=True)) if second.status_code == 200 else ""
    assert "Not carried out: TR-" in told
    assert "held: to be looked at by risk" in told


def test_a_decided_one_has_no_doors_left(desk: Client, rao: User, stopped: Transaction) -> None:
    doors = [address(stopped, verb) for verb in ("release_risk_held", "decline_risk_held", "cancel_held")]
    page = desk.get(address(stopped)).content.decode()
    assert all(door in page for door in doors)
    decline(stopped, rao)
    page = desk.get(address(stopped)).content.decode()
    assert not any(door in page for door in doors)


def later_stopped(bank: Shipped) -> Transaction:
    """Return a transfer that was approved and that risk has stopped then."""
    known_later()
    li = make_account("200000.00", customer=make_customer("Li Hua"))
    request = order_transfer(bank.maker, li, make_account(customer=make_customer("Wang")), "60000.00").request
    pays_somebody(bank, li)
    assert approve_all(request).state == "FAILED"
    return parked_in(request)


def test_what_was_stopped_when_it_was_to_move_says_so_and_not_that_nothing_spoke_against_it(
    bank: Shipped, rao: User, desk: Client
) -> None:
    page = words(desk.get(address(later_stopped(bank))))
    for told in (
        "400 · medium",
        "Hold back until somebody has looked",
        "known_since",
        "It was stopped by the bank when it had been approved and was about to move.",
        "it was said: let through, score 0.",
    ):
        assert told in page, told
    assert "Nothing spoke against it." not in page


def test_a_teller_reads_that_it_was_stopped_and_who_knows_why(
    bank: Shipped, rao: User, branch: Branch, counter: Client
) -> None:
    page = words(counter.get(address(later_stopped(bank))))
    assert "It was stopped by the bank when it had been approved and was about to move." in page
    assert "Why is known to risk and to reviewers only." in page
    for secret in (*SECRETS, "known_since", "it was said"):
        assert secret not in page, secret


def test_one_that_the_books_refused_was_not_stopped_by_risk(bank: Shipped, rao: User, counter: Client) -> None:
    li = make_account("200000.00", customer=make_customer("Li Hua"))
    request = order_transfer(bank.maker, li, make_account(customer=make_customer("Wang")), "60000.00").request
    limit(li, (LimitPeriod.TRANSACTION, "50000.00"))
    assert approve_all(request).error_code == "limit_exceeded"
    page = words(counter.get(address(parked_in(request))))
    assert "stopped by the bank" not in page
    assert "Why is known to risk" not in page


def test_what_risk_holds_since_it_was_confirmed_tells_the_last_answer(bank: Shipped, rao: User, desk: Client) -> None:
    li, wang = make_account("2000.00", customer=make_customer("Li Hua")), make_account(customer=make_customer("Wang"))
    row = held_by(system(li, wang), li, wang, "666.00")
    stopping()
    released(row, rao)
    page = words(desk.get(address(row)))
    assert "number_of_the_beast" in page
    assert "it was said: let through, score 0." in page
    assert "Nothing spoke against it." not in page


def test_who_made_it_does_not_read_on_their_own_page_that_risk_decides_about_it(
    bank: Shipped, branch: Branch, rao: User, stopped: Transaction, signed_in_client: SignIn
) -> None:
    assert not ask_release(stopped, rao).done
    maker = ("user", bank.maker.public_id)
    assert open_as_shown_to(rao, *maker).count() == 1, "it concerns them: they agree to nothing about it"
    assert not open_as_shown_to(bank.maker, *maker).exists()
    administrator = signed_in_client(hire("A5", "An Qi", Role.ADMINISTRATOR, branch))
    assert "held by risk" not in words(administrator.get(address(bank.maker)))
    assert {"transactions.release_risk_held", "transactions.decline_risk_held"} <= operations.told_to_few()
