"""What a change of policy asks less of than before: the sentences that nobody must miss who agrees to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from approvals.policies.chain import FALLBACK, Stage
from approvals.policies.conditions import AmountCondition, Block, Condition
from approvals.policies.definition import ANY_OPERATION, Definition
from approvals.policies.wording import duration, operation_name, role_name, times
from bankops.core import operations


def warnings(
    before: Definition | None, after: Definition | None, others: Sequence[Definition], base_currency: str
) -> list[str]:
    """Return the sentences; none where the change asks for the same or more.

    :param before: what the policy says now; None when it begins to count.
    :param after: what it will say; None when it is retired.
    :param others: what the bank's other active policies say.
    """
    if after is None:
        return [
            _("Operations that no other policy covers will always need the bank's strict default: two reviewers."),
            _("Operations that another policy covers will need consent only where that one asks for it."),
        ]
    known = [*others, before] if before else list(others)
    laxer = [*_fewer_people(before, after), *_narrower(before, after), *_laxer_terms(before, after)] if before else []
    return [*_first_to_cover(after, known), *laxer, *_not_comparable(after, base_currency)]


def _first_to_cover(after: Definition, known: Sequence[Definition]) -> Iterator[str]:
    """Say what was under the strict default, because no policy covered it, and will be under something laxer."""
    if not after.blocks and after.chain_for(frozenset()).at_least_as_strict_as(FALLBACK):
        return
    every = after.operations if ANY_OPERATION not in after.operations else operations.registered()
    protected = operations.always_two_people()
    first = [key for key in every if key not in protected and not any(definition.covers(key) for definition in known)]
    if first:
        yield _("Until now this always needed two reviewers, because no policy covered it: %(operations)s.") % {
            "operations": ", ".join(map(operation_name, first))
        }


def _fewer_people(before: Definition, after: Definition) -> Iterator[str]:
    people = [sum(stage.quorum for stage in definition.stages) for definition in (before, after)]
    if people[1] < people[0]:
        yield _("Fewer people have to agree than before: %(after)s instead of %(before)s.") % {
            "before": people[0],
            "after": people[1],
        }
    if _codes(after.stages) < _codes(before.stages):
        yield _("Fewer stages ask for a one-time code than before.")
    if dropped := [key for key in before.operations if not after.covers(key)]:
        yield _("The policy no longer covers: %(operations)s.") % {
            "operations": ", ".join(map(operation_name, dropped))
        }


def _narrower(before: Definition, after: Definition) -> Iterator[str]:
    """Name the cases that asked for consent and may no longer do so: a limit raised, a condition added, a case removed."""
    if not after.blocks:
        return
    if not before.blocks:
        yield _("The policy applied always; now it applies under conditions only.")
    for block in before.blocks:
        if not any(_includes(wide, block) for wide in after.blocks):
            yield _("What asked for consent until now may no longer do so: %(case)s.") % {
                "case": _(" and ").join(condition.phrase() for condition in block)
            }


def _laxer_terms(before: Definition, after: Definition) -> Iterator[str]:
    if after.expires_after_minutes > before.expires_after_minutes:
        yield _("Requests stay open for longer: %(after)s instead of %(before)s.") % {
            "before": duration(before.expires_after_minutes),
            "after": duration(after.expires_after_minutes),
        }
    if after.pair_limit > before.pair_limit:
        yield _("The same reviewer may approve the same maker's requests more often in a row: %(after)s.") % {
            "after": times(after.pair_limit)
        }
    if after.stand_ins and not before.stand_ins:
        yield _("Somebody may now act for an assigned reviewer.")
    if freed := _no_longer_excluded(before, after):
        yield _("More people may review than before: %(roles)s.") % {"roles": ", ".join(freed)}


def _no_longer_excluded(before: Definition, after: Definition) -> list[str]:
    kept = {(maker, reviewer) for maker, reviewers in after.excluded for reviewer in reviewers}
    dropped = [
        (maker, reviewer)
        for maker, reviewers in before.excluded
        for reviewer in reviewers
        if (maker, reviewer) not in kept
    ]
    return [
        _("%(reviewer)s for what is made by %(maker)s") % {"reviewer": role_name(reviewer), "maker": role_name(maker)}
        for maker, reviewer in dropped
    ]


def _includes(wide: Block, narrow: Block) -> bool:
    """Tell whether everything that meets `narrow` is sure to meet `wide`."""
    return all(any(_follows(condition, given) for given in narrow) for condition in wide)


def _follows(condition: Condition, given: Condition) -> bool:
    if not (isinstance(condition, AmountCondition) and isinstance(given, AmountCondition)):
        return condition == given
    if (condition.operator, condition.limit.currency) != (given.operator, given.limit.currency):
        return False
    from_below = condition.operator in ("at_least", "more_than")
    wide, narrow = condition.limit.minor, given.limit.minor
    return wide <= narrow if from_below else wide >= narrow


def _codes(stages: Iterable[Stage]) -> int:
    return sum(stage.one_time_code for stage in stages)


def _not_comparable(definition: Definition, base_currency: str) -> Iterator[str]:
    conditions = [condition for block in definition.blocks for condition in block]
    limits = [condition.limit for condition in conditions if isinstance(condition, AmountCondition)]
    for currency in sorted({limit.currency for limit in limits} - {base_currency}):
        yield _(
            "A limit in %(currency)s is compared with amounts in %(currency)s only. Any other amount counts as meeting "
            "it, unless another condition of the same case names the currency."
        ) % {"currency": currency}
