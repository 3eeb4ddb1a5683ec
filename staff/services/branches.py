"""Open, rename and close branches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from bankops.core import audit
from bankops.core.actor import Actor
from bankops.core.texts import require_reason
from staff import events, locks
from staff.errors import BranchClosed, BranchCodeTaken, BranchInUse
from staff.models import Branch


@transaction.atomic
def open_branch(
    *, code: str, name: str, city: str = "", region: str = "", actor: Actor, reason: str, now: datetime
) -> Branch:
    """Open a branch and return it. Writes `staff.branch.opened`.

    :raises BranchCodeTaken: when a branch, open or closed, has the code.
    """
    reason = require_reason(reason)
    code = code.strip()
    if Branch.objects.filter(code=code).exists():
        raise BranchCodeTaken(branch_code=code)
    branch = Branch(code=code, name=name.strip(), city=city.strip(), region=region.strip(), created_at=now)
    branch._change_reason = reason[:100]  # type: ignore[attr-defined]
    branch.save()
    audit.record(events.BRANCH_OPENED, actor=actor, subject=events.about_branch(branch), now=now, reason=reason)
    return branch


@transaction.atomic
def rename_branch(*, branch: Branch, name: str, actor: Actor, reason: str, now: datetime) -> Branch:
    """Give a branch another name; its code stays. Writes `staff.branch.renamed`."""
    reason = require_reason(reason)
    branch = locks.lock_branch(branch)
    changes = {"name": (branch.name, name.strip())}
    branch.name = name.strip()
    return _save(branch, "name", events.BRANCH_RENAMED, changes, actor=actor, reason=reason, now=now)


@transaction.atomic
def close_branch(*, branch: Branch, actor: Actor, reason: str, now: datetime) -> Branch:
    """Close a branch where nobody works any more. Its accounts stay. Writes `staff.branch.closed`.

    :raises BranchClosed: when done before.
    :raises BranchInUse: while active people belong to it.
    """
    reason = require_reason(reason)
    branch = locks.lock_branch(branch)
    if not branch.is_open:
        raise BranchClosed(branch_code=branch.code)
    if working := branch.users.filter(is_active=True).count():
        raise BranchInUse(branch_code=branch.code, count=working)
    branch.is_open = False
    changes = {"is_open": (True, False)}
    return _save(branch, "is_open", events.BRANCH_CLOSED, changes, actor=actor, reason=reason, now=now)


def _save(
    branch: Branch,
    field: str,
    event: audit.EventType,
    changes: Mapping[str, tuple[object, object]],
    *,
    actor: Actor,
    reason: str,
    now: datetime,
) -> Branch:
    branch._change_reason = reason[:100]  # type: ignore[attr-defined]
    branch.save(update_fields=[field])
    audit.record(event, actor=actor, subject=events.about_branch(branch), now=now, reason=reason, changes=changes)
    return branch
