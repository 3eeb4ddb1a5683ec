"""What the books do when an account is closed: say what is undecided, pay it out, end its standing orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.utils.translation import gettext

from accounts import chart
from accounts.models import Account, Balance
from accounts.settlement import Books, Closing
from bankops.core import aftermath
from bankops.core.db import transaction_required
from bankops.core.money import Money
from transactions import selectors
from transactions.duplicates.errors import PayoutStoppedByRisk
from transactions.interest.amounts import to_be_posted
from transactions.models import AccruedInterest, Kind, Transaction
from transactions.services.booking import book
from transactions.services.instructions import Instruction
from transactions.services.interest_posting import post_interest_at_closing
from transactions.services.risk_checks import StoppedUnmade, assessed, branch_of
from transactions.services.standing_orders import end_orders_of


def undecided_on(account: Account) -> Sequence[str]:
    """Return the holds that keep money on an account, in words."""
    text = gettext("hold of %(amount)s (%(purpose)s)")
    return [
        text % {"amount": hold.money.format(), "purpose": hold.get_purpose_display()}
        for hold in selectors.pending_holds(account)
    ]


def accrued_on(account: Account) -> Money:
    """Return the interest that an account has earned and was not credited, in whole minor units."""
    accrued = AccruedInterest.objects.filter(account=account).first()
    return Money(to_be_posted(accrued.units)[0] if accrued else 0, account.currency)


def interest_payers(account: Account) -> Iterable[UUID]:
    """Return the bank's account that pays interest, where there is one and something has accrued."""
    if not accrued_on(account).minor:
        return ()
    number = chart.own_number(chart.INTEREST_EXPENSE, account.currency)
    return Account.objects.filter(number=number).values_list("pk", flat=True)


@transaction_required
def pay_out_balance(closing: Closing) -> Transaction:
    """Credit the interest that has accrued, transfer all that is on the account to its payee, and return that transaction.

    The accounts are locked. Nobody else consents: it is part of the closing, which was consented to. No limit applies, for
    the same reason. Risk is asked as for any transfer: an account is not emptied past it by being closed.

    :raises PayoutStoppedByRisk: when risk stops it; the closing fails with it, and its alert is written afterwards.
    :raises PostingRefused: when the journal refuses, for instance because the payee is blocked for credits.
    :raises InterestNotPosted: when it does not take the interest.
    """
    assert closing.payee is not None  # a closing without one has nothing to pay out
    post_interest_at_closing(
        account=closing.account, business_date=closing.business_date, actor=closing.actor, now=closing.now
    )
    instruction = assessed(_payout(closing, closing.payee))
    if instruction.assessment and instruction.stops:
        alert = StoppedUnmade(
            instruction.assessment,
            f"closing:{closing.account.public_id}",
            made_by=closing.actor.id,
            branch=branch_of(instruction),
        )
        raise aftermath.leaving(PayoutStoppedByRisk(), [alert])
    return book(instruction)


def _payout(closing: Closing, payee: Account) -> Instruction:
    """Return what pays out the balance as it is now, with the interest."""
    with_customer = Balance.objects.select_related("account__customer", "account__branch")
    balance = with_customer.get(account=closing.account)
    return Instruction(
        Kind.TRANSFER,
        debit=balance.account,
        credit=payee,
        amount=balance.ledger_money,
        actor=closing.actor,
        now=closing.now,
        business_date=closing.business_date,
        narrative=gettext("Balance of closed account %(number)s") % {"number": closing.account.number},
        reason=closing.reason,
    )


@transaction_required
def end_standing_orders(closing: Closing) -> int:
    """End every standing order that pays from the account or into it, and return how many."""
    return end_orders_of(account=closing.account, actor=closing.actor, now=closing.now, reason=closing.reason)


BOOKS = Books(
    pending=undecided_on,
    accrued=accrued_on,
    payers=interest_payers,
    pay_out=pay_out_balance,
    wind_up=end_standing_orders,
)
