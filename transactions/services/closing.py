"""What the books do when an account is closed: say what is undecided, pay the balance out, end its standing orders."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from accounts.models import Account, Balance
from accounts.settlement import Books, Closing
from bankops.core.db import transaction_required
from transactions import selectors
from transactions.models import Kind, Transaction
from transactions.services.booking import book
from transactions.services.instructions import Instruction
from transactions.services.standing_orders import end_orders_of


def undecided_on(account: Account) -> Sequence[str]:
    """Return the holds that keep money on an account, in words."""
    text = gettext("hold of %(amount)s (%(purpose)s)")
    return [
        text % {"amount": hold.money.format(), "purpose": hold.get_purpose_display()}
        for hold in selectors.pending_holds(account)
    ]


@transaction_required
def pay_out_balance(closing: Closing) -> Transaction:
    """Transfer all that is on an account to its payee and return the transaction; both accounts are locked.

    Nobody else consents: it is part of the closing, which was consented to. No limit applies, for the same reason.

    :raises PostingRefused: when the journal refuses, for instance because the payee is blocked for credits.
    """
    assert closing.payee is not None  # a closing without one has nothing to pay out
    narrative = gettext("Balance of closed account %(number)s") % {"number": closing.account.number}
    instruction = Instruction(
        Kind.TRANSFER,
        debit=closing.account,
        credit=closing.payee,
        amount=Balance.objects.select_related("account").get(account=closing.account).ledger_money,
        actor=closing.actor,
        now=closing.now,
        business_date=closing.business_date,
        narrative=narrative,
        reason=closing.reason,
    )
    return book(instruction)


@transaction_required
def end_standing_orders(closing: Closing) -> int:
    """End every standing order that pays from the account or into it, and return how many."""
    return end_orders_of(account=closing.account, actor=closing.actor, now=closing.now, reason=closing.reason)


BOOKS = Books(pending=undecided_on, pay_out=pay_out_balance, wind_up=end_standing_orders)
