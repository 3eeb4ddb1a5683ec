"""A request repeated under the same key has one effect, and one answer (docs/idempotency.md, ADR 0013).

The truth is a row in PostgreSQL, whose answer commits in the very transaction of the effect:

    (none) --claim--> STARTED --take, which locks the row--> running --finish, with the effect--> DONE
                         ^                                      | the worker dies, or could not begin:
                         +--------------------------------------+ the lock is gone, the effect taken back

The row's lock is the lease. PostgreSQL gives it back when the worker's connection ends, so no clock decides when another
worker may carry on. What nobody carries on is settled after a while as ABANDONED: nothing was done.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import DatabaseError, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.types.json import Jsonb

from bankops.core import aftermath, ids, repeats
from bankops.core.db import busy_is_an_answer, in_transaction, is_gone, prepared
from bankops.core.errors import BankOpsError
from bankops.core.models import IdempotencyRecord, IdempotencyState
from bankops.core.repeats import Cause, Refusal, Repeat

log = structlog.get_logger(__name__)

KEPT = timedelta(days=31)
ABANDONED_AFTER = timedelta(minutes=10)

KEY_LONGEST = 255

_ACCEPTABLE = re.compile(rf"[!-~]{{1,{KEY_LONGEST}}}")

_CLAIM = (
    "SELECT id, digest, state, status, body, headers, subject_id FROM core_idempotency_claim("
    "%(id)s, %(scope)s, %(key)s, %(digest)s, %(method)s, %(path)s, %(now)s)"
)
_LOOK = "SELECT id, state FROM core_idempotencyrecord WHERE scope = %(scope)s AND key = %(key)s"
# SKIP LOCKED because NOWAIT's error would spoil the transaction. A worker that hangs lets go of the row after half a minute.
_TAKE = """
SELECT set_config('lock_timeout', '5s', true), set_config('idle_in_transaction_session_timeout', '30s', true)
  FROM core_idempotencyrecord
 WHERE id = %(id)s AND state = 'STARTED'
   FOR NO KEY UPDATE SKIP LOCKED
"""
_FINISH = """
UPDATE core_idempotencyrecord
   SET state = 'DONE', status = %(status)s, body = %(body)s, headers = %(headers)s, subject_id = %(subject_id)s,
       finished_at = %(now)s, takeovers = takeovers + %(takeover)s
 WHERE id = %(id)s
