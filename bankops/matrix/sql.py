"""What the application's own database role is refused: whoever holds its password cannot rewrite a consent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib.auth.models import Permission
from django.db import connection, models

from accounts.models import (
    Account,
    AccountGrant,
    AccountParty,
    AccountRestriction,
    CheckEvent,
    Consent,
    Customer,
    CustomerChange,
    Document,
)
from approvals.models import (
    ApprovalRequest,
    Assignment,
    Decision,
    Policy,
    PolicyVersion,
    Proof,
    ProofSubject,
    ReferenceRate,
    RequestVersion,
    ReviewGrant,
    StandIn,
    State,
    Verdict,
)
from bankops.core import clock, ids
from bankops.core.models import AuditEvent
from bankops.matrix.report import Plan
from bankops.matrix.stage import Stage
from bankops.matrix.tries import Answer, Expected, Try, Wanted
from transactions.models import Hold, InterestRate, Transaction

SECTION = "SQL, as the application's role"

Write = Callable[[Stage], object]


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing to write past the services; `refusal` is the code that the database's answer must begin with."""

    words: str
    write: Write
    refusal: str


def plans(stage: Stage) -> Iterator[Plan]:
    """Yield every statement."""
    for one in STATEMENTS:
        wanted = Wanted(Expected.REFUSED, one.refusal)
        yield Plan(SECTION, one.words, "", {"": Try(partial(_written, stage, one), wanted)})


def _written(stage: Stage, one: Statement) -> Answer:
    one.write(stage)
    return Answer(opened=True, words="written")


def _set(name: str, **values: Any) -> Write:
    return lambda stage: ApprovalRequest.objects.filter(pk=stage.requests[name].pk).update(**values)


def _end(name: str, state: State) -> Write:
    return lambda stage: _set(name, state=state, closed_at=stage.now)(stage)


def _edit(model: type[models.Model], **values: Any) -> Write:
    return lambda _stage: _some(model).update(**values)


def _delete(model: type[models.Model]) -> Write:
    return lambda _stage: _execute("DELETE FROM", _some(model).model)


def _empty(model: type[models.Model]) -> Write:
    return lambda _stage: _execute("TRUNCATE", model)


def _execute(verb: str, model: type[models.Model]) -> None:
    _sql(f'{verb} "{model._meta.db_table}" {"CASCADE" if verb == "TRUNCATE" else ""}')


def _sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _some(model: type[models.Model]) -> models.QuerySet[Any]:
    """Return what there is of a model; nothing to write to would be no refusal."""
    rows = model._default_manager.all()
    if not rows.exists():
        raise RuntimeError(f"no {model.__name__} to try it on")
    return rows


def _decide(request: str, reviewer: str, *, proof: str = "", stage: int = 1, role: str = "first_reviewer") -> Write:
    """Return the writing of an approval that no service took."""

    def write(bank: Stage) -> None:
        row = bank.requests[request]
        Decision.objects.create(
            request=row,
            version=row.version,
            stage=stage,
            role=role,
            reviewer=bank.staff[reviewer],
            maker_user=row.maker_user,
            maker_id=row.maker_id,
            verdict=Verdict.APPROVE,
            content_hash=row.content_hash,
            proof=Proof.objects.filter(user=bank.staff[proof]).first() if proof else None,
            decided_at=clock.now(),
        )

    return write


def _grant(request: str, to: str) -> Write:
    def write(bank: Stage) -> None:
        permission = Permission.objects.get(codename="decide_request", content_type__app_label="approvals")
        ReviewGrant.objects.create(permission=permission, user=bank.staff[to], content_object=bank.requests[request])

    return write


def _born_approved(bank: Stage) -> None:
    """Write a request that needs nobody any more."""
    row = ApprovalRequest.objects.get(pk=bank.requests["pending"].pk)
    row.pk, row.reference, row.state, row.content_hash = None, "AP-0000-000000", "APPROVED", b"\1" * 32
    row.save(force_insert=True)


def _later(bank: Stage) -> None:
    _set("expired", expires_at=bank.now + timedelta(days=1))(bank)


def _new_rule(bank: Stage, *, number: int, name: str) -> None:
    """Write a version of a policy that asks nobody."""
    policy, _created = Policy.objects.get_or_create(name=name, defaults={"created_at": bank.now})
    PolicyVersion.objects.create(policy=policy, number=number, definition={}, state="ACTIVE", activated_at=bank.now)


def _retire_rules(bank: Stage) -> None:
    PolicyVersion.objects.filter(state="ACTIVE").update(state="RETIRED", retired_at=bank.now)


