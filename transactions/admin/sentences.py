"""What a transaction is, in one sentence."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from transactions.models import Kind, Transaction
from transactions.wording import named

_SENTENCES: dict[Kind, str | Promise] = {
    Kind.DEPOSIT: _("%(amount)s in cash, paid in to %(credit)s."),
    Kind.WITHDRAWAL: _("%(amount)s in cash, paid out of %(debit)s."),
    Kind.TRANSFER: _("%(amount)s from %(debit)s to %(credit)s."),
    Kind.FEE: _("%(amount)s charged to %(debit)s as a fee."),
    Kind.INTEREST: _("%(amount)s interest, from %(debit)s to %(credit)s."),
    Kind.PAYMENT_IN: _("%(amount)s from another bank, credited to %(credit)s."),
    Kind.PAYMENT_OUT: _("%(amount)s to another bank, debited to %(debit)s."),
    Kind.REFUND: _("%(amount)s given back by %(debit)s to %(credit)s."),
    Kind.REVERSAL: _("%(amount)s taken back from %(debit)s and returned to %(credit)s."),
}


def sentence_of(transaction: Transaction) -> str:
    """Return what was moved from whom to whom. Needs both accounts with their customers loaded."""
    return str(_SENTENCES[Kind(transaction.kind)]) % {
        "amount": transaction.money.format(),
        "debit": named(transaction.debit_account),
        "credit": named(transaction.credit_account),
    }
