"""Decisions at the service, as a door would ask for them that checks nothing: every persona, in every relation to a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from approvals.models import ApprovalRequest, Verdict
from approvals.services import Seen, amend_request, decide, withdraw_request
from bankops.core import clock
from bankops.matrix import people
from bankops.matrix.people import PERSONAS, REASON, Persona
from bankops.matrix.report import Plan
from bankops.matrix.stage import Stage, user_of
from bankops.matrix.tries import Answer, Expected, Try, Wanted, service
from staff.models import User

SECTION = "Decisions, at the service"

# Who is nobody's reviewer any more, or may not review what a colleague of the same desk made.
_ALWAYS = {"disabled": "reviewer_disabled"}
_SAME_DESK = {"two_roles": "role_excluded"}
_UNDECIDABLE = {"expired": "request_expired", "returned": "request_not_pending", "rejected": "request_not_pending"}


@dataclass(frozen=True, slots=True)
class Relation:
    """One request, with whom it lets decide, and the code of the refusal for those with a reason of their own."""

    request: str
    words: str
    decide: frozenset[str] = frozenset()
    codes: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = "wrong_role"

    def wanted(self, persona: Persona) -> Wanted:
        if persona.key in self.decide:
            return Wanted(Expected.ACT)
        return Wanted(Expected.REFUSED, self.codes.get(persona.key, self.otherwise))


_ASKED = frozenset({"first_reviewer", "stand_in"})
RELATIONS: tuple[Relation, ...] = (
    Relation("pending", "made by the teller", _ASKED, _ALWAYS | _SAME_DESK | {"teller": "own_request"}),
    Relation("own", "made by the teller and first reviewer", _ASKED, _ALWAYS | {"two_roles": "own_request"}),
    Relation(
        "second_stage",
        "approved by the first reviewer",
        frozenset({"final_reviewer"}),
        _ALWAYS | {"teller": "own_request", "first_reviewer": "decided_already"},
    ),
    *(Relation(name, name, otherwise=code) for name, code in _UNDECIDABLE.items()),
)


def plans(stage: Stage) -> Iterator[Plan]:
    """Yield every verdict on every request, then what only its maker may do."""
    for relation in RELATIONS:
        request = stage.requests[relation.request]
        for verdict in Verdict if relation.decide else (Verdict.APPROVE,):
            words = f"{verdict.label}: {relation.words}"
            yield _plan(stage, words, partial(take, request, verdict=verdict), relation.wanted)
    withdraw, amend = partial(_withdraw, stage.requests["pending"]), partial(_amend, stage, stage.requests["returned"])
    yield _plan(stage, "withdraw: made by the teller", withdraw, _only_the_maker)
    yield _plan(stage, "amend and submit again: made by the teller", amend, _only_the_maker)


def take(
    request: ApprovalRequest,
    reviewer: User,
    *,
    verdict: Verdict = Verdict.APPROVE,
    code: str = "",
    sight: bytes = b"",
) -> None:
    """Decide as somebody who has read the request and holds the phone, unless `code` or `sight` say otherwise."""
    now = clock.now()
    decide(
        seen=Seen(request.pk, sight or request.sight),
        verdict=verdict,
        reviewer=reviewer,
        code=code or people.code_of(reviewer, now=now),
        comment=REASON,
        now=now,
    )


def _plan(stage: Stage, words: str, act: Callable[[User], object], wanted: Callable[[Persona], Wanted]) -> Plan:
    tries = {
        persona.key: Try(partial(_as, stage, persona, act), wanted(persona)) for persona in PERSONAS if persona.number
    }
    return Plan(SECTION, words, _names(wanted), tries)


def _as(stage: Stage, persona: Persona, act: Callable[[User], object]) -> Answer:
    user = user_of(stage, persona)
    assert user is not None
    return service(lambda: act(user))


def _names(wanted: Callable[[Persona], Wanted]) -> str:
    people_in = [str(persona.label) for persona in PERSONAS if wanted(persona).expected is Expected.ACT]
    return ", ".join(people_in) or "nobody"


def _only_the_maker(persona: Persona) -> Wanted:
    return Wanted(Expected.ACT) if persona.key == "teller" else Wanted(Expected.REFUSED, "not_the_maker")


def _withdraw(request: ApprovalRequest, user: User) -> object:
    return withdraw_request(request_id=request.pk, maker=user, now=clock.now())


def _amend(stage: Stage, request: ApprovalRequest, user: User) -> object:
    payload = stage.payload(70_000)
    return amend_request(request_id=request.pk, maker=user, payload=payload, reason=REASON, now=clock.now())