def _retire_rules_by_shadow(bank: Stage) -> None:
    """Show the guards a table of one's own in place of the requests, in which there is consent to everything."""
    _sql(
        "CREATE TEMP TABLE approvals_approvalrequest AS"
        " SELECT 'APPROVED'::varchar AS state, 'approvals.change_policy'::varchar AS operation"
    )
    _retire_rules(bank)


def _post_parked(bank: Stage) -> None:
    """Let money that waits for approval count as moved, by an entry that moved other money."""
    _parked(bank).update(state="POSTED", entry=bank.transfer.entry_id)


def _post_under_anothers_request(bank: Stage) -> None:
    """Write a transfer that says it was allowed under a request somebody else made."""
    row = Transaction.objects.get(pk=bank.transfer.pk)
    row.pk, row.reference, row.idempotency_key = ids.uuid7(), "TR-0000-000000", None
    row.approval_request = bank.requests["own"]
    row.save(force_insert=True)


def _move_to_another_request(bank: Stage) -> None:
    _parked(bank).update(approval_request=bank.requests["rejected"])


def _release_hold(bank: Stage) -> None:
    Hold.objects.filter(transaction__in=_parked(bank)).update(state="VOIDED", closed_at=bank.now)


def _parked(bank: Stage) -> models.QuerySet[Transaction]:
    return Transaction.objects.filter(approval_request=bank.requests["pending"])


def _set_rate(bank: Stage) -> None:
    """Let a foreign currency be worth next to nothing, so that amounts in it stay below every threshold."""
    ReferenceRate.objects.create(currency="USD", rate="0.0001", valid_from=bank.now)


def _stand_in_for_oneself(bank: Stage) -> None:
    _some(StandIn).update(stand_in=bank.staff["two_roles"])


def _stand_in_longer(bank: Stage) -> None:
    _some(StandIn).update(ends_at=bank.now + timedelta(days=30))


def _release_frozen(bank: Stage) -> None:
    """Let a frozen account move money, as if nobody had restricted it."""
    Account.objects.filter(pk=bank.accounts["frozen"].pk).update(restriction="NONE")


def _see_confidential(bank: Stage) -> None:
    """Write a grant under a request that was for somebody else, and has been carried out."""
    AccountGrant.objects.create(
        permission=bank.grant.permission,
        user=bank.staff["somebody"],
        content_object=bank.grant.content_object,
        approval_request=bank.grant.approval_request,
        granted_at=bank.now,
    )


def _pay_somebody_else(bank: Stage) -> None:
    Hold.objects.filter(pk=bank.holds["announced"].pk).update(payee=bank.accounts["elsewhere"])


