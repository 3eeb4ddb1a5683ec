"""Deposits, withdrawals, transfers and fees: what each leaves behind, and what is refused and leaves nothing behind."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import structlog

from accounts import chart
from accounts.models import Account, AccountStatus, Restriction
from bankops.core.errors import AmountTooPrecise
from bankops.core.models import AuditEvent, OutboxMessage
from bankops.core.money import Money
from tests.accounts.factories import NOW, OU_YAN, TODAY, close, cny, ledger_of, make_account, own_account
from tests.transactions.factories import MOVEMENTS, charge_fee, deposit, transfer, withdraw
from tests.unchanged import nothing_changes, refused
from transactions.models import Channel, State, Transaction

pytestmark = pytest.mark.django_db

movements = pytest.mark.parametrize("movement", MOVEMENTS)
PAYING = ["withdrawal", "transfer", "fee"]


@pytest.fixture
def li() -> Account:
    return make_account("100.00")


@pytest.fixture
def wang() -> Account:
    return make_account("50.00")


# -- what it leaves behind ------------------------------------------------------------------------------------------------


@movements
def test_it_is_posted_with_everything_the_bank_knows(movement: str, li: Account, wang: Account) -> None:
    transaction = MOVEMENTS[movement](
        li,
        wang,
        cny("30.00"),
        narrative="rent",
        external_reference="PO-7",
        channel=Channel.PARTNER,
        idempotency_key="k",
    )
    transaction.refresh_from_db()
    assert (transaction.kind, transaction.state, transaction.channel) == (movement.upper(), State.POSTED, "PARTNER")
    assert (str(transaction.money), transaction.currency) == ("30.00", "CNY")
    assert (transaction.booking_date, transaction.value_date, transaction.created_at) == (TODAY, TODAY, NOW)
    assert (transaction.maker_kind, transaction.maker_id, transaction.maker_name) == ("staff", "usr_tang", "Tang Ling")
    assert (transaction.narrative, transaction.external_reference) == ("rent", "PO-7")
    assert transaction.reference.startswith("TR-2026-")
    assert transaction.entry is not None
    assert transaction.entry.description == "rent"
    assert li in (transaction.debit_account, transaction.credit_account)


@movements
def test_its_timeline_tells_both_steps(movement: str, li: Account, wang: Account) -> None:
    transaction = MOVEMENTS[movement](li, wang, cny("30.00"))
    steps = [
        (event.from_state, event.to_state, event.actor_name, event.occurred_at)
        for event in transaction.events.order_by("id")
    ]
    assert steps == [("", "RECEIVED", "Tang Ling", NOW), ("RECEIVED", "POSTED", "Tang Ling", NOW)]


@movements
def test_the_trail_and_the_outside_hear_of_it_once(movement: str, li: Account, wang: Account) -> None:
    for line in (chart.CASH, chart.FEE_INCOME):
        own_account(line)  # whose opening, the first time, is an event of its own
    seen, told = AuditEvent.objects.count(), OutboxMessage.objects.count()
    with structlog.contextvars.bound_contextvars(request_id="req-12345678"):
        transaction = MOVEMENTS[movement](li, wang, cny("30.00"), narrative="for Li Hua's rent")
    event, message = AuditEvent.objects.latest("id"), OutboxMessage.objects.latest("id")
    assert (AuditEvent.objects.count(), OutboxMessage.objects.count()) == (seen + 1, told + 1)
    assert event.event_type == message.topic == f"transactions.{movement}.posted"
    assert event.subject_id == message.subject_id == transaction.public_id
    assert (event.subject_label, event.request_id, message.request_id) == (
        transaction.reference,
        "req-12345678",
        "req-12345678",
    )
    assert event.changes == {"state": ["", "POSTED"]}
    assert message.payload == event.detail
    assert (message.payload["amount"], message.payload["currency"], message.payload["reference"]) == (
        "30.00",
        "CNY",
        transaction.reference,
    )
    assert "Li Hua" not in str(message.payload)


def test_references_are_never_the_same(li: Account) -> None:
    references = {deposit(li, cny("1.00")).reference for _ in range(20)}
    assert len(references) == 20


def test_an_entry_without_a_narrative_is_described_by_its_kind(li: Account) -> None:
    transaction = deposit(li, cny("1.00"))
    assert transaction.entry is not None
    assert transaction.entry.description == "deposit"


# -- refusals, each of which changes nothing ------------------------------------------------------------------------------


@pytest.mark.parametrize("movement", PAYING)
def test_more_than_the_available_balance(movement: str, wang: Account) -> None:
    li = make_account("100.00", held="20.00", overdraft="10.00")
    with refused("insufficient_funds"):
        MOVEMENTS[movement](li, wang, cny("90.01"))
    MOVEMENTS[movement](li, wang, cny("90.00"))
    assert ledger_of(li) == "10.00"


def test_a_refusal_names_the_account_as_people_know_it(li: Account, wang: Account) -> None:
    with pytest.raises(Exception, match=li.number) as caught:
        withdraw(li, cny("100.01"))
    assert caught.value.as_dict() == {  # type: ignore[attr-defined]
        "code": "insufficient_funds",
        "detail": f"The available balance of account {li.number} is not enough.",
        "context": {"account": li.number},
    }


@movements
def test_a_closed_account(movement: str, wang: Account) -> None:
    closed = make_account(status=AccountStatus.CLOSED)
    with refused("account_closed"):
        MOVEMENTS[movement](closed, wang, cny("1.00"))
    with refused("account_closed"):
        transfer(wang, closed, cny("1.00"))


@movements
def test_an_account_that_is_not_active_yet(movement: str, wang: Account) -> None:
    pending = make_account("10.00", status=AccountStatus.PENDING)
    with refused("account_pending"):
        MOVEMENTS[movement](pending, wang, cny("1.00"))


@pytest.mark.parametrize("movement", PAYING)
def test_a_dormant_account_pays_nothing_out(movement: str, wang: Account) -> None:
    dormant = make_account("10.00", status=AccountStatus.DORMANT)
    with refused("account_dormant"):
        MOVEMENTS[movement](dormant, wang, cny("1.00"))
    deposit(dormant, cny("1.00"))
    assert ledger_of(dormant) == "11.00"


@pytest.mark.parametrize("restriction", [Restriction.BLOCK_DEBIT, Restriction.BLOCK_CREDIT, Restriction.BLOCK_ALL])
@movements
def test_a_blocked_account(movement: str, restriction: Restriction, wang: Account) -> None:
    account = make_account("10.00", restriction=restriction)
    other_side = Restriction.BLOCK_DEBIT if movement == "deposit" else Restriction.BLOCK_CREDIT
    if restriction == other_side:
        MOVEMENTS[movement](account, wang, cny("1.00"))
        return
    with refused("account_blocked"):
        MOVEMENTS[movement](account, wang, cny("1.00"))


@movements
def test_another_currency_than_the_accounts(movement: str, li: Account, wang: Account) -> None:
    """Refused before the bank's own account in that currency is opened for it."""
    with refused("currency_mismatch"):
        MOVEMENTS[movement](li, wang, Money(100, "USD"))


