"""What this app writes into the audit trail."""

from django.utils.translation import gettext_lazy as _

from bankops.core.audit import event_type
from transactions.models import Kind, State

POSTED = {
    Kind.DEPOSIT: event_type("transactions.deposit.posted", _("Deposit posted")),
    Kind.WITHDRAWAL: event_type("transactions.withdrawal.posted", _("Withdrawal posted")),
    Kind.TRANSFER: event_type("transactions.transfer.posted", _("Transfer posted")),
    Kind.FEE: event_type("transactions.fee.posted", _("Fee charged")),
    Kind.REVERSAL: event_type("transactions.reversal.posted", _("Reversal posted")),
}
PARKED = {
    Kind.WITHDRAWAL: event_type("transactions.withdrawal.parked", _("Withdrawal waits for approval")),
    Kind.TRANSFER: event_type("transactions.transfer.parked", _("Transfer waits for approval")),
}
ENDED = {
    (Kind.WITHDRAWAL, State.REJECTED): event_type("transactions.withdrawal.rejected", _("Withdrawal not approved")),
    (Kind.WITHDRAWAL, State.EXPIRED): event_type("transactions.withdrawal.expired", _("Withdrawal expired unapproved")),
    (Kind.WITHDRAWAL, State.FAILED): event_type("transactions.withdrawal.failed", _("Withdrawal failed")),
    (Kind.TRANSFER, State.REJECTED): event_type("transactions.transfer.rejected", _("Transfer not approved")),
    (Kind.TRANSFER, State.EXPIRED): event_type("transactions.transfer.expired", _("Transfer expired unapproved")),
    (Kind.TRANSFER, State.FAILED): event_type("transactions.transfer.failed", _("Transfer failed")),
}
HOLD_PLACED = event_type("transactions.hold.placed", _("Money held"))
HOLD_POSTED = event_type("transactions.hold.posted", _("Held money paid out"))
HOLD_VOIDED = event_type("transactions.hold.voided", _("Hold given back"))
HOLD_EXPIRED = event_type("transactions.hold.expired", _("Hold expired"))
REVERSED = event_type("transactions.transaction.reversed", _("Transaction reversed"))
BANK_IMPORTED = event_type("transactions.batch.imported", _("Transactions taken over"))
