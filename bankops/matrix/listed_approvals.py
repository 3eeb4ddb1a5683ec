"""The doors of `approvals`: who may decide hangs on the request and the person, not on the role alone.

The requests are those of the stage: made by the teller, unless they are the person's `own`; rotation asked the first reviewer
and one who is away, for whom somebody stands in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from approvals.models import Duty, ReferenceRate, StandIn
from bankops.core import clock
from bankops.matrix import people
from bankops.matrix.attempts import disable_first_reviewer, revoke_first_review
from bankops.matrix.deciding import RELATIONS
from bankops.matrix.listing import (
    NOBODY,
    Arguments,
    Form,
    Listed,
    Who,
    door,
    from_elsewhere,
    may,
    only,
    page,
    reading_room,
    reason,
)
from bankops.matrix.people import PERSONAS, Persona
from bankops.matrix.stage import Stage
from bankops.matrix.trace import CODES
from bankops.matrix.tries import Expected

_ASKED = only("the first reviewer who was asked, and the stand-in", "first_reviewer", "stand_in")
_ASKED_NEXT = only("the final reviewer who was asked", "final_reviewer")
_MAKER = only("the maker", "teller")
_TAKE_PART = only("maker, reviewers asked, stand-in", "teller", "first_reviewer", "stand_in")
_READERS = only("maker, reviewers asked, stand-in, auditor", "teller", "first_reviewer", "stand_in", "auditor")
_VIEW, _DECIDE = may("approvals.view_approvalrequest"), may("approvals.decide_request")
_DECIDING: dict[str, Who] = {
    "pending": _ASKED,
    "own": _ASKED,
    "second_stage": _ASKED_NEXT,
    "expired": NOBODY,
    "returned": NOBODY,
    "rejected": NOBODY,
}
_REMARKS = {"own": "made by the teller and first reviewer", "second_stage": "approved by the first reviewer"}


def approvals() -> Iterator[Listed]:
    yield from reading_room("approvals_approvalrequest", _VIEW, lambda stage: stage.requests["pending"])
    yield from _deciding()
    yield from _codes()
    yield from _too_late()
    yield from _together()
    yield from _makers()
    yield from _secrets()
    yield from _rules()
    yield from _reviewers()


def _deciding() -> Iterator[Listed]:
    for name, who in _DECIDING.items():
        yield from _verdict("approve", name, who)
    for verdict in ("reject", "return"):
        for name in ("pending", "own"):
            yield from _verdict(verdict, name, _ASKED)
    yield from_elsewhere("approvals_approvalrequest_approve", decision("pending"), request("pending"))


def _too_late() -> Iterator[Listed]:
    """Yield approvals by a first reviewer who lost the right, or the sign-in, since the page was opened."""
    happened = {"the role is revoked": revoke_first_review, "being disabled": disable_first_reviewer}
    for words, before in happened.items():
        yield Listed(
            "admin:approvals_approvalrequest_approve",
            "POST",
            only("the stand-in", "stand_in"),
            Expected.ACT,
            request("pending"),
            decision("pending"),
            remark=f"the first reviewer, after {words}",
            before=before,
        )


def _verdict(verdict: str, name: str, who: Who) -> Iterator[Listed]:
    """Yield one verdict on one request. Those with the right to decide are told why not this one; others lack the right."""
    relation = next(one for one in RELATIONS if one.request == name)
    codes = {one.key: relation.wanted(one).words for one in PERSONAS if _DECIDE.includes(one)}
    where = f"approvals_approvalrequest_{verdict}"
    yield from door(where, who, decision(name), request(name), remark=_REMARKS.get(name, name), codes=codes)


def _codes() -> Iterator[Listed]:
    """Yield approvals without the right code, or of something else than what was shown."""
    faults: dict[str, tuple[str, Form]] = {
        "without a code": ("code_required", decision("pending", code=lambda _stage, _persona: "")),
        "wrong code": ("code_refused", decision("pending", code=lambda _stage, _persona: "000000")),
        "another person's code": ("code_refused", decision("pending", code=_anothers)),
        "forged hash": ("request_changed", decision("pending", sight="00" * 32)),
        "no hash": ("request_changed", decision("pending", sight="")),
    }
    for remark, (code, form) in faults.items():
        yield Listed(
            "admin:approvals_approvalrequest_approve",
            "POST",
            NOBODY,
            arguments=request("pending"),
            form=form,
            remark=remark,
            codes={"first_reviewer": code, "stand_in": code},
            tolerated=CODES,
        )


def _together() -> Iterator[Listed]:
    yield page("approvals_approvalrequest_decide_together", _DECIDE)
    for name in ("pending", "own", "expired"):
        yield Listed(
            "admin:approvals_approvalrequest_decide_together",
            "POST",
            _DECIDING[name],
            Expected.ACT,
            form=_several(name),
            remark=_REMARKS.get(name, name),
            shown=_DECIDE,
        )


def _makers() -> Iterator[Listed]:
    codes = {one.key: "not_the_maker" for one in PERSONAS if _VIEW.includes(one)}
    for name, form, on in (("withdraw", reason, "pending"), ("amend", _amended, "returned")):
        yield from door(f"approvals_approvalrequest_{name}", _MAKER, form, request(on), remark=on, codes=codes)
    yield from door("approvals_approvalrequest_amend", NOBODY, _amended, request("pending"), remark="pending")
    yield from door("approvals_approvalrequest_comment", _TAKE_PART, _comment, request("pending"))
    yield from door(
        "approvals_approvalrequest_reassign", may("approvals.reassign_request"), _another_reviewer, request("pending")
    )


def _secrets() -> Iterator[Listed]:
    """Yield the pages that everybody in the room opens, and who reads there what the request is about."""
    shown = "read what it is about"
    about = request("pending")
    yield page("approvals_approvalrequest_change", _READERS, about, shows=_summary, remark=shown)
    whole_list: Any = {"form": lambda _stage, _persona: {"scope": "open"}, "shows": _summary, "remark": shown}
    yield page("approvals_approvalrequest_changelist", _READERS, **whole_list)


def _rules() -> Iterator[Listed]:
    view, change = may("approvals.view_policy"), may("approvals.change_policy")
    yield from reading_room("approvals_policy", view, lambda stage: stage.policy())
    yield page("approvals_policy_simulator", view)
    yield from door("approvals_policy_new_policy", change, _policy(name="Deposits", based_on="0"))
    this = _this_policy
    yield from door("approvals_policy_change_policy", change, _policy(based_on="1"), this)
    yield from door("approvals_policy_retire_policy", change, _policy(based_on="1"), this)
    rates = may("approvals.view_referencerate")
    yield from reading_room("approvals_referencerate", rates, lambda _stage: ReferenceRate.objects.get())
    yield from door(
        "approvals_referencerate_set_reference_rate",
        may("approvals.set_reference_rate"),
        lambda stage, persona: {**reason(stage, persona), "currency": "USD", "rate": "7.12"},
    )


def _reviewers() -> Iterator[Listed]:
    roster = may("approvals.change_roster")
    yield from reading_room("approvals_duty", may("approvals.view_duty"), _duty)
    yield from door("approvals_duty_add_duty", roster, _new_duty)
    yield from door("approvals_duty_end_duty", roster, _end_of_duty, lambda stage: [_duty(stage).pk])
    yield from reading_room("approvals_standin", may("approvals.view_standin"), _stand_in)
    any_, own = may("approvals.name_any_stand_in"), may("approvals.name_stand_in")
    yield from door("approvals_standin_name_my_stand_in", own, _my_stand_in)
    yield from door("approvals_standin_name_any_stand_in", any_, _any_stand_in)
    ending, it = "approvals_standin_end_stand_in", [any_, own]
    either = Who("name_stand_in or name_any_stand_in", lambda persona: any(who.includes(persona) for who in it))
    yield page(ending, either, lambda stage: [_stand_in(stage).pk])
    others = "another's"
    yield Listed(
        f"admin:{ending}", "POST", any_, Expected.ACT, lambda stage: [_stand_in(stage).pk], reason, remark=others
    )
    unlock = may("approvals.unlock_reviewer")
    yield from door("staff_user_unlock_reviewer", unlock, reason, lambda stage: [stage.staff["final_reviewer_3"].pk])


# -- Filling in forms ------------------------------------------------------------------------------------------------


def request(name: str) -> Arguments:
    return lambda stage: [stage.requests[name].pk]


def decision(name: str, *, code: Callable[[Stage, Persona], str] | None = None, sight: str | None = None) -> Form:
    """Fill in a decision as somebody who has read the request, with the code their phone shows now."""

    def form(stage: Stage, persona: Persona) -> dict[str, Any]:
        seen = stage.requests[name].sight.hex() if sight is None else sight
        return {"sight": seen, "comment": "Looked at", "code": (code or _fresh)(stage, persona)}

    return form


def _several(name: str) -> Form:
    def form(stage: Stage, persona: Persona) -> dict[str, Any]:
        chosen = stage.requests[name]
        return {
            **decision(name)(stage, persona),
            "verdict": "APPROVE",
            "seen": [f"{chosen.pk}:{chosen.sight.hex()}"],
        }

    return form


def _fresh(stage: Stage, persona: Persona) -> str:
    user = stage.staff.get(persona.key)
    return people.code_of(user, now=clock.now()) if user else "000000"


def _anothers(stage: Stage, _persona: Persona) -> str:
    return people.code_of(stage.staff["final_reviewer_3"], now=clock.now())


def _amended(_stage: Stage, persona: Persona) -> dict[str, Any]:
    return {**reason(_stage, persona), "payload_amount": "70000", "payload_currency": "CNY"}


def _comment(_stage: Stage, _persona: Persona) -> dict[str, Any]:
    return {"text": "A remark"}


def _another_reviewer(stage: Stage, persona: Persona) -> dict[str, Any]:
    return {**reason(stage, persona), "to": stage.staff["first_reviewer_2"].pk}


def _nothing(_stage: Stage, persona: Persona) -> dict[str, Any]:
    return {"idempotency_key": f"matrix-{persona.key}"}


def _policy(**fields: str) -> Form:
    """Fill in the policy editor: one stage, no conditions, for reversals."""
    rows = {f"{kind}-{what}_FORMS": "0" for kind in ("conditions", "exclusions") for what in ("TOTAL", "INITIAL")}
    stages: dict[str, Any] = {"stages-TOTAL_FORMS": "2", "stages-INITIAL_FORMS": "0"}
    for place, role in enumerate(("first_reviewer", "final_reviewer")):
        one = {"role": role, "quorum": "1", "assigned": "2", "one_time_code": "on"}
        stages |= {f"stages-{place}-{name}": value for name, value in one.items()}
    terms = {"operations": ["transactions.reverse"], "expires_after": "12", "expires_unit": "hours", "pair_limit": "2"}
    return lambda stage, persona: {**reason(stage, persona), **rows, **stages, **terms, **fields, "confirmed": "1"}


def _new_duty(stage: Stage, persona: Persona) -> dict[str, Any]:
    since = clock.business_date().isoformat()
    who = {"user": stage.staff["final_reviewer_2"].pk, "role": "final_reviewer"}
    return {**_nothing(stage, persona), **who, "weekdays": ["1", "2"], "since": since}


def _end_of_duty(stage: Stage, persona: Persona) -> dict[str, Any]:
    return {**_nothing(stage, persona), "last_day": clock.business_date().isoformat()}


def _my_stand_in(stage: Stage, persona: Persona) -> dict[str, Any]:
    role = next((role.value for role in reversed(persona.roles)), "")
    colleague = stage.staff.get(f"{role}_2", stage.staff["first_reviewer_2"])
    return {**reason(stage, persona), "stand_in": colleague.pk, "ends_at": _tomorrow()}


def _any_stand_in(stage: Stage, persona: Persona) -> dict[str, Any]:
    return {
        **_my_stand_in(stage, persona),
        "absent": stage.staff["first_reviewer"].pk,
        "stand_in": stage.staff["first_reviewer_2"].pk,
    }


def _tomorrow() -> str:
    return (clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")


# -- Finding records -------------------------------------------------------------------------------------------------


def _summary(stage: Stage) -> str:
    return str(stage.requests["pending"].versions.get().description["summary"])


def _this_policy(stage: Stage) -> Sequence[Any]:
    return [stage.policy().pk]


def _duty(stage: Stage) -> Duty:
    return Duty.objects.get(user=stage.staff["first_reviewer"])


def _stand_in(stage: Stage) -> StandIn:
    return StandIn.objects.get(stand_in=stage.staff["stand_in"])