STATEMENTS: tuple[Statement, ...] = (
    Statement("a request is carried out", _end("pending", State.EXECUTED), "request_step_refused"),
    Statement("a request is stale", _end("pending", State.STALE), "request_step_refused"),
    Statement("a request has failed", _end("pending", State.FAILED), "request_step_refused"),
    Statement("a request has expired before its time", _end("pending", State.EXPIRED), "request_not_expired"),
    Statement("a request is returned", _set("pending", state="RETURNED"), "stage_not_decided"),
    Statement("a rejected request was withdrawn instead", _end("rejected", State.WITHDRAWN), "request_step_refused"),
    Statement("a request is approved", _set("pending", state="APPROVED"), "stage_not_decided"),
    Statement("a request is rejected", _end("pending", State.REJECTED), "stage_not_decided"),
    Statement(
        "a request is at its second stage", _set("pending", stage=2, stage_role="final_reviewer"), "stage_not_decided"
    ),
    Statement("a request has another maker", _set("pending", maker_user=None, maker_name="Nobody"), "request_fixed"),
    Statement("a request has another amount", _set("pending", amount=1), "request_fixed"),
    Statement("a request has another content", _set("pending", content_hash=b"\1" * 32), "request_not_its_version"),
    Statement("an expired request has more time", _later, "request_not_its_version"),
    Statement(
        "an ended request begins again", _set("rejected", state="PENDING", closed_at=None), "request_step_refused"
    ),
    Statement("a request is born approved", _born_approved, "request_born_pending"),
    Statement("requests are deleted", _delete(ApprovalRequest), "append_only"),
    Statement("requests are emptied", _empty(ApprovalRequest), "append_only"),
    Statement("what is asked for is rewritten", _edit(RequestVersion, payload={}), "append_only"),
    Statement("who has to agree is rewritten", _edit(RequestVersion, chain={}), "append_only"),
    Statement("versions are deleted", _delete(RequestVersion), "append_only"),
    Statement("the maker decides", _decide("own", "two_roles"), "own_request"),
    Statement("somebody of another role decides", _decide("pending", "finance"), "wrong_role"),
    Statement("somebody decides who was not asked", _decide("pending", "first_reviewer_2"), "not_assigned"),
    Statement("the first reviewer decides without a code", _decide("pending", "first_reviewer"), "code_required"),
    Statement(
        "the first reviewer decides with a proof for another request",
        _decide("pending", "first_reviewer", proof="first_reviewer"),
        "code_for_something_else",
    ),
    Statement(
        "the stand-in decides in their own name",
        _decide("pending", "stand_in", proof="first_reviewer"),
        "not_assigned",
    ),
    Statement(
        "the second stage is decided before the first",
        _decide("pending", "final_reviewer", stage=2, role="final_reviewer"),
        "stage_not_open",
    ),
    Statement("an expired request is decided", _decide("expired", "stand_in"), "request_expired"),
    Statement("an ended request is decided", _decide("rejected", "first_reviewer"), "request_not_pending"),
    Statement("a decision is turned", _edit(Decision, verdict="APPROVE"), "append_only"),
    Statement("decisions are deleted", _delete(Decision), "append_only"),
    Statement("a proof is given to another person", _edit(Proof, verdict="REJECT"), "append_only"),
    Statement("proofs are deleted", _delete(Proof), "append_only"),
    Statement("a proof is good for something else", _edit(ProofSubject, sight=b"\1" * 32), "append_only"),
    Statement("the maker is given the right to decide", _grant("own", "two_roles"), "own_request"),
    Statement("another role is given the right to decide", _grant("pending", "finance"), "wrong_role"),
    Statement("who decided is given the right again", _grant("second_stage", "first_reviewer"), "decided_already"),
    Statement("an assignment is rewritten", _edit(Assignment, reason="Changed"), "only_ends"),
    Statement("assignments are deleted", _delete(Assignment), "append_only"),
    Statement("a stand-in is given to another person", _stand_in_for_oneself, "only_ends"),
    Statement("a stand-in lasts longer", _stand_in_longer, "only_ends"),
    Statement("stand-ins are deleted", _delete(StandIn), "append_only"),
    Statement("a policy is rewritten", _edit(PolicyVersion, definition={}), "policy_version_fixed"),
    Statement("a policy is retired", _retire_rules, "consent_required"),
    Statement("a policy is retired under a temporary table of requests", _retire_rules_by_shadow, "consent_required"),
    Statement("a policy is written", partial(_new_rule, number=1, name="Nothing"), "consent_required"),
    Statement("a policy has a new version", partial(_new_rule, number=2, name="Books"), "consent_required"),
    Statement("policies are deleted", _delete(PolicyVersion), "append_only"),
    Statement("a policy gets another name", _edit(Policy, name="Changed"), "append_only"),
    Statement("a reference rate is set", _set_rate, "consent_required"),
    Statement("a reference rate is rewritten", _edit(ReferenceRate, rate=1), "append_only"),
    Statement("a waiting transaction is posted", _post_parked, "approval_not_given"),
    Statement("money moves under somebody else's request", _post_under_anothers_request, "approval_not_given"),
    Statement("a waiting transaction waits in another request", _move_to_another_request, "transaction_fixed"),
    Statement("a waiting transaction's money is free", _release_hold, "held_is_holds"),
    Statement("an announced payment has another payee", _pay_somebody_else, "hold_fixed"),
    Statement("an interest rate is rewritten", _edit(InterestRate, rate=1), "append_only"),
    Statement("a frozen account is released", _release_frozen, "restriction_is_union"),
    Statement("a restriction is milder", _edit(AccountRestriction, kind="BLOCK_CREDIT"), "restriction_fixed"),
    Statement("restrictions are deleted", _delete(AccountRestriction), "append_only"),
    Statement("a confidential account is shown to somebody", _see_confidential, "account_grant_under_consent"),
    Statement("somebody has other rights on an account", _edit(AccountParty, rights="VIEW"), "only_ending"),
    Statement("a customer is changed unseen", _edit(Customer, name="Changed"), "customer_version_moves"),
    Statement("a change that waits for consent is another one", _edit(CustomerChange, base_version=9), "only_ending"),
    Statement("consents are deleted", _delete(Consent), "append_only"),
    Statement("a check was found otherwise", _edit(CheckEvent, after="PASSED"), "append_only"),
    Statement("a document is another file", _edit(Document, sha256="0" * 64), "document_fixed"),
    Statement("documents are deleted", _delete(Document), "append_only"),
    Statement("the audit trail is rewritten", _edit(AuditEvent, reason="Changed"), "append_only"),
    Statement("the audit trail is deleted", _delete(AuditEvent), "append_only"),
)
