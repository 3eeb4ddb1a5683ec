"""How the doors of the back office are listed: which there are, who may go through, and how the form is filled in.

The entries themselves stand in `listed.py`. A right is named here once more, on purpose: a door that forgets to ask for
its right, or asks for another one, does not agree with its entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bankops.matrix.people import HERE, Persona
from bankops.matrix.stage import Stage
from bankops.matrix.tries import Expected, Wanted

Arguments = Callable[[Stage], Sequence[Any]]
Form = Callable[[Stage, Persona], Mapping[str, Any]]
Payload = Callable[[Stage], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Who:
    """For whom a door opens; `words` is what the page of documentation says."""

    words: str
    includes: Callable[[Persona], bool]


@dataclass(frozen=True, slots=True)
class Listed:
    """One way of knocking at one door.

    Attributes:
        door: as `doors.found` names it.
        opens: READ where nothing may change, ACT where something must.
        shown: who else gets a page, although nothing may come of it.
        path: the address, where the door has no name.
        shows: what the answer must show to count as open.
        before: what happens between the page and the click.
        from_elsewhere: another site sends the form, without the token that ours carries.
        codes: of the refusals that a persona must meet, where it matters which.
        tolerated: tables that a refusal may write to, such as the count of wrong codes.

    """

    door: str
    method: str
    who: Who
    opens: Expected = Expected.READ
    arguments: Arguments = field(default=lambda _stage: ())
    form: Form = field(default=lambda _stage, _persona: {})
    path: Callable[[Stage], str] | None = None
    remark: str = ""
    shown: Who | None = None
    shows: Callable[[Stage], str] | None = None
    before: Callable[[Stage], object] | None = None
    from_elsewhere: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    tolerated: frozenset[str] = frozenset()

    def wanted(self, persona: Persona) -> Wanted:
        if self.who.includes(persona):
            return Wanted(self.opens)
        if self.shown and self.shown.includes(persona):
            return Wanted(Expected.IDLE, tolerated=self.tolerated)
        return Wanted(Expected.REFUSED, self.codes.get(persona.key, ""), self.tolerated)


@dataclass(frozen=True, slots=True)
class Submitted:
    """One way of asking for one operation, for those who hold the right of its name.

    Attributes:
        comes_to: `parked` where reviewers have to agree first, `carried out` where no policy asks for them.
        right: where it is another one than that of the operation's name.

    """

    key: str
    payload: Payload
    comes_to: str = "parked"
    remark: str = ""
    right: str = ""

    @property
    def who(self) -> Who:
        return may(self.right or self.key)


def may(permission: str) -> Who:
    """Open for the roles that hold a right."""
    return Who(f"`{permission}`", lambda persona: persona.may(permission))


def here(permission: str, *, branch: str = HERE) -> Who:
    """Open for those who hold a right and see the records of the branch."""
    return Who(f"`{permission}`, in scope", lambda persona: persona.may(permission) and persona.reaches(branch))


def only(words: str, *keys: str) -> Who:
    """Open for these personas, whatever else they may do."""
    return Who(words, lambda persona: persona.key in keys)


ANYBODY = Who("anybody", lambda _persona: True)
SIGNED_IN = Who("whoever is signed in", lambda persona: persona.is_in)
NOBODY = Who("nobody", lambda _persona: False)


def page(name: str, who: Who, arguments: Arguments | None = None, **more: Any) -> Listed:
    """List a page that is only read."""
    return Listed(f"admin:{name}", "GET", who, arguments=arguments or _none, **more)


def door(
    name: str,
    who: Who,
    form: Form,
    arguments: Arguments | None = None,
    *,
    remark: str = "",
    codes: Mapping[str, str] | None = None,
) -> Iterator[Listed]:
    """List a door: its page, and what a raw POST does that nobody opened the page for."""
    where, refused = arguments or _none, codes or {}
    yield Listed(f"admin:{name}", "GET", who, arguments=where, remark=remark, codes=refused)
    yield Listed(f"admin:{name}", "POST", who, Expected.ACT, where, form, remark=remark, codes=refused)


def from_elsewhere(name: str, form: Form, arguments: Arguments) -> Listed:
    """List a form that somebody's browser is made to send by another site."""
    remark = "sent by another site"
    return Listed(f"admin:{name}", "POST", NOBODY, arguments=arguments, form=form, remark=remark, from_elsewhere=True)


