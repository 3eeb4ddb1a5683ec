"""The admin's bases (`readonly`, `doors`, `forms`) and the kernel's own pages."""

from bankops.core.admin.audit_trail import AuditEventAdmin
from bankops.core.admin.end_of_day import EndOfDayRunAdmin
from bankops.core.admin.outbox import OutboxMessageAdmin

__all__ = ["AuditEventAdmin", "EndOfDayRunAdmin", "OutboxMessageAdmin"]
