"""Keep what was said of a movement, in the transaction of the movement, and raise the alert where somebody must look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bankops.core.db import transaction_required
from bankops.core.together import write
from risk.assessment.answer import FAILED, Assessment, Reason
from risk.facts import Facts, Party
from risk.models import AlertKind, RuleHit
from risk.models import Assessment as Kept
from risk.outcomes import Outcome
from risk.services import alerts
from staff.models import Branch

_UNNAMED: Final = {"payer": "(name of the payer)", "payee": "(name of the payee)"}
"""What stands for a name that a list holds."""
MOVEMENT = "movement"
"""What the dedupe key of a movement's alert begins with."""


@transaction_required
def keep(*, assessment: Assessment, reference: str, made_by: str = "", branch: Branch | None = None) -> None:
    """Write an assessment and its hits; raise an alert unless nothing speaks against the movement.

    Inside `together.written_together` the rows cost no round trip.

    :param reference: of the transaction that the movement became.
    :param made_by: who ordered it (`usr_…`), who must not be the one that looks at it.
    """
    write([_row(assessment, reference)])
    if hits := list(_hits(assessment)):
        write(hits)
    if assessment.outcome != Outcome.APPROVE:
        _raise(assessment, _about(assessment, reference, made_by), branch)


@transaction_required
def keep_again(
    *,
    assessment: Assessment,
    reference: str,
    now: datetime,
    made_by: str = "",
    branch: Branch | None = None,
    is_told: bool = True,
) -> None:
    """Write a later answer about a movement on record, which the caller has locked, beside those before it.

    Of its hits those are written that are of rules which had not hit the movement before. Raises the alert unless nothing
    speaks against the movement, or adds to the open one.

    :param now: when the alert is raised.
    :param made_by: as for `keep`.
    :param is_told: whether to raise the alert; not where people have looked at what there was and let it go.
    """
    earlier = list(Kept.objects.filter(movement=assessment.facts.movement))
    number = max((one.number for one in earlier), default=0) + 1
    write([_row(assessment, reference, number)])
    if hits := list(_not_among(earlier, _hits(assessment))):
        write(hits)
    if is_told and assessment.outcome != Outcome.APPROVE:
        _raise(replace(assessment, assessed_at=now), _about(assessment, reference, made_by), branch)


def without_names(facts: Facts) -> Facts:
    """Return facts without what names a person: they are kept for years, and in clear, for back-tests to read.

    Where a list holds a name, a word of ours stands for it, in the list and with its party: a back-test finds it there again.
    """
    names = {word: getattr(facts, side).name for side, word in _UNNAMED.items()}
    listed = frozenset[str]().union(*facts.lists.values())
    return replace(
        facts,
        payer=_nameless(facts.payer, _UNNAMED["payer"], listed),
        payee=_nameless(facts.payee, _UNNAMED["payee"], listed),
        lists={name: _without(texts, names) for name, texts in facts.lists.items()},
    )


def dedupe_key(movement: str) -> str:
    """Return the key under which there is one open alert about a movement."""
    return f"{MOVEMENT}:{movement}"


def _nameless(party: Party, word: str, listed: frozenset[str]) -> Party:
    return replace(party, name=word if party.name in listed else None) if party.name else party


def _without(texts: frozenset[str], names: Mapping[str, str | None]) -> frozenset[str]:
    """Return texts of a list with the word of each party in the place of its name."""
    words = {word for word, name in names.items() if name in texts}
    return (texts - frozenset(filter(None, names.values()))) | words


def _row(assessment: Assessment, reference: str, number: int = 1) -> Kept:
    facts = assessment.facts
    return Kept(
        id=assessment.id,
        movement=facts.movement,
        number=number,
        reference=reference,
        customer=facts.customer or "",
        outcome=assessment.outcome.value,
        score=assessment.score,
        band=assessment.band.value,
        failure=assessment.failure,
        ruleset=assessment.ruleset,
        reasons=_told(assessment.reasons),
        shadow=_told(assessment.shadow),
        snoozed=_told(assessment.snoozed),
        facts=without_names(facts).as_json(),
        assessed_at=assessment.assessed_at,
        milliseconds=assessment.milliseconds,
    )