"""


class KeyMissing(BankOpsError):
    code = "idempotency_key_required"
    message = _("Send an Idempotency-Key with this request: a text of your own that no other request of yours has.")
    http_status = 400


class KeyUnacceptable(BankOpsError):
    code = "idempotency_key_invalid"
    message = _("An Idempotency-Key has 1 to 255 characters: ASCII letters, digits and signs, no spaces.")
    http_status = 400


class KeyReused(BankOpsError):
    code = "idempotency_key_reused"
    message = _("This Idempotency-Key belongs to a request with other content. Give each request a key of its own.")


class InFlight(BankOpsError):
    code = "request_in_flight"
    message = _("A request with this Idempotency-Key is being carried out. Repeat it with the same key in a moment.")
    http_status = 409
    retry_after = 1  # seconds


class RequestAbandoned(BankOpsError):
    code = "request_abandoned"
    message = _("This request was broken off and nothing was done. Send it again with a new Idempotency-Key.")
    http_status = 409


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back, and sent again: `body` to the byte, of `headers` only what belongs to the answer itself."""

    status: int
    body: str
    headers: Mapping[str, str]
    subject_id: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody asks for something under a key. `digest` is `digest_of` what they ask for."""

    scope: str
    key: str
    digest: bytes
    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Once:
    """The one answer, and whether it had been given before."""

    answer: Answer
    replayed: bool


_new_record: ContextVar[str] = ContextVar("new_idempotency_record", default="")


def is_new(key: str) -> bool:
    """Tell whether `key` is the record (`idk_…`) being carried out now for the first time: nothing can be found under it.

    The record was written by this very request, under an id that nobody else ever had, and its row is locked.
    """
    return bool(key) and _new_record.get() == key


def frame_for(key: str | None) -> AbstractContextManager[object]:
    """Return the transaction in which something is done under a key: a savepoint where its caller may go on after it failed.

    What fails under a new key takes the whole request back, because nobody has to look for what else is under that key.
    """
    return transaction.atomic(savepoint=not is_new(key or ""))


@contextmanager
def _known_as_new(record: str) -> Iterator[None]:
    token = _new_record.set(record)
    try:
        yield
    finally:
        _new_record.reset(token)


def acceptable_key(key: str | None) -> str:
    """Return the key.

    :raises KeyMissing: when there is none.
    :raises KeyUnacceptable: when it is not 1 to 255 printable ASCII characters.
    """
    if not key:
        raise KeyMissing
    if not _ACCEPTABLE.fullmatch(key):
        raise KeyUnacceptable
    return key


def digest_of(method: str, path: str, body: object) -> bytes:
    """Return SHA-256 of a request as it was understood: the order of fields and spaces make no difference, types do."""
    text = json.dumps([method, path, body], sort_keys=True, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def once(
    *,
    attempt: Attempt,
    effect: Callable[[str], Answer],
    refused: Callable[[BankOpsError], Answer],
    broken: Callable[[Exception], Answer],
    now: datetime,
    is_busy: bool = False,
) -> Once:
    """Carry `effect` out at most once for this key and return its answer, now and ever after.

    Stored is whatever `effect` came to once it had begun: what it returns, what `refused` makes of its refusal, what
    `broken` makes of a fault, the effect of the last two taken back. Not stored is what says that nothing began
    (`BankOpsError.transient`, no database): that is raised, and the same key may be tried again.

    :param effect: is given the record's id (`idk_…`), a key for the gate that no one else can have; runs in a savepoint of
        the transaction that the answer commits in.
    :param is_busy: somebody is at this key, as far as `key_lock` knows: nothing is begun then.
    :raises KeyReused: when the key was used for other content.
    :raises InFlight: when another worker is at it.
    :raises RuntimeError: inside a transaction; the claim has to be seen by others before the effect begins.
    """
    if in_transaction():
        raise RuntimeError("a key is claimed outside transactions, or nobody else would see it in time")
    if is_busy:
        _refuse_unanswered(attempt, now)
    claimed = _claim(attempt, now)
    if not claimed.is_open:
        return _replay(claimed, attempt, refused, now)
    carried_out = _carry_out(claimed, effect, _observed(refused, claimed, attempt, now), broken, now)
    if carried_out:
        return Once(carried_out, replayed=False)
    claimed = _claim(attempt, now)  # somebody else has the row, or was done with it a moment ago
    if claimed.is_open:
        _tell(claimed, attempt, Cause.IN_FLIGHT, now)
        raise InFlight
    return _replay(claimed, attempt, refused, now)


@dataclass(frozen=True, slots=True)
class _Claim:
    """The row of a key as it stood, and whether it was there before."""

    id: UUID
    digest: bytes
    state: str
    status: int
    body: str
    headers: str
    subject_id: str
    is_new: bool

    @property
    def is_open(self) -> bool:
        return self.state == IdempotencyState.STARTED


def _claim(attempt: Attempt, now: datetime) -> _Claim:
    key = ids.uuid7()
    asked = {name: getattr(attempt, name) for name in ("scope", "key", "digest", "method", "path")}
    ((id_, digest, state, status, body, headers, subject_id),) = prepared(_CLAIM, {"id": key, "now": now, **asked})
    claim = _Claim(id_, bytes(digest), state, status, body, headers, subject_id, is_new=id_ == key)
    if claim.digest != attempt.digest:
        _tell(claim, attempt, Cause.OTHER_CONTENT, now)
        raise KeyReused
    return claim


def _refuse_unanswered(attempt: Attempt, now: datetime) -> None:
    """:raises InFlight: unless the key is answered, and can be answered again. What stands nowhere yet is about to."""
    found = prepared(_LOOK, {"scope": attempt.scope, "key": attempt.key})
    if found and found[0][1] != IdempotencyState.STARTED:
        return
    for record, _state in found:
        repeats.tell(Repeat(ids.encode(IdempotencyRecord.ID_PREFIX, record), attempt.scope, Cause.IN_FLIGHT, "", now))
    raise InFlight


def _carry_out(
    claimed: _Claim,
    effect: Callable[[str], Answer],
    refused: Callable[[BankOpsError], Answer],
    broken: Callable[[Exception], Answer],
    now: datetime,
) -> Answer | None:
    """Return the answer, committed together with the effect; None when the row is somebody else's."""
    record = ids.encode(IdempotencyRecord.ID_PREFIX, claimed.id)

    def attempted() -> Answer:
        with _known_as_new(record if claimed.is_new else ""):
            return _attempted(lambda: effect(record), refused, broken)

    try:
        return _answered(claimed, attempted, now)
    except DatabaseError as error:  # what the database checks at the end of a transaction has taken all of it back
        if is_gone(error):
            raise
        log.exception("request_refused_at_commit")
        answer = broken(error)
        return _answered(claimed, lambda: answer, now)


