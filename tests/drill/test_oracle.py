"""What judges a drill finds a payment that was made twice, one that was never made, and whatever was told and is not so."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from accounts.models import Account
from bankops.core import clock, ids, sealing
from bankops.core.models import IdempotencyRecord
from bankops.core.money import Money
from bankops.drill import bank, oracle, plan
from bankops.drill.client import UNANSWERED, Told
from bankops.drill.oracle import Judgement
from bankops.drill.plan import CREDENTIALS, PARTNERS, Payment, Repeat
from partners.models import Partner
from tests.partners.factories import guards_asleep, make_partner
from tests.transactions import duplicate_cases
from tests.transactions.raw_books import execute
from tests.unchanged import check_deferred
from transactions import ledger
from transactions.ledger import EntryDraft, PostingDraft
from transactions.models import Side, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked_for() -> list[Payment]:
    accounts = bank.found(accounts=4, opening_balance=Money(1_000_00, bank.CURRENCY))
    named = [ids.encode(Account.ID_PREFIX, account) for account in accounts]
    return plan.payments(3, accounts=named, currency=bank.CURRENCY, seed=7)


def pay(payments: Sequence[Payment]) -> None:
    """Make payments in the books, past everything that would make each once."""
    today = clock.business_date()
    drafts = [
        EntryDraft(
            postings=(
                PostingDraft(ids.decode(Account.ID_PREFIX, payment.payer), Side.DEBIT, payment.amount),
                PostingDraft(ids.decode(Account.ID_PREFIX, payment.payee), Side.CREDIT, payment.amount),
            ),
            booking_date=today,
            value_date=today,
            description="Payment",
        )
        for payment in payments
    ]
    assert {result.code for result in ledger.post(drafts, now=clock.now())} == {"posted"}


def order(partner: Partner, payment: Payment, state: State = State.POSTED) -> str:
    """Have a partner order a payment, and return the transfer's id."""
    payer, payee = (
        Account.objects.get(pk=ids.decode(Account.ID_PREFIX, side)) for side in (payment.payer, payment.payee)
    )
    now = clock.now()
    made = duplicate_cases.pay(
        partner, payer, payee, str(payment.amount), now=now, business_date=clock.business_date(now)
    )
    assert made.state == state
    return made.public_id


@pytest.fixture
def transfers(asked_for: list[Payment], consented: None) -> dict[str, str]:
    """Each payment ordered once, the first and second once more: the transfers' ids, by what each is to the first payment."""
    partner = make_partner(limits={bank.CURRENCY: (10**12, 10**12)})
    own, another, _third = [order(partner, payment) for payment in asked_for]
    held, held_of_another = [order(partner, payment, State.HELD) for payment in asked_for[:2]]
    return {
        "own": own,
        "another": another,
        "held": held,
        "held_of_another": held_of_another,
        "unknown": "tr_nothing",
        "none": "",
    }


def judge(asked_for: Sequence[Payment], answers: Sequence[Told], kills: int | None = None) -> Judgement:
    return oracle.judge(asked_for, answers, attempts=len(answers), kills=kills)


def told(
    status: int = 201, *, digest: str = "d", key: str = "pay-0", word: str = "posted", transfer: str = "tr_nothing"
) -> Told:
    return Told(0, key, status, word, transfer, digest, is_replay=False, tries=1)


def corrupt(statement: str) -> None:
    """Change what is on record as its owner would who puts the guards to sleep."""
    check_deferred()
    with guards_asleep():
        execute(statement)


def refused(key: str, digest: str = "d") -> Told:
    return told(409, word="duplicate_reference", key=key, digest=digest, transfer="")


def codes(judged: Judgement) -> list[str]:
    return sorted(finding.code for finding in judged.findings)


def test_every_payment_once_is_right(asked_for: list[Payment]) -> None:
    pay(asked_for)
    judged = judge(asked_for, [])
    assert (judged.effects, judged.duplicates, judged.lost, judged.holds) == (3, 0, 0, True)


def test_a_payment_made_twice_is_found(asked_for: list[Payment]) -> None:
    pay([*asked_for, asked_for[1], asked_for[1]])
    judged = judge(asked_for, [])
    assert (judged.effects, judged.duplicates, judged.lost, judged.holds) == (3, 2, 0, False)
    assert codes(judged) == ["duplicate"]


def test_a_payment_never_made_is_found(asked_for: list[Payment]) -> None:
    pay(asked_for[:2])
    judged = judge(asked_for, [])
    assert (judged.effects, judged.duplicates, judged.lost, judged.holds) == (2, 0, 1, False)
    assert codes(judged) == ["lost"]


def test_what_nobody_asked_for_is_found(asked_for: list[Payment]) -> None:
    pay(asked_for)
    assert codes(judge(asked_for[:2], [])) == ["nobody_asked_for"]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([told()], ["told_posted_and_is_not"]),
        ([told(UNANSWERED)], ["unanswered"]),
        ([refused("a"), refused("a", digest="e")], ["replay_differs"]),
        ([refused("a"), refused("b", digest="e")], []),
    ],
    ids=["posted", "unanswered", "replay", "two_keys"],
)
def test_what_was_told_and_is_not_so_is_found(
    asked_for: list[Payment], answers: list[Told], expected: list[str]
) -> None:
    pay(asked_for)
    assert codes(judge(asked_for, answers)) == expected


