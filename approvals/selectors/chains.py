"""The chain of a request, step by step: who decided what, and who is to decide next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from approvals.models import ApprovalRequest, Decision, RequestVersion, State, Verdict
from staff.models import User
from staff.roles import Role


class Progress(StrEnum):
    """How far a step is."""

    DONE = "done"
    STOPPED = "stopped"
    CURRENT = "current"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the chain of a version.

    Attributes:
        quorum: how many different people have to agree.
        decisions: what was decided at it, in order.
        asked: who was asked by rotation or a supervisor and has not decided; at the current stage only.

    """

    number: int
    role: Role
    quorum: int
    one_time_code: bool
    progress: Progress
    decisions: Sequence[Decision]
    asked: Sequence[User] = ()


def steps(request: ApprovalRequest, version: RequestVersion, decisions: Sequence[Decision]) -> list[Step]:
    """Return the chain of a version; `decisions` are those of the request, with their people, in order."""
    of_version = [decision for decision in decisions if decision.version == version.number]
    return [
        _step(request, version, number, stage, [one for one in of_version if one.stage == number])
        for number, stage in enumerate(version.chain["stages"], start=1)
    ]


def asked(request: ApprovalRequest) -> list[User]:
    """Return who has the right to decide a request's present stage by having been asked, by name."""
    return list(User.objects.filter(review_grants__content_object=request).order_by("full_name"))


def needs_code(request: ApprovalRequest) -> bool:
    """Tell whether the present stage asks for a one-time code."""
    chain = request.versions.get(number=request.version).chain
    return bool(chain["stages"][request.stage - 1]["one_time_code"])


def _step(
    request: ApprovalRequest, version: RequestVersion, number: int, stage: dict[str, Any], decisions: list[Decision]
) -> Step:
    progress = _progress(request, version, number, stage["quorum"], decisions)
    return Step(
        number=number,
        role=Role(stage["role"]),
        quorum=stage["quorum"],
        one_time_code=stage["one_time_code"],
        progress=progress,
        decisions=decisions,
        asked=asked(request) if progress is Progress.CURRENT else (),
    )


def _progress(
    request: ApprovalRequest, version: RequestVersion, number: int, quorum: int, decisions: Sequence[Decision]
) -> Progress:
    if any(decision.verdict != Verdict.APPROVE for decision in decisions):
        return Progress.STOPPED
    if len(decisions) >= quorum:
        return Progress.DONE
    is_now = version.number == request.version and number == request.stage and request.state == State.PENDING
    return Progress.CURRENT if is_now else Progress.AHEAD
