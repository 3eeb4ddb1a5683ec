"""The gate: every operation comes through here, and is carried out at once or waits for its reviewers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from approvals import errors, events
from approvals.models import OPEN, ApprovalRequest, RequestConcern, RequestVersion, State
from approvals.policies.chain import Chain
from approvals.policies.evaluation import Verdict
from approvals.policies.facts import PolicyFacts
from approvals.services.assignment import assign_stage
from approvals.services.orders import maker_of, refuse_maker, under
from approvals.services.policies import evaluate_for
from bankops.core import aftermath, audit, clock, context, idempotency, ids, operations, outbox
from bankops.core.db import busy_is_an_answer, in_transaction, prepared, transaction_required
from bankops.core.errors import BankOpsError
from bankops.core.operations import Operation, Order, Outcome
from bankops.core.together import written_together
from staff.models import User
from staff.selectors import user_by_public_id

_UNDER_KEY = """
    SELECT id FROM approvals_approvalrequest WHERE maker_kind = %(kind)s AND maker_id = %(id)s AND idempotency_key = %(key)s
"""


class ApprovalGate:
    """Decides between now and later. Installed by `approvals.apps`."""

    def submit(self, operation: Operation, payload: dict[str, Any], order: Order) -> Outcome:
        """Carry an operation out when no policy asks for approval, else park it as a request.

        The same order (maker and idempotency key) leads to the same outcome, however often it comes in.

        :raises PermissionRefused, PartnerNotAllowed: when the maker lacks the operation's right, or scope.
        :raises OrderKeyConflict: when the key was used for something else.
        :raises IdenticalRequestOpen: when the same is waiting already, whoever made it.
        :raises Busy: when somebody works on the same records for too long; nothing was submitted.
        :raises BankOpsError: whatever the operation refuses. What that leaves behind is written here, unless a transaction of the
            caller's is open: then who ends that one writes it (`bankops.core.aftermath`).
        """
        with aftermath.written_afterwards(now=order.now):
            return self._submit(operation, payload, order)

    def _submit(self, operation: Operation, payload: dict[str, Any], order: Order) -> Outcome:
        operation, maker = operation.for_one_order(), maker_of(order)
        refuse_maker(operation, maker, order)
        content_hash = operations.payload_hash(operation.key, operation.version, payload)
        if outcome := _earlier(operation, payload, order, content_hash):
            return outcome
        if operation.locks_first and order.channel == "partner" and in_transaction():
            operation.lock(payload)
        if stopped := _stopped(operation, payload, order):
            return stopped
        facts, verdict = evaluate_for(operation, payload, order)
        if not verdict.required:
            with operations.carrying_out(operation.key):
                return _as_it_stands(operation, operation.execute(payload, order))
        if outcome := _refused_unless_earlier(operation, payload, order, content_hash):
            return outcome
        return self._park(Submission(operation, payload, order, maker, facts, verdict), content_hash)

    def _park(self, submission: Submission, content_hash: bytes) -> Outcome:
        try:
            with busy_is_an_answer():
                return Outcome(done=False, request=submission.park(content_hash))
        except IntegrityError:
            # The same order, or the same wish of somebody else, came in at the same instant.
            if outcome := _earlier(submission.operation, submission.payload, submission.order, content_hash):
                return outcome
            refuse_identical(content_hash)
            raise


@dataclass(frozen=True)
class Submission:
    """One operation on its way into a request: what is asked for, by whom, and what the policies say."""

    operation: Operation
    payload: dict[str, Any]
    order: Order
    maker: User | None
    facts: PolicyFacts
    verdict: Verdict

    @property
    def chain(self) -> Chain:
        """Who has to agree."""
        assert self.verdict.chain is not None  # otherwise nothing would be submitted for approval
        return self.verdict.chain

    @property
    def expires_at(self) -> datetime:
        """When it ends undecided."""
        return self.order.now + timedelta(minutes=self.chain.expires_after_minutes)

    @transaction.atomic
    @written_together()
    def park(self, content_hash: bytes) -> ApprovalRequest:
        """Write the request, reserve what it needs, and ask its first reviewers.

        :raises IntegrityError: when the same is waiting already.
        """
        request = self._request(content_hash)
        request.save(force_insert=True)
        version = self.write_version(request)
        self._tell(request, version)
        return request

    @transaction_required
    def write_version(self, request: ApprovalRequest) -> RequestVersion:
        """Lock and reserve what the operation touches, freeze what the reviewers will see, and ask the first of them."""
        parked = under(self.order, request)
        with context.under_request(request.public_id):
            self.operation.lock(self.payload)
            description = self.operation.describe(self.payload)
            self.operation.park(self.payload, parked)
            preconditions = self.operation.preconditions(self.payload)
        version = RequestVersion.objects.create(
            request=request,
            number=request.version,
            operation_version=self.operation.version,
            payload=self.payload,
            content_hash=request.content_hash,
            description={
                "summary": str(description.summary),
                "changes": [[*map(str, (name, *pair))] for name, pair in description.changes.items()],
                "warnings": [*map(str, description.warnings)],
            },
            facts=self.facts.to_json(),
            fired=[fired.to_json() for fired in self.verdict.fired],
            chain=self.chain.to_json(),
            preconditions=preconditions,
            reason=self.order.reason,
            made_at=self.order.now,
            expires_at=self.expires_at,
        )
        self._write_concerns(request)
        return version

    def about(self) -> dict[str, Any]:
        """Return the request's fields that follow from what is asked for."""
        amount = self.facts.amount
        return {
            "stage_count": len(self.chain.stages),
            "stage_role": self.chain.stages[0].role,
            "expires_at": self.expires_at,
            "amount": amount.minor if amount else None,
            "currency": amount.currency if amount else "",
            "branch_code": self.facts.branch,
        }

    def _request(self, content_hash: bytes) -> ApprovalRequest:
        order = self.order
        return ApprovalRequest(
            id=ids.uuid7(),
            reference=_next_reference(order.now),
            operation=self.operation.key,
            content_hash=content_hash,
            channel=order.channel,
            maker_kind=order.actor.kind,
            maker_id=order.actor.id,
            maker_name=order.actor.name,
            maker_user=self.maker,
            reason=order.reason,
            idempotency_key=order.idempotency_key or None,
            created_at=order.now,
            **self.about(),
        )

    def _write_concerns(self, request: ApprovalRequest) -> None:
        RequestConcern.objects.bulk_create(
            [
                RequestConcern(
                    request=request,
                    subject_type=subject.type,
                    subject_id=subject.id,
                    subject_label=subject.label,
                    person=user_by_public_id(subject.id) if subject.type == "user" else None,
                )
                for subject in self.operation.concerns(self.payload)
            ],
            ignore_conflicts=True,  # an amended version may be about the same records
        )

    def _tell(self, request: ApprovalRequest, version: RequestVersion) -> None:
        audit.record(
            events.SUBMITTED,
            actor=self.order.actor,
            subject=request.subject(),
            now=self.order.now,
            reason=self.order.reason,
            detail=_detail(request, version),
            approval_request_id=request.public_id,
        )
        outbox.announce(
            events.SUBMITTED.name, subject_id=request.public_id, payload=facts_of(request), now=self.order.now
        )
        assign_stage(request, version, now=self.order.now, business_date=clock.business_date(self.order.now))