@pytest.mark.parametrize(
    ("answer", "named", "expected"),
    [
        ((201, "posted"), "own", []),
        ((201, "posted"), "another", ["told_posted_and_is_not"]),
        ((201, "posted"), "held", ["told_posted_and_is_not"]),
        ((201, "posted"), "none", ["told_posted_and_is_not"]),
        ((202, "held"), "held", []),
        ((202, "held"), "own", ["told_waiting_and_is_posted"]),
        ((202, "held"), "held_of_another", ["told_held_and_is_not"]),
        ((202, "held"), "unknown", ["told_held_and_is_not"]),
        ((202, "held"), "none", ["told_held_and_is_not"]),
    ],
)
def test_an_answer_names_a_transfer_of_its_own_payment(
    asked_for: list[Payment], transfers: dict[str, str], answer: tuple[int, str], named: str, expected: list[str]
) -> None:
    status, word = answer
    assert codes(judge(asked_for, [told(status, word=word, transfer=transfers[named])])) == expected


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (200, "posted"),
        (200, "not_json"),
        (201, "held"),
        (202, "awaiting_approval"),
        (401, "token_expired"),
        (403, "network_refused"),
        (409, "request_in_flight"),
        (409, "request_abandoned"),
        (422, "insufficient_funds"),
        (429, "rate_limited"),
        (500, "internal_error"),
        (503, "unavailable"),
    ],
)
def test_any_other_answer_for_good_is_found(
    asked_for: list[Payment], transfers: dict[str, str], status: int, word: str
) -> None:
    answer = told(status, word=word, transfer=transfers["own"])
    assert codes(judge(asked_for, [answer])) == ["not_an_answer"]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE accounts_balance SET ledger = ledger + 1 WHERE ledger = 100000", ["books:balance_matches_postings"]),
        ("UPDATE core_auditevent SET reason = 'another' WHERE position = 1", ["audit:content_changed"]),
        (
            "DELETE FROM core_outboxmessage WHERE id = (SELECT max(id) FROM core_outboxmessage)",
            ["told_not_once:core_outboxmessage"],
        ),
        (
            "UPDATE core_outboxmessage SET subject_id = 'tr_nobody' WHERE id = (SELECT max(id) FROM core_outboxmessage)",
            ["told_not_once:core_outboxmessage", "told_of_nothing:core_outboxmessage"],
        ),
    ],
    ids=["books", "audit", "told_not_once", "told_of_nothing"],
)
def test_what_was_tampered_with_is_found(
    asked_for: list[Payment], transfers: dict[str, str], statement: str, expected: list[str]
) -> None:
    sealing.seal_pending()
    assert codes(judge(asked_for, [])) == []
    corrupt(statement)
    assert codes(judge(asked_for, [])) == expected


def test_a_key_that_nobody_finished_is_found(asked_for: list[Payment], transfers: dict[str, str]) -> None:
    IdempotencyRecord.objects.create(
        state="STARTED",
        scope="crd_somebody",
        key="pay-0",
        digest=b"d" * 32,
        method="POST",
        path="/api/v1/transfers",
        started_at=clock.now(),
    )
    assert codes(judge(asked_for, [])) == ["unfinished"]


@pytest.mark.parametrize(
    ("attempts", "kills", "expected"),
    [
        (1, None, []),
        (1, 3, []),
        (1, 0, ["nobody_killed"]),
        (2, None, ["attempts_differ"]),
        (0, 0, ["attempts_differ", "nobody_killed"]),
    ],
)
def test_less_of_a_drill_than_was_asked_for_is_found(
    asked_for: list[Payment], attempts: int, kills: int | None, expected: list[str]
) -> None:
    pay(asked_for)
    judged = oracle.judge(asked_for, [refused("a")], attempts=attempts, kills=kills)
    assert (codes(judged), judged.holds) == (expected, not expected)


def test_a_payment_is_one_partners_and_its_key_one_credentials() -> None:
    payments = plan.payments(40, accounts=["acc_a", "acc_b", "acc_c"], currency="CNY", seed=1)
    attempts = [attempt for share in plan.dealt(payments, attempts=800, clients=8, seed=1) for attempt in share]
    assert {attempt.system for attempt in attempts} == set(range(PARTNERS * CREDENTIALS))
    for payment in payments:
        asking = [attempt for attempt in attempts if attempt.payment == payment]
        own = range(payment.number % PARTNERS * CREDENTIALS, (payment.number % PARTNERS + 1) * CREDENTIALS)
        assert {attempt.system for attempt in asking} == set(own)
        assert {attempt.system for attempt in asking if attempt.repeat is Repeat.NEW_KEY} == set(own)
        assert len({attempt.system for attempt in asking if attempt.repeat is Repeat.SAME_KEY}) == 1


def test_attempts_are_dealt_evenly_and_the_same_again() -> None:
    payments = plan.payments(100, accounts=["acc_a", "acc_b", "acc_c"], currency="CNY", seed=1)
    assert len({(each.payer, each.payee, each.amount.minor) for each in payments}) == 100
    shares = plan.dealt(payments, attempts=1_000, clients=8, seed=1)
    assert shares == plan.dealt(payments, attempts=1_000, clients=8, seed=1)
    attempts = [attempt for share in shares for attempt in share]
    by_repeat = {repeat: sum(each.repeat is repeat for each in attempts) for repeat in Repeat}
    assert by_repeat == {Repeat.SAME_KEY: 500, Repeat.NEW_KEY: 300, Repeat.LOOK_ALIKE: 200}
    assert {len(share) for share in shares} <= set(range(120, 131))
    keys = {(each.payment.number, each.key) for each in attempts if each.repeat is not Repeat.SAME_KEY}
    assert len(keys) == 500
