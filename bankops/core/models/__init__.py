from bankops.core.models.audit import AuditEvent
from bankops.core.models.end_of_day import EndOfDayRun, EndOfDayStep, RunState, StepState
from bankops.core.models.idempotency import IdempotencyRecord, IdempotencyState
from bankops.core.models.outbox import OutboxMessage

__all__ = [
    "AuditEvent",
    "EndOfDayRun",
    "EndOfDayStep",
    "IdempotencyRecord",
    "IdempotencyState",
    "OutboxMessage",
    "RunState",
    "StepState",
]
