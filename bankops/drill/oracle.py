"""What came of a drill, found out from the books: not from what the code that is drilled says about itself.

A payment has as many effects as there are journal entries that debit its payer and credit its payee by its amount, which no
other payment has in common with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.db import connection

from accounts.models import Account
from bankops.core import clock, idempotency, ids, sealing
from bankops.core.models import IdempotencyRecord
from bankops.drill.client import UNANSWERED, Told
from bankops.drill.plan import Payment
from transactions import verification
from transactions.models import Kind, State, Transaction

_EFFECTS = """
    SELECT debit.account_id, credit.account_id, debit.amount, count(*)
      FROM transactions_posting debit
      JOIN transactions_posting credit ON credit.entry_id = debit.entry_id AND credit.side = 'C'
     WHERE debit.side = 'D' AND debit.account_id = ANY (%(accounts)s) AND credit.account_id = ANY (%(accounts)s)
     GROUP BY 1, 2, 3
"""
Triple = tuple[str, str, int]
Standing = tuple[State, Triple]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be, and where; `code` says what."""

    code: str
    where: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the books say.

    Attributes:
        effects: payments that were carried out, however often.
        duplicates: effects beyond the first of each payment.
        lost: payments that were never carried out.
        findings: all that must not be, these included.

    """

    effects: int
    duplicates: int
    lost: int
    findings: Sequence[Finding]

    @property
    def holds(self) -> bool:
        return not self.findings


def judge(asked_for: Sequence[Payment], told: Sequence[Told], *, attempts: int, kills: int | None) -> Judgement:
    """Compare what was asked for and what was answered with the books. Settles what nobody carries on, and seals the trail.

    :param attempts: that were to be made.
    :param kills: that there were; None when there were to be none.
    """
    idempotency.settle_abandoned(now=clock.now(), older_than=timedelta(0), limit=1_000_000)
    while sealing.seal_pending():
        pass
    effects, wanted = _effects(asked_for), {_triple(payment) for payment in asked_for}
    findings = [
        *(Finding("duplicate", str(triple)) for triple in wanted if effects.get(triple, 0) > 1),
        *(Finding("lost", str(triple)) for triple in wanted if not effects.get(triple)),
        *(Finding("nobody_asked_for", str(triple)) for triple in effects if triple not in wanted),
        *_not_drilled(told, attempts, kills),
        *_wrong_answers(asked_for, told),
        *_wrong_replays(told),
        *_unfinished(),
        *_books(),
    ]
    return Judgement(
        effects=sum(1 for triple in wanted if effects.get(triple)),
        duplicates=sum(max(0, effects.get(triple, 0) - 1) for triple in wanted),
        lost=sum(1 for triple in wanted if not effects.get(triple)),
        findings=findings,
    )


def _not_drilled(told: Sequence[Told], attempts: int, kills: int | None) -> Iterator[Finding]:
    """Yield why this was less of a drill than somebody asked for, whatever the books say."""
    if len(told) != attempts:
        yield Finding("attempts_differ", f"{len(told)} of {attempts}")
    if kills == 0:
        yield Finding("nobody_killed", "it was over too soon: more attempts, or kills more often")


def _triple(payment: Payment) -> Triple:
    return payment.payer, payment.payee, payment.amount.minor


def _effects(asked_for: Sequence[Payment]) -> Mapping[Triple, int]:
    named = {side for payment in asked_for for side in (payment.payer, payment.payee)}
    accounts = [ids.decode(Account.ID_PREFIX, account) for account in named]
    with connection.cursor() as cursor:
        cursor.execute(_EFFECTS, {"accounts": accounts})
        return {(_account(debit), _account(credit), amount): count for debit, credit, amount, count in cursor}


def _wrong_answers(asked_for: Sequence[Payment], told: Sequence[Told]) -> Iterator[Finding]:
    """Yield what partners were told that is not so, or that no attempt of a drill can be told for good."""
    rows = Transaction.objects.filter(kind=Kind.TRANSFER).values_list(
        "pk", "state", "debit_account_id", "credit_account_id", "amount"
    )
    standing = {
        ids.encode(Transaction.ID_PREFIX, key): (State(state), (_account(debit), _account(credit), amount))
        for key, state, debit, credit, amount in rows.iterator()
    }
    by_number = {payment.number: _triple(payment) for payment in asked_for}
    for each in told:
        if code := _wrong(each, standing.get(each.transfer), by_number[each.payment]):
            yield Finding(code, f"{each.key}: {each.status} {each.word} {each.transfer}".rstrip())


def _wrong(told: Told, named: Standing | None, payment: Triple) -> str:
    """Return what is wrong with an answer that names this transfer, or nothing; what is not known to be right is wrong."""
    answer = (told.status, told.word)
    if answer == (201, "posted"):
        return "" if named == (State.POSTED, payment) else "told_posted_and_is_not"
    if answer == (202, "held"):
        wrong = "told_waiting_and_is_posted" if named and named[0] == State.POSTED else "told_held_and_is_not"
        return "" if named == (State.HELD, payment) else wrong
    if told.status == UNANSWERED:
        return "unanswered"
    return "" if answer == (409, "duplicate_reference") else "not_an_answer"


def _wrong_replays(told: Sequence[Told]) -> Iterator[Finding]:
    """Yield keys whose answers differ, from each other or from what is kept."""
    digests: dict[str, set[str]] = defaultdict(set)
    for each in told:
        if each.status != UNANSWERED:
            digests[each.key].add(each.digest)
    kept = IdempotencyRecord.objects.filter(state="DONE").values_list("key", "body")
    for key, body in kept.iterator():
        digests[key.rstrip()].add(sha256(body.encode()).hexdigest())
    yield from (Finding("replay_differs", key) for key, found in digests.items() if len(found) > 1)


def _unfinished() -> Iterator[Finding]:
    for record in IdempotencyRecord.objects.exclude(state="DONE"):
        yield Finding("unfinished", f"{record.key.rstrip()}: {record.state}")


def _books() -> Iterator[Finding]:
    """Yield what the bank's own proofs find, and transfers that the audit trail or the outbox does not know once."""
    for outcome in verification.verify_books().outcomes:
        yield from (Finding(f"books:{outcome.check.code}", fault.record) for fault in outcome.faults)
    for fault in sealing.verify(now=clock.now()).faults:
        yield Finding(f"audit:{fault.code}", str(fault.event_id))
    yield from _told_once("core_auditevent", "event_type")
    yield from _told_once("core_outboxmessage", "topic")


def _told_once(table: str, column: str) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT subject_id, count(*) FROM {table} WHERE {column} LIKE 'transactions.transfer.%%'"  # noqa: S608 - ours
            " GROUP BY subject_id",
            [],
        )
        told = dict(cursor.fetchall())
    made = Transaction.objects.filter(kind="TRANSFER").values_list("pk", flat=True)
    for key in made.iterator():
        times = told.pop(ids.encode(Transaction.ID_PREFIX, key), 0)
        if times != 1:
            yield Finding(f"told_not_once:{table}", f"{key}: {times}")
    yield from (Finding(f"told_of_nothing:{table}", subject) for subject in told)


def _account(key: object) -> str:
    return ids.encode(Account.ID_PREFIX, key)  # type: ignore[arg-type]