def facts_of(request: ApprovalRequest) -> dict[str, Any]:
    """Return what the outside is told of a request: ids and state, nothing of its content."""
    return {
        "request": request.public_id,
        "reference": request.reference,
        "operation": request.operation,
        "version": request.version,
        "state": str(request.state),
        "stage": request.stage,
        "stages": request.stage_count,
    }


def _earlier(operation: Operation, payload: dict[str, Any], order: Order, content_hash: bytes) -> Outcome | None:
    """Return what the same order led to before, or None."""
    if not order.idempotency_key or idempotency.is_new(order.idempotency_key):
        return None
    of_maker = {"kind": order.actor.kind, "id": order.actor.id, "key": order.idempotency_key}
    known = prepared(_UNDER_KEY, of_maker)  # there hardly ever is one
    if not known:
        result = operation.earlier(payload, order)
        return None if result is None else _as_it_stands(operation, result)
    request = ApprovalRequest.objects.get(pk=known[0][0])
    if bytes(request.versions.get(number=1).content_hash) != content_hash:
        raise errors.OrderKeyConflict(reference=request.reference)
    return Outcome(done=request.state == State.EXECUTED, request=request)


def _stopped(operation: Operation, payload: dict[str, Any], order: Order) -> Outcome | None:
    """Return what the operation has stopped: on record, for nobody to review here."""
    with operations.carrying_out(operation.key):
        result = operation.stop(payload, order)
    return None if result is None else _as_it_stands(operation, result)


def _as_it_stands(operation: Operation, result: Any) -> Outcome:
    return Outcome(done=operation.is_done(result), result=result)


def _refused_unless_earlier(
    operation: Operation, payload: dict[str, Any], order: Order, content_hash: bytes
) -> Outcome | None:
    """Refuse what is sure to fail; say first that the same is waiting, which may have reserved what this one misses.

    Where nothing else is wrong, the database finds the same wish when the request is written.
    """
    try:
        operation.refuse(payload, order)
    except BankOpsError:
        if outcome := _earlier(operation, payload, order, content_hash):
            return outcome  # it came in twice at the same moment
        refuse_identical(content_hash)
        raise
    return None


def refuse_identical(content_hash: bytes, *, but: ApprovalRequest | None = None) -> None:
    """Refuse to ask for what is waiting already.

    :param but: the request that may ask for it again, being amended.
    :raises IdenticalRequestOpen: naming the request to look at.
    """
    others = ApprovalRequest.objects.exclude(pk=but.pk) if but else ApprovalRequest.objects.all()
    twins = others.filter(content_hash=content_hash, state__in=OPEN).values_list("pk", "reference")
    for request_id, reference in twins:
        public_id = ids.encode(ApprovalRequest.ID_PREFIX, request_id)
        raise errors.IdenticalRequestOpen(reference=reference, request=public_id)


def _detail(request: ApprovalRequest, version: RequestVersion) -> dict[str, Any]:
    return {
        **facts_of(request),
        "content_hash": bytes(version.content_hash).hex(),
        # Not the reasons: they name amounts, and the trail is read by more people than the payload is.
        "policies": [{"name": fired["policy_name"], "version": fired["version"]} for fired in version.fired],
        "chain": version.chain,
    }


def _next_reference(now: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('approvals_reference_seq')")
        (number,) = cursor.fetchone()
    return f"AP-{clock.business_date(now).year}-{number:06d}"
