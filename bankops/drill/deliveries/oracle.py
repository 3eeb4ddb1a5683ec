"""What came of a drill, found out at the receivers and from what is on record; each is held against the other.

A delivery is an event on its way to an endpoint that was there when it was announced. In the end it has arrived, which its
receiver knows better than we, or it is a dead letter with a reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from bankops.core import ids
from bankops.core.models import OutboxMessage
from bankops.drill.deliveries.bank import Announced, Placed
from bankops.drill.deliveries.plan import GONE, Phase
from bankops.drill.oracle import Finding
from notifications.models import Attempt, Delivery, DeliveryState
from notifications.receiving.recorder import Record

_ON_ITS_WAY = timedelta(
    seconds=30
)  # before an endpoint said that it was gone, an event may not have been fanned out yet
# How much later events may arrive where others fail; more is not "unaffected". Two idle cores showed 0.30 s alone and 0.59 s
# beside them: the same senders have a third more requests to make, which no endpoint can be spared, and half a second is one
# stumble of the machine.
_SLOWER_FACTOR, _SLOWER_SECONDS = 2.0, 0.5

Standing = tuple[str, str]
"""A delivery's state, and why."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Seconds from an event's announcement to its arrival at endpoints that behave, in one stretch of the drill."""

    count: int
    median: float
    p99: float
    most: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found.

    Attributes:
        lost: deliveries that neither arrived nor are dead letters.
        dead: dead letters, by reason.
        delays: by stretch of the drill.
        findings: all that must not be, what is lost included.

    """

    deliveries: int
    arrived: int
    repeats: int
    attempts: Mapping[str, int]
    dead: Mapping[str, int]
    lost: int
    delays: Mapping[str, Delay]
    findings: Sequence[Finding]

    @property
    def holds(self) -> bool:
        return not self.findings


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of a drill.

    Attributes:
        kills, flushes: that there were.

    """

    announced: Sequence[Announced]
    placed: Sequence[Placed]
    records: Sequence[Record]
    phases: Sequence[Phase]
    kills: int
    flushes: int
    standing: Mapping[tuple[str, UUID], Standing] = field(default_factory=dict)

    def expected(self) -> Iterator[tuple[Announced, Placed]]:
        """Yield each event with each endpoint that it was to go to."""
        of_partner: defaultdict[int, list[Placed]] = defaultdict(list)
        for endpoint in self.placed:
            of_partner[endpoint.planned.partner].append(endpoint)
        for event in self.announced:
            yield from ((event, endpoint) for endpoint in of_partner[event.partner] if event.at >= endpoint.added_at)


def judge(evidence: Evidence) -> Judgement:
    """Hold what came to the receivers against what was announced and what the database says."""
    taken = {(record.path, record.event_id) for record in evidence.records if 200 <= record.answered < 300}
    gone = _gone_at(evidence)
    deliveries = [pair for pair in evidence.expected() if not _may_be_missing(*pair, gone, evidence)]
    wrong = [(event, endpoint, _wrong(event, endpoint, evidence, taken)) for event, endpoint in deliveries]
    delays = _delays(evidence)
    lost = [(event, endpoint, code) for event, endpoint, code in wrong if code]
    findings = [
        *(Finding(code, f"{event.event_id} to {endpoint.planned.path}") for event, endpoint, code in lost),
        *_not_what_was_announced(evidence),
        *_out_of_order(evidence, deliveries),
        *_not_drilled(evidence),
        *_held_up(delays),
    ]
    states = Counter(evidence.standing.values())
    return Judgement(
        deliveries=len(deliveries),
        arrived=len(taken),
        repeats=sum(1 for record in evidence.records if 200 <= record.answered < 300) - len(taken),
        attempts=dict(Counter(Attempt.objects.values_list("outcome", flat=True))),
        dead={why: count for (state, why), count in sorted(states.items()) if state == DeliveryState.DEAD},
        lost=len(lost),
        delays=delays,
        findings=findings,
    )


def on_record() -> dict[tuple[str, UUID], Standing]:
    """Return how each delivery stands, by the event's id and the endpoint's key."""
    rows = Delivery.objects.values_list("event_id", "endpoint_id", "state", "why")
    return {
        (ids.encode(OutboxMessage.ID_PREFIX, event), endpoint): (state, why)
        for event, endpoint, state, why in rows.iterator()
    }


def _wrong(event: Announced, endpoint: Placed, evidence: Evidence, taken: set[tuple[str, str]]) -> str:
    """Return what is wrong with a delivery, or nothing; what is not known to be right is wrong."""
    state, why = evidence.standing.get((event.event_id, endpoint.key), ("", ""))
    if not state:
        return "never_fanned_out"
    if state == DeliveryState.DELIVERED:
        return "" if (endpoint.planned.path, event.event_id) in taken else "said_to_have_arrived_and_did_not"
    if state == DeliveryState.DEAD:
        return "" if why and endpoint.planned.failing else "given_up_on_one_that_behaves"
    return "unfinished"


def _gone_at(evidence: Evidence) -> Mapping[str, float]:
    """Return since when endpoints have said that they are gone, in seconds since 1970, by path."""
    gone: dict[str, float] = {}
    for record in evidence.records:
        if record.answered == 410:
            gone[record.path] = min(record.at, gone.get(record.path, record.at))
    return gone


def _may_be_missing(event: Announced, endpoint: Placed, gone: Mapping[str, float], evidence: Evidence) -> bool:
    """Tell whether an event need not have been kept for an endpoint, because that had asked for no more."""
    if endpoint.planned.failing != GONE or (event.event_id, endpoint.key) in evidence.standing:
        return False
    at = gone.get(endpoint.planned.path)
    return at is not None and event.at.timestamp() > at - _ON_ITS_WAY.total_seconds()


def _not_what_was_announced(evidence: Evidence) -> Iterator[Finding]:
    """Yield what came and is not, or is no longer, what was announced: foreign, unsigned or changed between attempts."""
    known = {event.event_id: event.subject for event in evidence.announced}
    said: dict[str, str] = {}
    for record in evidence.records:
        if record.refused:
            yield Finding("not_signed", f"{record.event_id} at {record.path}: {record.refused}")
        elif known.get(record.event_id) != record.subject:
            yield Finding("nobody_announced", f"{record.event_id} at {record.path}")
        elif said.setdefault(record.event_id, record.digest) != record.digest:
            yield Finding("changed_between_attempts", f"{record.event_id} at {record.path}")


def _out_of_order(evidence: Evidence, deliveries: Sequence[tuple[Announced, Placed]]) -> Iterator[Finding]:
    """Yield events whose sequence does not tell their place among those of their record, from 1, without a gap."""
    told = {record.event_id: record.sequence for record in evidence.records if not record.refused}
    of_subject: defaultdict[str, list[Announced]] = defaultdict(list)
    for event in evidence.announced:
        of_subject[event.subject].append(event)
    arrives = {event.event_id for event, endpoint in deliveries if not endpoint.planned.failing}
    for subject, events in of_subject.items():
        for place, event in enumerate(events, start=1):
            if event.event_id in arrives and told.get(event.event_id, place) != place:
                yield Finding("wrong_sequence", f"{event.event_id} of {subject}: {told[event.event_id]}, not {place}")


def _not_drilled(evidence: Evidence) -> Iterator[Finding]:
    """Yield why this was less of a drill than somebody asked for."""
    wanted = (
        ("events", len(evidence.announced), sum(phase.count for phase in evidence.phases)),
        ("kills", evidence.kills, sum(phase.kills for phase in evidence.phases)),
        ("flushes", evidence.flushes, sum(phase.flushes for phase in evidence.phases)),
    )
    yield from (Finding(f"too_few_{what}", f"{was} of {asked}") for what, was, asked in wanted if was < asked)


def _held_up(delays: Mapping[str, Delay]) -> Iterator[Finding]:
    alone, beside = delays.get("alone"), delays.get("beside")
    if alone and beside and beside.p99 > alone.p99 * _SLOWER_FACTOR + _SLOWER_SECONDS:
        yield Finding("held_up_by_others", f"p99 {beside.p99:.2f} s beside failing endpoints, {alone.p99:.2f} s alone")


def _delays(evidence: Evidence) -> Mapping[str, Delay]:
    """Return how long events took to arrive first at endpoints that behave."""
    first: dict[tuple[str, str], float] = {}
    for record in evidence.records:
        if 200 <= record.answered < 300:
            key = record.path, record.event_id
            first[key] = min(record.at, first.get(key, record.at))
    took: defaultdict[str, list[float]] = defaultdict(list)
    for event, endpoint in evidence.expected():
        at = first.get((endpoint.planned.path, event.event_id))
        if at is not None and not endpoint.planned.failing:
            took[event.phase].append(at - event.at.timestamp())
    return {phase: _delay(sorted(seconds)) for phase, seconds in took.items()}


def _delay(seconds: Sequence[float]) -> Delay:
    last = len(seconds) - 1
    return Delay(len(seconds), seconds[last // 2], seconds[round(last * 0.99)], seconds[-1])
