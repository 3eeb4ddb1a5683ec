"""One try at a time: do it, look what it left behind, take it back, and judge it against what is listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from django.db import DatabaseError, connection

from bankops.core.errors import BankOpsError
from bankops.matrix import trace
from bankops.matrix.scratch import taken_back


class Expected(Enum):
    """What the listing says about one persona at one door.

    READ: the door opens and nothing changes. ACT: it opens and what it is for is done. REFUSED: neither. IDLE: whoever
    sends the form gets a page, and nothing comes of it.
    """

    READ = "read"
    IDLE = "idle"
    ACT = "act"
    REFUSED = "refused"


class Mark(Enum):
    """What came of a try."""

    ALLOWED = "✓"
    IDLE = "○"
    REFUSED = "–"
    GOT_THROUGH = "✗"
    SHUT_OUT = "!"


@dataclass(frozen=True, slots=True)
class Answer:
    """How a door answered: whether it opened, and in what words (an HTTP status, a refusal's code).

    Attributes:
        broken: it did not answer but fell over, which is neither.

    """

    opened: bool
    words: str
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A judged try; `why` says what came, in words."""

    mark: Mark
    why: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What has to come of a try.

    Attributes:
        words: the exact answer, for instance the code of the refusal; empty when any answer of its kind will do.
        tolerated: tables that may change although it is refused.

    """

    expected: Expected
    words: str = ""
    tolerated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Try:
    """One thing to try.

    Attributes:
        before: what happens first; the try finds the bank as that leaves it.

    """

    do: Callable[[], Answer]
    wanted: Wanted
    before: Callable[[], object] | None = None


class Bench:
    """Tries one thing after the other in a bank that stays as it is."""

    def __init__(self) -> None:
        trace.require_counting()
        self._tables = trace.product_tables()
        self._rows = trace.fingerprint(self._tables)
        self._counter = trace.Counter(self._tables)

    def attempt(self, one: Try) -> Cell:
        """Do it, judge what came of it, and take it back."""
        with taken_back():
            rows = self._prepared(one)
            answer, wrote = self._answer_of(one)
            changed = trace.changed(rows, trace.fingerprint(self._tables)) if wrote else frozenset()
        return judge(answer, changed - one.wanted.tolerated, one.wanted)

    def _prepared(self, one: Try) -> trace.Fingerprint:
        if one.before is None:
            return self._rows
        one.before()
        return trace.fingerprint(self._tables)

    def _answer_of(self, one: Try) -> tuple[Answer, bool]:
        """Return the answer, and whether it wrote anything. The checks that wait for a commit speak too.

        Whatever it raised, nothing may be asked of the database afterwards: `attempt` takes the whole transaction back.
        """
        before = self._counter.written()
        try:
            answer = one.do()
            wrote = self._counter.written() != before
            if wrote:
                _check_deferred()
        except DatabaseError as refused:
            return Answer(opened=False, words=str(refused).partition(":")[0].strip()), False
        return answer, wrote


def judge(answer: Answer, changed: frozenset[str], wanted: Wanted) -> Cell:
    """Compare what came with what was wanted."""
    why = answer.words + (f"; changed {', '.join(sorted(changed))}" if changed else "")
    if answer.broken:
        return Cell(Mark.SHUT_OUT, f"{why}; it fell over")
    other = f"{why} instead of {wanted.words}" if wanted.words not in ("", answer.words) else ""
    if wanted.expected is Expected.REFUSED:
        if answer.opened or changed:
            return Cell(Mark.GOT_THROUGH, why)
        return Cell(Mark.SHUT_OUT, other) if other else Cell(kept(wanted), why)
    return _judge_opening(answer, changed, wanted, other or why)


def _judge_opening(answer: Answer, changed: frozenset[str], wanted: Wanted, why: str) -> Cell:
    """Judge what should have opened: what is only looked at changes nothing, what is done leaves something behind."""
    if not answer.opened:
        return Cell(Mark.SHUT_OUT, why)
    acted, acting = bool(changed), wanted.expected is Expected.ACT
    if acted and (not acting or wanted.words not in ("", answer.words)):
        return Cell(Mark.GOT_THROUGH, why)
    if acting and not acted:
        return Cell(Mark.SHUT_OUT, f"{why}; nothing was done")
    return Cell(kept(wanted), why)


def kept(wanted: Wanted) -> Mark:
    """Return the mark of a try that came to what was wanted."""
    return {Expected.REFUSED: Mark.REFUSED, Expected.IDLE: Mark.IDLE}.get(wanted.expected, Mark.ALLOWED)


def service(call: Callable[[], object]) -> Answer:
    """Call a service, and return whether it refused and with which code."""
    try:
        call()
    except BankOpsError as refusal:
        return Answer(opened=False, words=refusal.code)
    except DatabaseError:
        raise
    except Exception as fault:  # noqa: BLE001  # whatever it is, the other doors are tried too
        return Answer(opened=False, words=f"{type(fault).__name__}: {fault}", broken=True)
    return Answer(opened=True, words="done")


def _check_deferred() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
