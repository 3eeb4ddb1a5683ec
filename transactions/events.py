"""What this app writes into the audit trail."""

from django.utils.translation import gettext_lazy as _

from bankops.core.audit import event_type
from transactions.models import Kind, OrderState, State
from transactions.models.standing_order import RunState

POSTED = {
    Kind.DEPOSIT: event_type("transactions.deposit.posted", _("Deposit posted")),
    Kind.WITHDRAWAL: event_type("transactions.withdrawal.posted", _("Withdrawal posted")),
    Kind.TRANSFER: event_type("transactions.transfer.posted", _("Transfer posted")),
    Kind.FEE: event_type("transactions.fee.posted", _("Fee charged")),
    Kind.REVERSAL: event_type("transactions.reversal.posted", _("Reversal posted")),
    Kind.REFUND: event_type("transactions.refund.posted", _("Refund posted")),
}
PARKED = {
    Kind.DEPOSIT: event_type("transactions.deposit.parked", _("Deposit waits for approval")),
    Kind.REFUND: event_type("transactions.refund.parked", _("Refund waits for approval")),
    Kind.WITHDRAWAL: event_type("transactions.withdrawal.parked", _("Withdrawal waits for approval")),
    Kind.TRANSFER: event_type("transactions.transfer.parked", _("Transfer waits for approval")),
}
ENDED = {
    (Kind.DEPOSIT, State.REJECTED): event_type("transactions.deposit.rejected", _("Deposit not approved")),
    (Kind.DEPOSIT, State.EXPIRED): event_type("transactions.deposit.expired", _("Deposit expired")),
    (Kind.DEPOSIT, State.FAILED): event_type("transactions.deposit.failed", _("Deposit failed")),
    (Kind.REFUND, State.REJECTED): event_type("transactions.refund.rejected", _("Refund not approved")),
    (Kind.REFUND, State.EXPIRED): event_type("transactions.refund.expired", _("Refund expired unapproved")),
    (Kind.REFUND, State.FAILED): event_type("transactions.refund.failed", _("Refund failed")),
    (Kind.WITHDRAWAL, State.REJECTED): event_type("transactions.withdrawal.rejected", _("Withdrawal not approved")),
    (Kind.WITHDRAWAL, State.EXPIRED): event_type("transactions.withdrawal.expired", _("Withdrawal expired unapproved")),
    (Kind.WITHDRAWAL, State.FAILED): event_type("transactions.withdrawal.failed", _("Withdrawal failed")),
    (Kind.TRANSFER, State.REJECTED): event_type("transactions.transfer.rejected", _("Transfer not approved")),
    (Kind.TRANSFER, State.EXPIRED): event_type("transactions.transfer.expired", _("Transfer expired unapproved")),
    (Kind.TRANSFER, State.FAILED): event_type("transactions.transfer.failed", _("Transfer failed")),
}
HELD = {
    Kind.DEPOSIT: event_type("transactions.deposit.held", _("Deposit held back")),
    Kind.WITHDRAWAL: event_type("transactions.withdrawal.held", _("Withdrawal held back")),
    Kind.TRANSFER: event_type("transactions.transfer.held", _("Transfer held back")),
    Kind.REFUND: event_type("transactions.refund.held", _("Refund held back")),
}
CANCELLED = {
    Kind.DEPOSIT: event_type("transactions.deposit.cancelled", _("Deposit cancelled that was held back")),
    Kind.WITHDRAWAL: event_type("transactions.withdrawal.cancelled", _("Withdrawal cancelled that was held back")),
    Kind.TRANSFER: event_type("transactions.transfer.cancelled", _("Transfer cancelled that was held back")),
    Kind.REFUND: event_type("transactions.refund.cancelled", _("Refund cancelled that was held back")),
}
DECLINED = {
    Kind.DEPOSIT: event_type("transactions.deposit.declined", _("Deposit declined")),
    Kind.WITHDRAWAL: event_type("transactions.withdrawal.declined", _("Withdrawal declined")),
    Kind.TRANSFER: event_type("transactions.transfer.declined", _("Transfer declined")),
    Kind.REFUND: event_type("transactions.refund.declined", _("Refund declined")),
}
CONFIRMED_GENUINE = event_type("transactions.transaction.confirmed_genuine", _("Confirmed as no duplicate"))
RISK_REVIEWED = event_type("transactions.transaction.risk_reviewed", _("Decided by risk, with what was found out"))
RISK_RELEASED = event_type("transactions.transaction.risk_released", _("Released by risk"))
DUPLICATE_POLICY_CHANGED = event_type("transactions.duplicate_policy.changed", _("Duplicate policy changed"))
BATCH_PARKED = event_type("transactions.transfer_batch.parked", _("Batch of transfers waits for approval"))
BATCH_CARRIED_OUT = event_type("transactions.transfer_batch.carried_out", _("Batch of transfers carried out"))
BATCH_ENDED = event_type("transactions.transfer_batch.ended", _("Batch of transfers ended, nothing moved"))
HOLD_PLACED = event_type("transactions.hold.placed", _("Money held"))
HOLD_POSTED = event_type("transactions.hold.posted", _("Held money paid out"))
HOLD_VOIDED = event_type("transactions.hold.voided", _("Hold given back"))
HOLD_EXPIRED = event_type("transactions.hold.expired", _("Hold expired"))
REVERSED = event_type("transactions.transaction.reversed", _("Transaction reversed"))
NOTE_CHANGED = event_type("transactions.note.changed", _("Partner's metadata changed"))
STANDING_ORDER_CREATED = event_type("transactions.standing_order.created", _("Standing order created"))
STANDING_ORDER_CHANGED = event_type("transactions.standing_order.changed", _("Standing order changed"))
STANDING_ORDER_STATE = {
    OrderState.ACTIVE: event_type("transactions.standing_order.resumed", _("Standing order resumed")),
    OrderState.SUSPENDED: event_type("transactions.standing_order.suspended", _("Standing order suspended")),
    OrderState.ENDED: event_type("transactions.standing_order.ended", _("Standing order ended")),
}
STANDING_ORDER_RUN = {
    RunState.PAID: event_type("transactions.standing_order.paid", _("Standing order paid")),
    RunState.RETRYING: event_type(
        "transactions.standing_order.postponed", _("Standing order not paid, to be tried again")
    ),
    RunState.SKIPPED: event_type("transactions.standing_order.skipped", _("Standing order not paid, skipped")),
}
BANK_IMPORTED = event_type("transactions.batch.imported", _("Transactions taken over"))
STATEMENT_TAKEN = event_type("transactions.statement.taken", _("Statement taken as a file"))
INTEREST_RATE_SET = event_type("transactions.interest_rate.set", _("Interest rate set"))
INTEREST_POSTED = event_type("transactions.interest.posted", _("Interest of a month posted"))
