"""Policies in plain words, row by row, and what a change of one alters: what makers, reviewers and auditors read."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.policies.chain import Stage
from approvals.policies.definition import ANY_OPERATION, Definition
from bankops.core import operations
from staff.roles import Role

_HOUR, _DAY = 60, 24 * 60


def rows(definition: Definition | None) -> dict[str, str]:
    """Return `{what: says}` for every operation list, condition, stage and term, in the order people read them."""
    if definition is None:
        return {}
    return {
        _("Operations"): ", ".join(map(operation_name, definition.operations)),
        **dict(_condition_rows(definition)),
        **{
            _("Stage %(number)s") % {"number": number}: stage_sentence(stage)
            for number, stage in enumerate(definition.stages, start=1)
        },
        _("Expires after"): duration(definition.expires_after_minutes),
        _("The same reviewer in a row"): times(definition.pair_limit),
        _("Stand-ins"): _("may act") if definition.stand_ins else _("may not act"),
        **{
            _("Made by: %(role)s") % {"role": role_name(maker)}: _("not reviewed by: %(roles)s")
            % {"roles": ", ".join(map(role_name, reviewers))}
            for maker, reviewers in definition.excluded
        },
    }


def diff(before: Definition | None, after: Definition | None) -> dict[str, tuple[str, str]]:
    """Return the rows that differ, `{what: (before, after)}`; an empty text where there is no such row."""
    old, new = rows(before), rows(after)
    names = [*new, *(name for name in old if name not in new)]
    return {name: (old.get(name, ""), new.get(name, "")) for name in names if old.get(name) != new.get(name)}


def operation_name(key: str) -> str:
    """Return what people call an operation, with its key; the key alone when no app registers it."""
    if key == ANY_OPERATION:
        return _("every operation")
    known = operations.registered().get(key)
    return f"{known.label} ({key})" if known else key


def role_name(role: str) -> str:
    """Return what people call a role."""
    return str(Role(role).label)


def stage_sentence(stage: Stage) -> str:
    """Return what a stage asks, for instance `2 people with the role Final reviewer, each with a one-time code`."""
    words = {"count": stage.quorum, "role": role_name(stage.role), "assigned": stage.assigned}
    who = ngettext("%(count)s person: %(role)s", "%(count)s different people: %(role)s", stage.quorum) % words
    code = _("each with a one-time code") if stage.one_time_code else _("without a one-time code")
    return ", ".join([who, code, _("%(assigned)s assigned") % words])


def duration(minutes: int) -> str:
    """Return a length of time in the largest unit that needs no fraction."""
    if minutes % _DAY == 0:
        return ngettext("%(count)s day", "%(count)s days", minutes // _DAY) % {"count": minutes // _DAY}
    if minutes % _HOUR == 0:
        return ngettext("%(count)s hour", "%(count)s hours", minutes // _HOUR) % {"count": minutes // _HOUR}
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def times(count: int) -> str:
    """Return how often something may happen."""
    return ngettext("at most once", "at most %(count)s times", count) % {"count": count}


def _condition_rows(definition: Definition) -> Iterator[tuple[str, str]]:
    if not definition.blocks:
        yield _("Applies"), _("always")
    for number, block in enumerate(definition.blocks, start=1):
        for line, condition in enumerate(block, start=1):
            name = _("Case %(number)s, condition %(line)s") % {"number": number, "line": line}
            yield name, condition.phrase()