def test_a_transfer_between_currencies(li: Account) -> None:
    yen = make_account("1", currency="JPY")
    with refused("currency_mismatch"):
        transfer(li, yen, cny("1.00"))
    with refused("currency_mismatch"):
        transfer(yen, li, Money(1, "JPY"))


@movements
@pytest.mark.parametrize("minor", [0, -1, -10_000])
def test_an_amount_that_is_not_positive(movement: str, minor: int, li: Account, wang: Account) -> None:
    with refused("amount_not_positive"):
        MOVEMENTS[movement](li, wang, Money(minor, "CNY"))


@movements
def test_an_amount_that_is_too_precise_is_no_money(movement: str, li: Account, wang: Account) -> None:
    with nothing_changes(), pytest.raises(AmountTooPrecise):
        MOVEMENTS[movement](li, wang, Money.parse("1.005", "CNY"))


@movements
def test_more_than_the_books_hold(movement: str, wang: Account) -> None:
    rich = make_account("1.00", overdraft="90000000000000000.00")
    with refused("posting_too_large"):
        MOVEMENTS[movement](rich, wang, cny("40000000000000000.01"))


@movements
def test_an_unknown_account(movement: str, li: Account) -> None:
    unknown = Account(pk=uuid4())
    with refused("unknown_account"):
        MOVEMENTS[movement](unknown, li, cny("1.00"))
    with refused("unknown_account"):
        transfer(li, unknown, cny("1.00"))


