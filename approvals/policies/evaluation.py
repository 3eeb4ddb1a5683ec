"""What the bank's active policies together ask of one submission."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from approvals.errors import PolicyUnreadable
from approvals.policies.bands import Band, Bands
from approvals.policies.chain import Chain, fallback, strictest
from approvals.policies.conditions import why_fired
from approvals.policies.definition import Definition, parse_cached
from approvals.policies.facts import PolicyFacts
from bankops.core import operations

REASONS_MAX = 5
"""So many sentences of one policy are shown of something with many parts; the facts themselves come first."""


@dataclass(frozen=True)
class ActivePolicy:
    """A policy that counts now: its name, its version, its id (`pol_…`) and the document as it is stored."""

    name: str
    version: int
    public_id: str
    document: Mapping[str, Any]

    @cached_property
    def definition(self) -> Definition:
        """What the document says; read once.

        :raises PolicyUnreadable: each time, when it cannot be read.
        """
        return parse_cached(self.document)


@dataclass(frozen=True, slots=True)
class Fired:
    """A policy that asks for consent, and why: one sentence for each of its blocks that is met.

    Attributes:
        version: 0 for what no policy says: the bank's strict default.
        public_id: `pol_…`, or empty likewise.

    """

    policy_name: str
    version: int
    reasons: tuple[str, ...]
    public_id: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return JSON primitives."""
        return {
            "policy_name": self.policy_name,
            "version": self.version,
            "reasons": list(self.reasons),
            "public_id": self.public_id,
        }


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An active policy that cannot be read, and what is wrong with it."""

    policy: ActivePolicy
    problem: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is asked for.

    Attributes:
        required: somebody else has to agree.
        chain: who, and how; None when nobody has to.
        fired: which policies ask for it; never empty when `required`.
        covered: some readable policy is about this operation, whether it fired or not.
        unreadable: active policies that cannot be read: each asks for the strict default, and raises an alert.

    """

    required: bool
    chain: Chain | None
    fired: tuple[Fired, ...]
    covered: bool
    unreadable: tuple[Unreadable, ...] = ()


_Asked = tuple[Fired, Chain]
_Readable = tuple[ActivePolicy, Definition]


def evaluate(policies: Sequence[ActivePolicy], facts: PolicyFacts) -> Verdict:
    """Combine what every active policy asks of a submission into the strictest chain.

    Consent is required when a policy fires, when none covers the operation, when one cannot be read, and always for
    what two people must always agree to. It is not required only when a readable policy covers the operation and none fires.
    """
    return _evaluate(*_read(policies), facts)


def evaluate_all(policies: Sequence[ActivePolicy], many: Iterable[PolicyFacts]) -> Verdict:
    """Return what they ask of the parts of one submission together: what `combined` makes of `evaluate` for each of them.

    Of many parts that the policies cannot tell apart but in words, only so many are asked about as sentences are shown.

    :param many: in the order in which they are told; equal amounts of them are worth the same.
    """
    readable, unreadable = _read(policies)
    bands = Bands(definition for _policy, definition in readable)
    verdicts, alike, silent = list[Verdict](), dict[Band, set[PolicyFacts]](), set[Band]()
    for facts in many:
        band = bands.of(facts)
        asked = alike.setdefault(band, set())
        if band in silent or len(asked) == REASONS_MAX or facts in asked:
            continue
        asked.add(facts)
        verdicts.append(_evaluate(readable, unreadable, facts))
        if not verdicts[-1].fired:
            silent.add(band)
    return combined(verdicts)


def _read(policies: Iterable[ActivePolicy]) -> tuple[list[_Readable], list[Unreadable]]:
    readable: list[_Readable] = []
    unreadable: list[Unreadable] = []
    for policy in policies:
        try:
            readable.append((policy, policy.definition))
        except PolicyUnreadable as error:
            unreadable.append(Unreadable(policy, f"{error.context['path']}: {error.context['problem']}"))
    return readable, unreadable


def _evaluate(readable: Iterable[_Readable], unreadable: Sequence[Unreadable], facts: PolicyFacts) -> Verdict:
    asked: list[_Asked] = []
    covered = False
    for policy, definition in readable:
        if definition.covers(facts.operation):
            covered = True
            if reasons := why_fired(definition.blocks, facts):
                asked.append((_fired(policy, *reasons), definition.chain_for(facts.maker_roles)))
    asked += _defaults(facts, asked, unreadable, covered=covered)
    chain = strictest([chain for _fired_policy, chain in asked]) if asked else None
    return Verdict(
        required=bool(asked),
        chain=chain,
        fired=tuple(fired for fired, _chain in asked),
        covered=covered,
        unreadable=tuple(unreadable),
    )


def combined(verdicts: Sequence[Verdict]) -> Verdict:
    """Return what several verdicts ask together: what any of them asks, of the strictest chain; a few reasons of each policy."""
    chains = list(dict.fromkeys(verdict.chain for verdict in verdicts if verdict.chain))
    unreadable = {one.policy.public_id: one for verdict in verdicts for one in verdict.unreadable}
    return Verdict(
        required=any(verdict.required for verdict in verdicts),
        chain=strictest(chains) if chains else None,
        fired=tuple(_each_once(one for verdict in verdicts for one in verdict.fired)),
        covered=all(verdict.covered for verdict in verdicts),
        unreadable=tuple(unreadable.values()),
    )


def _each_once(fired: Iterable[Fired]) -> Iterator[Fired]:
    """Yield every policy once, with the first reasons that it has among many parts."""
    reasons = dict[Fired, dict[str, None]]()
    for one in fired:
        reasons.setdefault(replace(one, reasons=()), {}).update(dict.fromkeys(one.reasons))
    for policy, why in reasons.items():
        yield replace(policy, reasons=tuple(why)[:REASONS_MAX])


def _defaults(
    facts: PolicyFacts, asked: Sequence[_Asked], unreadable: Sequence[Unreadable], *, covered: bool
) -> list[_Asked]:
    """Return what the strict default asks beside the policies, each time with the reason for it."""
    must_be_two = _always_two(facts.operation)
    if covered and not unreadable and not must_be_two:
        return []
    default = fallback(facts.maker_roles)
    added = [
        (_fired(fault.policy, _("the policy cannot be read (%(problem)s)") % {"problem": fault.problem}), default)
        for fault in unreadable
    ]
    if not covered and not added:
        added.append((_no_policy(_("no policy covers this operation")), default))
    if must_be_two and not added and not _is_met(default, asked):
        added.append((_no_policy(_("two people must always agree to this operation")), default))
    return added


def _always_two(operation: str) -> bool:
    try:
        return operations.get(operation).always_two
    except operations.UnknownOperation:
        return False


def _is_met(default: Chain, asked: Sequence[_Asked]) -> bool:
    return bool(asked) and strictest([chain for _fired, chain in asked]).at_least_as_strict_as(default)


def _fired(policy: ActivePolicy, *reasons: str) -> Fired:
    return Fired(policy.name, policy.version, reasons, policy.public_id)


def _no_policy(reason: str) -> Fired:
    return Fired(_("The bank's strict default"), 0, (reason,))
