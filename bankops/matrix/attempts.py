"""What somebody might try who means harm, or is too late: single attempts at the services, each with the refusal it must meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from django.contrib.auth.models import Group

from approvals.models import CodeLock, Verdict
from approvals.services import AT_ONCE_MAX, Seen, amend_request, decide, decide_many, reassign_request
from bankops.core import clock, ids
from bankops.matrix import people
from bankops.matrix.deciding import take
from bankops.matrix.people import REASON
from bankops.matrix.report import Plan
from bankops.matrix.stage import Stage
from bankops.matrix.trace import CODES
from bankops.matrix.tries import Expected, Try, Wanted, service
from staff.models import User
from staff.roles import Role
from staff.services.second_factor import verify_code

SECTION = "Attempts"

Act = Callable[[Stage], object]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt.

    Attributes:
        code: of the refusal.
        before: what happens first, between page and click; it is part of the bank as the attempt finds it.

    """

    words: str
    code: str
    do: Act
    before: Act = lambda _stage: None


def plans(stage: Stage) -> Iterator[Plan]:
    """Yield every attempt."""
    for one in ATTEMPTS:
        wanted = Wanted(Expected.REFUSED, one.code, CODES)
        do = partial(service, partial(one.do, stage))
        yield Plan(SECTION, one.words, "", {"": Try(do, wanted, partial(one.before, stage))})


# -- Codes -----------------------------------------------------------------------------------------------------------


def _without_code(stage: Stage) -> None:
    request = stage.requests["pending"]
    seen = Seen(request.pk, request.sight)
    decide(seen=seen, verdict=Verdict.APPROVE, reviewer=_reviewer(stage), code=" ", comment="", now=clock.now())


def _with_code(code: Callable[[Stage], str]) -> Act:
    return lambda stage: take(stage.requests["pending"], _reviewer(stage), code=code(stage))


def _sign_in(stage: Stage) -> None:
    reviewer, now = _reviewer(stage), clock.now()
    verify_code(user=reviewer, code=people.code_of(reviewer, now=now), now=now)


def _code_of_another_request(stage: Stage) -> None:
    """Approve one request, and try its code on another one."""
    take(stage.requests["pending"], _reviewer(stage), code=people.used_code_of(_reviewer(stage)))


def _lock(stage: Stage) -> None:
    CodeLock.objects.create(user=_reviewer(stage), failure_count=5, locked_at=clock.now())


# -- Too late --------------------------------------------------------------------------------------------------------


def _approve(request: str, who: str) -> Act:
    return lambda stage: take(stage.requests[request], User.objects.get(pk=stage.staff[who].pk))


def revoke_first_review(stage: Stage) -> None:
    _reviewer(stage).groups.remove(Group.objects.get(name=Role.FIRST_REVIEWER.value))


def _grant_final_review(stage: Stage) -> None:
    _reviewer(stage).groups.add(Group.objects.get(name=Role.FINAL_REVIEWER.value))


def disable_first_reviewer(stage: Stage) -> None:
    reviewer = _reviewer(stage)
    reviewer.is_active = False
    reviewer.save(update_fields=["is_active"])


def _forged(stage: Stage) -> None:
    take(stage.requests["pending"], _reviewer(stage), sight=b"\0" * 32)


# -- Others' business ------------------------------------------------------------------------------------------------


def _reassign(request: str, to: str, *, supervisor: str = "administrator") -> Act:
    def reassign(stage: Stage) -> None:
        reassign_request(
            request_id=stage.requests[request].pk,
            to=stage.staff[to],
            instead_of=None,
            supervisor=stage.staff[supervisor],
            reason=REASON,
            now=clock.now(),
        )

    return reassign


def _amend_pending(stage: Stage) -> None:
    amend_request(
        request_id=stage.requests["pending"].pk,
        maker=stage.staff["teller"],
        payload=stage.payload(70_000),
        reason=REASON,
        now=clock.now(),
    )


def _again(stage: Stage) -> None:
    """Ask for exactly what is waiting already."""
    stage.submit("operator", "transactions.transfer", stage.requests["pending"].versions.get().payload, clock.now())


def _together(count: int) -> Act:
    def together(stage: Stage) -> None:
        listed = [Seen(ids.uuid7(), b"\0" * 32) for _place in range(count)]
        decide_many(seen=listed, verdict=Verdict.APPROVE, reviewer=_reviewer(stage), code="000000", now=clock.now())

    return together


def _reviewer(stage: Stage) -> User:
    """Return the first reviewer, who was asked to decide `pending`, as they are now."""
    return User.objects.get(pk=stage.staff["first_reviewer"].pk)


ATTEMPTS: tuple[Attempt, ...] = (
    Attempt("approve without a code", "code_required", _without_code),
    Attempt("approve with a wrong code", "code_refused", _with_code(lambda _stage: "000000")),
    Attempt(
        "approve with a code that opened a session",
        "code_already_used",
        _with_code(lambda stage: people.used_code_of(_reviewer(stage))),
        _sign_in,
    ),
    Attempt(
        "approve with another person's code",
        "code_refused",
        _with_code(lambda stage: people.code_of(stage.staff["final_reviewer_3"], now=clock.now())),
    ),
    Attempt(
        "approve with the code of another request",
        "code_already_used",
        _code_of_another_request,
        _approve("own", "first_reviewer"),
    ),
    Attempt("approve after five wrong codes", "deciding_locked", _approve("pending", "first_reviewer"), _lock),
    Attempt(
        "approve after the role was revoked", "wrong_role", _approve("pending", "first_reviewer"), revoke_first_review
    ),
    Attempt(
        "approve after being disabled",
        "reviewer_disabled",
        _approve("pending", "first_reviewer"),
        disable_first_reviewer,
    ),
    Attempt("approve what was changed since it was read", "request_changed", _forged),
    Attempt("approve without being asked", "not_assigned", _approve("pending", "first_reviewer_2")),
    Attempt("approve the second stage before the first", "wrong_role", _approve("pending", "final_reviewer")),
    Attempt(
        "approve both stages under two roles",
        "decided_already",
        _approve("second_stage", "first_reviewer"),
        _grant_final_review,
    ),
    Attempt(
        "approve twice",
        "decided_already",
        _approve("pending", "first_reviewer"),
        _approve("pending", "first_reviewer"),
    ),
    Attempt("assign a request to its maker", "own_request", _reassign("own", "two_roles")),
    Attempt("assign to somebody of another role", "wrong_role", _reassign("pending", "finance")),
    Attempt("assign to who decided before", "decided_already", _reassign("second_stage", "first_reviewer")),
    Attempt("assign to a colleague of the maker's desk", "role_excluded", _reassign("pending", "two_roles")),
    Attempt(
        "assign one's own request", "cannot_reassign_own", _reassign("pending", "first_reviewer_2", supervisor="teller")
    ),
    Attempt("assign what has expired", "request_expired", _reassign("expired", "first_reviewer_2")),
    Attempt("change what reviewers are deciding", "request_not_amendable", _amend_pending),
    Attempt("ask for the same while it waits", "identical_request_open", _again),
    Attempt("decide nothing at once", "nothing_chosen", _together(0)),
    Attempt("decide too many at once", "too_many_at_once", _together(AT_ONCE_MAX + 1)),
)