@movements
def test_the_banks_own_account(movement: str, li: Account) -> None:
    own = own_account()
    with refused("not_a_customer_account"):
        MOVEMENTS[movement](own, li, cny("1.00"))
    with refused("not_a_customer_account"):
        transfer(li, own, cny("1.00"))


def test_a_transfer_to_itself(li: Account) -> None:
    with refused("same_account"):
        transfer(li, li, cny("1.00"))


@movements
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ({"narrative": "x" * 201}, "text_too_long"),
        ({"external_reference": "x" * 101}, "text_too_long"),
        ({"idempotency_key": "k" * 256}, "text_too_long"),
        ({"narrative": "rent\x00"}, "unstorable_text"),
        ({"narrative": "rent\ud800"}, "unstorable_text"),
        ({"idempotency_key": "\x00"}, "unstorable_text"),
    ],
)
def test_text_that_the_books_cannot_keep(
    movement: str, text: dict[str, str], code: str, li: Account, wang: Account
) -> None:
    own_account()
    with refused(code):
        MOVEMENTS[movement](li, wang, cny("1.00"), **text)


def test_a_refused_first_movement_does_not_open_the_banks_own_account() -> None:
    empty = make_account()
    with refused("insufficient_funds"):
        withdraw(empty, cny("1.00"))
    assert not Account.objects.filter(customer=None).exists()


# -- the same request again -----------------------------------------------------------------------------------------------


@movements
def test_the_same_request_again_is_the_same_transaction(movement: str, li: Account, wang: Account) -> None:
    first = MOVEMENTS[movement](li, wang, cny("30.00"), idempotency_key="k", narrative="rent")
    with nothing_changes():
        for _ in range(4):
            assert MOVEMENTS[movement](li, wang, cny("30.00"), idempotency_key="k", narrative="rent") == first


@movements
@pytest.mark.parametrize("change", ["amount", "account", "narrative", "external_reference", "kind"])
def test_the_same_key_for_another_request_is_refused(movement: str, change: str, li: Account, wang: Account) -> None:
    third = make_account("50.00")
    own_account(currency="CNY")
    MOVEMENTS[movement](li, wang, cny("30.00"), idempotency_key="k")
    charge_fee(third, cny("1.00"))
    calls: dict[str, Any] = {
        "amount": lambda: MOVEMENTS[movement](li, wang, cny("30.01"), idempotency_key="k"),
        "account": lambda: MOVEMENTS[movement](third, wang, cny("30.00"), idempotency_key="k"),
        "narrative": lambda: MOVEMENTS[movement](li, wang, cny("30.00"), idempotency_key="k", narrative="other"),
        "external_reference": lambda: MOVEMENTS[movement](
            li, wang, cny("30.00"), idempotency_key="k", external_reference="other"
        ),
        "kind": lambda: MOVEMENTS["transfer" if movement != "transfer" else "fee"](
            li, wang, cny("30.00"), idempotency_key="k"
        ),
    }
    with refused("idempotency_conflict"):
        calls[change]()


def test_a_repeat_is_answered_even_when_the_account_is_closed_by_then(li: Account) -> None:
    first = withdraw(li, cny("100.00"), idempotency_key="k")
    close(li)
    assert withdraw(li, cny("100.00"), idempotency_key="k") == first


def test_requests_without_a_key_are_different_requests(li: Account) -> None:
    assert withdraw(li, cny("1.00")) != withdraw(li, cny("1.00"))
    assert ledger_of(li) == "98.00"


def test_a_refused_request_may_be_made_again_under_its_key(li: Account) -> None:
    with refused("insufficient_funds"):
        withdraw(li, cny("150.00"), idempotency_key="k")
    deposit(li, cny("50.00"))
    assert withdraw(li, cny("150.00"), idempotency_key="k").state == State.POSTED
    assert Transaction.objects.filter(idempotency_key="k").count() == 1


def test_a_key_is_its_makers_own(li: Account, wang: Account) -> None:
    """Nobody can use up a key that somebody else, an import for instance, is going to need."""
    first = MOVEMENTS["transfer"](li, wang, cny("30.00"), idempotency_key="berka:695247")
    second = MOVEMENTS["transfer"](li, wang, cny("30.00"), idempotency_key="berka:695247", actor=OU_YAN)
    assert first != second