def _told(reasons: Sequence[Reason]) -> list[dict[str, object]]:
    return [reason.as_json() for reason in reasons]


def _hits(assessment: Assessment) -> Iterator[RuleHit]:
    of = {
        RuleHit.How.LIVE: assessment.reasons,
        RuleHit.How.SHADOW: assessment.shadow,
        RuleHit.How.SNOOZED: assessment.snoozed,
    }
    for how, reasons in of.items():
        for reason in reasons:
            if reason.version and reason.code != FAILED:
                yield RuleHit(
                    assessment_id=assessment.id,
                    version=reason.version,
                    rule=reason.rule,
                    how=how.value,
                    hit_at=assessment.assessed_at,
                )


def _not_among(earlier: Sequence[Kept], hits: Iterable[RuleHit]) -> Iterator[RuleHit]:
    """Yield the hits that no earlier answer had: of the same version, unless snoozed then, or of its rule in the same way."""
    parts = {RuleHit.How.LIVE: "reasons", RuleHit.How.SHADOW: "shadow", RuleHit.How.SNOOZED: "snoozed"}
    kept = [(how, reason) for how, part in parts.items() for one in earlier for reason in getattr(one, part)]
    told = [(how, reason) for how, reason in kept if reason["code"] != FAILED]
    versions = {reason.get("version") for how, reason in told if how != RuleHit.How.SNOOZED}
    ways = {(how.value, reason.get("rule")) for how, reason in told}
    for hit in hits:
        if str(hit.version) not in versions and (hit.how, hit.rule) not in ways:
            yield hit


@transaction_required
def raise_unmoved(
    *, assessment: Assessment, dedupe_key: str, now: datetime, made_by: str = "", branch: Branch | None = None
) -> None:
    """Raise the alert about a movement that was stopped and left no transaction behind, to be tried again by who ordered it.

    :param dedupe_key: the same for the same wish, so that trying again raises no second alert.
    :param made_by: as for `keep`.
    """
    about = replace(_about(assessment, made_by=made_by), dedupe_key=dedupe_key, movement_id="")
    _raise(replace(assessment, assessed_at=now), about, branch)


def _about(assessment: Assessment, reference: str = "", made_by: str = "") -> alerts.AlertAbout:
    facts = assessment.facts
    sides = (facts.payer, facts.payee)
    return alerts.AlertAbout(
        dedupe_key=dedupe_key(facts.movement),
        customers=tuple(party.customer for party in sides if party.customer),
        accounts=tuple(party.account for party in sides if party.account and party.ours),
        movement_id=facts.movement,
        movement_reference=reference,
        amount=facts.amount,
        stopped=assessment.stops,
        made_by=(made_by,) if made_by else (),
    )


def _raise(assessment: Assessment, about: alerts.AlertAbout, branch: Branch | None = None) -> None:
    alerts.raise_alert(
        kind=AlertKind.TRANSACTION,
        score=assessment.score,
        about=about,
        reasons=list(_for_alert(assessment.reasons)),
        now=assessment.assessed_at,
        branch=branch,
        assessment_id=assessment.id if about.movement_id else None,
    )


def _for_alert(reasons: Iterable[Reason]) -> Iterator[alerts.Reason]:
    """Yield the reasons as an alert has them: those of one code as one, with all their rules and what they weigh together."""
    alike = defaultdict[str, list[Reason]](list)
    for reason in reasons:
        alike[reason.code].append(reason)
    for code, same in alike.items():
        first = same[0]
        yield alerts.Reason(
            code=code,
            text=first.rule or first.about or code,
            weight=sum(one.weight for one in same),
            values={"rule": first.rule, "rules": [one.rule for one in same if one.rule], "about": first.about},
        )
