"""What an application's page shows: the funnel as steps, each round with its checks and their history, the documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString

from accounts.admin.documents import listed
from accounts.kyc import reasons
from accounts.kyc.findings import CheckKind, CheckState
from accounts.kyc.funnel import STEPS, Stage
from accounts.models import Application, ApplicationRound, Check, CheckEvent, RejectionReason
from accounts.services import funnel
from bankops.core.admin.display import Tone, badge

_TONES = {
    CheckState.PENDING: Tone.WARNING,
    CheckState.PASSED: Tone.GOOD,
    CheckState.FAILED: Tone.BAD,
    CheckState.MANUAL: Tone.WARNING,
}


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A step of the funnel: `done`, `current`, `stopped` or `ahead`."""

    number: int
    label: str | Promise
    progress: str


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """A check with what it says and everything that happened to it, newest first."""

    check: Check
    standing: SafeString
    says: list[str]
    history: list[tuple[CheckEvent, list[str]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ShownRound:
    """A round with its checks, and why it was rejected."""

    round: ApplicationRound
    checks: list[ShownCheck]
    reasons: list[str]


def page_of(application: Application) -> dict[str, Any]:
    """Return what the template shows, in a constant number of queries."""
    rounds = _rounds(application)
    return {
        "application": application,
        "customer": application.customer,
        "steps": steps_of(application),
        "present": rounds[0],
        "earlier": rounds[1:],
        "documents": listed(application.customer.documents.all()),
        "missing": [kind.label for kind in funnel.missing_documents(application)] if application.is_open else [],
        "wishes": list(application.requested_accounts.select_related("product", "account").order_by("id")),
        "rated": funnel.rated(application),
    }


def steps_of(application: Application) -> list[FunnelStep]:
    """Return the funnel's steps as far as the application has come."""
    stage = Stage(application.stage)
    if stage == Stage.APPROVED:
        return [FunnelStep(number, step.label, "done") for number, step in enumerate(STEPS, start=1)]
    if stage not in STEPS:
        return [FunnelStep(1, stage.label, "stopped")]
    here = STEPS.index(stage)
    progress = ["done"] * here + ["current"] + ["ahead"] * (len(STEPS) - here - 1)
    return [FunnelStep(number, *pair) for number, pair in enumerate(zip(_labels(), progress, strict=True), start=1)]


def state_badge(check: Check) -> SafeString:
    """Return what a check says, in a word and a colour; an override is said beside it."""
    state = CheckState(check.state)
    return badge(state.label, _TONES[state])


def _labels() -> Iterable[str | Promise]:
    return [step.label for step in STEPS]


def _rounds(application: Application) -> list[ShownRound]:
    events: dict[int, list[CheckEvent]] = {}
    for event in CheckEvent.objects.filter(check_row__application=application).order_by("-id"):
        events.setdefault(event.check_row_id, []).append(event)
    checks = list(application.checks.all())
    order = list(CheckKind)
    checks.sort(key=lambda check: order.index(CheckKind(check.kind)))
    return [
        ShownRound(
            one,
            [_shown(check, events.get(check.pk, [])) for check in checks if check.round == one.number],
            [str(RejectionReason(code).label) for code in one.reasons],
        )
        for one in application.rounds.order_by("-number")
    ]


def _shown(check: Check, events: list[CheckEvent]) -> ShownCheck:
    return ShownCheck(
        check, state_badge(check), _said(check.reasons), [(event, _said(event.reasons)) for event in events]
    )


def _said(codes: Iterable[str]) -> list[str]:
    return [reasons.label_of(code) for code in codes]
