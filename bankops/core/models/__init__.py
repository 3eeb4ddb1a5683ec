from bankops.core.models.audit import AuditEvent
from bankops.core.models.outbox import OutboxMessage

__all__ = ["AuditEvent", "OutboxMessage"]