def _answered(claimed: _Claim, answering: Callable[[], Answer], now: datetime) -> Answer | None:
    with transaction.atomic():
        if not prepared(_TAKE, {"id": claimed.id}):
            return None
        answer = answering()
        prepared(_FINISH, _finishing(claimed, answer, now))
        return answer


def _attempted(
    effect: Callable[[], Answer],
    refused: Callable[[BankOpsError], Answer],
    broken: Callable[[Exception], Answer],
) -> Answer:
    try:
        with busy_is_an_answer(), transaction.atomic():
            return effect()
    except BankOpsError as error:
        if error.transient:
            raise
        return refused(error)
    except Exception as error:
        if is_gone(error):
            raise  # the effect is gone with it: the next attempt takes over
        log.exception("request_broke_off")
        return broken(error)


def _finishing(claimed: _Claim, answer: Answer, now: datetime) -> dict[str, Any]:
    return {
        "id": claimed.id,
        "status": answer.status,
        "body": answer.body,
        "headers": Jsonb(dict(answer.headers)),
        "subject_id": answer.subject_id,
        "takeover": int(not claimed.is_new),
        "now": now,
    }


def _replay(claimed: _Claim, attempt: Attempt, refused: Callable[[BankOpsError], Answer], now: datetime) -> Once:
    _tell(claimed, attempt, Cause.REPLAYED, now)
    if claimed.state == IdempotencyState.ABANDONED:
        return Once(refused(RequestAbandoned()), replayed=True)
    headers = json.loads(claimed.headers)
    return Once(Answer(claimed.status, claimed.body, headers, claimed.subject_id), replayed=True)


def _tell(claimed: _Claim, attempt: Attempt, cause: Cause, now: datetime) -> None:
    record = ids.encode(IdempotencyRecord.ID_PREFIX, claimed.id)
    repeats.tell(Repeat(record, attempt.scope, cause, claimed.subject_id, now))


def _observed(
    refused: Callable[[BankOpsError], Answer], claimed: _Claim, attempt: Attempt, now: datetime
) -> Callable[[BankOpsError], Answer]:
    """Return `refused` for one request, telling who wants to know of refusals and writing what one leaves behind."""
    record = ids.encode(IdempotencyRecord.ID_PREFIX, claimed.id)

    def told(error: BankOpsError) -> Answer:
        repeats.tell_of_refusal(Refusal(record, attempt.scope, error, now))
        aftermath.write_down(error, now=now)
        return refused(error)

    return told


def settle_abandoned(*, now: datetime, older_than: timedelta = ABANDONED_AFTER, limit: int = 500) -> int:
    """Close what was begun before `older_than` and is carried out by nobody; return how many. Nothing was done for them."""
    begun = IdempotencyRecord.objects.filter(state=IdempotencyState.STARTED, started_at__lt=now - older_than)
    with transaction.atomic():
        rows = list(begun.order_by("started_at").select_for_update(skip_locked=True, no_key=True)[:limit])
        IdempotencyRecord.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=IdempotencyState.ABANDONED, status=RequestAbandoned.http_status, finished_at=now
        )
    for row in rows:
        repeats.tell(Repeat(row.public_id, row.scope, Cause.ABANDONED, "", now))
    return len(rows)


def purge(*, now: datetime, older_than: timedelta = KEPT, limit: int = 10_000) -> int:
    """Remove the oldest keys that were begun before `older_than` and are answered; return how many."""
    old = IdempotencyRecord.objects.filter(started_at__lt=now - older_than).exclude(state=IdempotencyState.STARTED)
    oldest = old.order_by("started_at").values("pk")[:limit]
    return IdempotencyRecord.objects.filter(pk__in=oldest).delete()[0]