def reading_room(
    name: str, who: Who, record: Callable[[Stage], Any], *, its: Who | None = None, versions: bool = False
) -> Iterator[Listed]:
    """List what Django's admin mounts for a model: list and record are read, nothing is added, changed or deleted.

    :param its: who may read the record, where that is not everybody who may read any.
    :param versions: django-simple-history's pages, which could bring an old version back.
    """
    reader = its or who

    def where(stage: Stage) -> Sequence[Any]:
        return [record(stage).pk]

    yield page(f"{name}_changelist", who)
    deletion = _delete_selected(record)
    yield Listed(f"admin:{name}_changelist", "POST", NOBODY, form=deletion, shown=who, remark="delete ticked rows")
    yield page(f"{name}_change", reader, where)
    yield page(f"{name}_history", reader, where)
    label, model = name.split("_", 1)
    yield Listed(
        f"admin/{label}/{model}/<path:object_id>/",
        "GET",
        SIGNED_IN,
        path=lambda stage: f"/admin/{label}/{model}/{where(stage)[0]}/",
        remark="leads to the record's page",
    )
    yield Listed(f"admin:{name}_add", "POST", NOBODY, form=_whatever)
    yield Listed(f"admin:{name}_change", "POST", NOBODY, arguments=where, form=_whatever)
    yield Listed(f"admin:{name}_delete", "POST", NOBODY, arguments=where, form=_confirmed)
    if versions:
        yield page(f"{name}_simple_history", reader, _version(record))
        yield Listed(
            f"admin:{name}_simple_history",
            "POST",
            NOBODY,
            arguments=_version(record),
            form=_whatever,
            remark="bring a version back",
        )


def closed_room(name: str) -> Iterator[Listed]:
    """List the pages of a model that a library registers and nobody has a right to."""
    for what in ("changelist", "add"):
        yield Listed(f"admin:{name}_{what}", "POST", NOBODY, form=_whatever)
    yield page(f"{name}_changelist", NOBODY)
    for what in ("change", "history", "delete"):
        yield Listed(f"admin:{name}_{what}", "POST", NOBODY, arguments=lambda _stage: [1], form=_confirmed)
    label, model = name.split("_", 1)
    yield Listed(
        f"admin/{label}/{model}/<path:object_id>/",
        "GET",
        SIGNED_IN,
        path=lambda _stage: f"/admin/{label}/{model}/1/",
        remark="leads to the record's page",
    )


def reason(_stage: Stage, persona: Persona) -> dict[str, Any]:
    """Fill in a form that asks why, and for nothing else."""
    return {"reason": "For the approval matrix", "idempotency_key": f"matrix-{persona.key}"}


def with_reason(**fields: Any) -> Form:
    """Fill in a form that asks why, and for these."""
    return lambda stage, persona: {**reason(stage, persona), **fields}


def account(name: str) -> Arguments:
    """Go to one of the stage's accounts."""
    return lambda stage: [stage.accounts[name].pk]


def customer(stage: Stage) -> Sequence[Any]:
    """Go to the stage's customer."""
    return [stage.customer.pk]


def _none(_stage: Stage) -> Sequence[Any]:
    return ()


def _whatever(_stage: Stage, _persona: Persona) -> dict[str, Any]:
    return {"name": "Changed", "full_name": "Changed", "state": "EXECUTED", "status": "CLOSED", "_save": "Save"}


def _confirmed(_stage: Stage, _persona: Persona) -> dict[str, Any]:
    return {"post": "yes"}


def _delete_selected(record: Callable[[Stage], Any]) -> Form:
    def form(stage: Stage, _persona: Persona) -> dict[str, Any]:
        chosen = {"action": "delete_selected", "_selected_action": [str(record(stage).pk)]}
        return {**chosen, "post": "yes", "index": "0", "select_across": "1"}

    return form


def _version(record: Callable[[Stage], Any]) -> Arguments:
    def arguments(stage: Stage) -> Sequence[Any]:
        row = record(stage)
        return [row.pk, row.history.latest().pk]

    return arguments
