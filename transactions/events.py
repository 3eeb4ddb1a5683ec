"""What this app writes into the audit trail."""

from django.utils.translation import gettext_lazy as _

from bankops.core.audit import event_type
from transactions.models import Kind

POSTED = {
    Kind.DEPOSIT: event_type("transactions.deposit.posted", _("Deposit posted")),
    Kind.WITHDRAWAL: event_type("transactions.withdrawal.posted", _("Withdrawal posted")),
    Kind.TRANSFER: event_type("transactions.transfer.posted", _("Transfer posted")),
    Kind.FEE: event_type("transactions.fee.posted", _("Fee charged")),
    Kind.REVERSAL: event_type("transactions.reversal.posted", _("Reversal posted")),
}
REVERSED = event_type("transactions.transaction.reversed", _("Transaction reversed"))
BANK_IMPORTED = event_type("transactions.batch.imported", _("Transactions taken over"))
