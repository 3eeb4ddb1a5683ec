"""Deposits, withdrawals, transfers and fees.

Each is posted in one database transaction: journal entry, transaction, its events, audit event and outbox message commit
together or not at all. Called again with the same idempotency key and content, each returns the transaction it made the
first time; with other content it is refused.

Withdrawals and transfers go through the gate (`transactions.operations`). One that waits for approval is parked first;
with the consent of its request (`approval_request_id`) the service posts what was parked. One that looks like another is held
back instead of posted, where the policy says so (`transactions.services.duplicates`), and one that risk stops is held back or
declined (`transactions.services.stopping`): the state of what is returned says it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Required, TypedDict, Unpack
from uuid import UUID

from django.db import transaction

from accounts import chart
from accounts import selectors as account_selectors
from accounts.locks import accounts_for_update
from accounts.models import Account, Balance
from bankops.core import operations
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from bankops.core.idempotency import frame_for
from bankops.core.money import Money
from bankops.core.texts import require_reason
from risk.assessment.answer import Assessment
from risk.origin import Origin
from transactions import errors, limits
from transactions.models import Channel, DuplicatePolicy, Kind, NoteAnswer, Transaction
from transactions.services import duplicates
from transactions.services.booking import book, earlier_under_key
from transactions.services.duplicate_notes import note_look_alike
from transactions.services.held import hold_back
from transactions.services.instructions import Instruction
from transactions.services.parking import park, post_parked
from transactions.services.risk_checks import assessed
from transactions.services.stopping import stop


class Circumstances(TypedDict, total=False):
    """What every movement is told beside accounts and amount.

    Attributes:
        actor: the maker.
        now: aware; when the bank received the instruction.
        business_date: the bank's own day; booking and value date.
        narrative: what the customer reads on the statement.
        idempotency_key: the caller's key, or None when the call cannot repeat.
        channel: `STAFF` unless told otherwise.
        external_reference: the reference the caller knows it by.
        reason: in the maker's words, for the audit trail.
        approval_request_id: the request it waits in, or was consented to (`apr_…`); empty when it needed none.
        partner_id: whose system ordered it; None for the bank's own people.
        is_genuine: the maker has seen what it looks like and says, in `reason`, why it is no duplicate.
        locked: balances by account, when the caller locked them: as `accounts_for_update` returned them.
        assessment: what risk says of it, when the caller has asked; it is asked here otherwise.
        foreseen: what it said before the accounts were locked, where policies were told that.
        origin: where the customer was who ordered it, as its partner says.

    """

    actor: Required[Actor]
    now: Required[datetime]
    business_date: Required[date]
    narrative: str
    idempotency_key: str | None
    channel: Channel
    external_reference: str
    reason: str
    approval_request_id: str
    partner_id: UUID | None
    is_genuine: bool
    locked: Mapping[UUID, Balance]
    assessment: Assessment | None
    foreseen: Assessment | None
    origin: Origin


@transaction.atomic
def deposit(*, account_id: UUID, amount: Money, **circumstances: Unpack[Circumstances]) -> Transaction:
    """Take cash in and credit it to a customer's account: debit cash in hand, credit the customer.

    Writes the audit event and announces `transactions.deposit.posted`.

    :raises NotACustomerAccount, UnknownAccount: when the account is not a customer's.
    :raises PostingRefused: `account_closed`, `account_blocked`, `currency_mismatch`, `amount_not_positive`, …
    :raises IdempotencyConflict: when the key was used for something else.
    """
    customer = _customer_account(account_selectors.accounts_by_id([account_id]), account_id)
    cash = _own_account(chart.CASH, amount, circumstances)
    return _book_under_lock(
        Instruction(Kind.DEPOSIT, debit=cash, credit=customer, amount=amount, **circumstances), None
    )


@operations.only_through_gate("transactions.withdraw")
@transaction.atomic
def withdraw(*, account_id: UUID, amount: Money, **circumstances: Unpack[Circumstances]) -> Transaction:
    """Pay cash out of a customer's account: debit the customer, credit cash in hand.

    Writes the audit event and announces `transactions.withdrawal.posted`.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises InsufficientFunds: when the available balance is not enough.
    :raises NotACustomerAccount, UnknownAccount, PostingRefused, IdempotencyConflict: as for `deposit`.
    :raises NotParked, NotWhatWasParked: when nothing, or something else, waits in the request it was consented to.
    :raises Busy: when its risk band is higher, behind the locks, than policies were told.
    """
    return _carry_out(_withdrawal(account_id, amount, circumstances))


@transaction.atomic
def park_withdrawal(*, account_id: UUID, amount: Money, **circumstances: Unpack[Circumstances]) -> Transaction:
    """Record a withdrawal that waits in an approval request and hold its money; return the transaction.

    Writes `transactions.withdrawal.parked` and `transactions.hold.placed`.

    :raises InsufficientFunds, NotACustomerAccount, UnknownAccount, PostingRefused: as for `withdraw`.
    """
    return park(_withdrawal(account_id, amount, circumstances))


@operations.only_through_gate("transactions.transfer")
def transfer(
    *, from_account_id: UUID, to_account_id: UUID, amount: Money, **circumstances: Unpack[Circumstances]
) -> Transaction:
    """Move money between two customers' accounts: debit the payer, credit the payee.

    Writes the audit event and announces `transactions.transfer.posted`.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises SameAccount: when both are one account.
    :raises InsufficientFunds: when the payer's available balance is not enough.
    :raises NotACustomerAccount, UnknownAccount, PostingRefused, IdempotencyConflict: as for `deposit`.
    :raises NotParked, NotWhatWasParked: when nothing, or something else, waits in the request it was consented to.
    :raises Busy: when its risk band is higher, behind the locks, than policies were told.
    :raises DuplicateReference: when the partner has used the reference before.
    """
    return _carry_out(_between(Kind.TRANSFER, from_account_id, to_account_id, amount, circumstances))


def park_transfer(
    *, from_account_id: UUID, to_account_id: UUID, amount: Money, **circumstances: Unpack[Circumstances]
) -> Transaction:
    """Record a transfer that waits in an approval request and hold the payer's money; return the transaction.

    Writes `transactions.transfer.parked` and `transactions.hold.placed`.

    :raises SameAccount, InsufficientFunds, NotACustomerAccount, UnknownAccount, PostingRefused: as for `transfer`.
    """
    return park(_between(Kind.TRANSFER, from_account_id, to_account_id, amount, circumstances))


@operations.only_through_gate("transactions.agent_deposit")
def agent_deposit(
    *, float_account_id: UUID, account_id: UUID, amount: Money, **circumstances: Unpack[Circumstances]
) -> Transaction:
    """Credit cash that an agent took in: debit the agent's own account, which stands for it, credit the customer.

    Writes the audit event and announces `transactions.deposit.posted`.

    :raises SameAccount, InsufficientFunds, …: as for `transfer`.
    """
    return _carry_out(_between(Kind.DEPOSIT, float_account_id, account_id, amount, circumstances))


@transaction.atomic
def park_agent_deposit(
    *, float_account_id: UUID, account_id: UUID, amount: Money, **circumstances: Unpack[Circumstances]
) -> Transaction:
    """Record a deposit at an agent that waits in an approval request; as `park_transfer`."""
    return park(_between(Kind.DEPOSIT, float_account_id, account_id, amount, circumstances))


@operations.only_through_gate("transactions.agent_withdraw")
def agent_withdraw(
    *, account_id: UUID, float_account_id: UUID, amount: Money, **circumstances: Unpack[Circumstances]
) -> Transaction:
    """Pay an agent back the cash it pays out: debit the customer, credit the agent's own account.

    Writes the audit event and announces `transactions.withdrawal.posted`.

    :raises SameAccount, InsufficientFunds, …: as for `transfer`.
    """
    return _carry_out(_between(Kind.WITHDRAWAL, account_id, float_account_id, amount, circumstances))


@transaction.atomic
def park_agent_withdrawal(
    *, account_id: UUID, float_account_id: UUID, amount: Money, **circumstances: Unpack[Circumstances]
) -> Transaction:
    """Record a withdrawal at an agent that waits in an approval request; as `park_transfer`."""
    return park(_between(Kind.WITHDRAWAL, account_id, float_account_id, amount, circumstances))


@transaction.atomic
def charge_fee(*, account_id: UUID, amount: Money, **circumstances: Unpack[Circumstances]) -> Transaction:
    """Charge a customer a fee: debit the customer, credit fee income. The available balance must cover it.

    Writes the audit event and announces `transactions.fee.posted`.

    :raises InsufficientFunds: when the available balance is not enough.
    :raises NotACustomerAccount, UnknownAccount, PostingRefused, IdempotencyConflict: as for `deposit`.
    """
    customer = _customer_account(account_selectors.accounts_by_id([account_id]), account_id)
    income = _own_account(chart.FEE_INCOME, amount, circumstances)
    return book(Instruction(Kind.FEE, debit=customer, credit=income, amount=amount, **circumstances))


def _withdrawal(account_id: UUID, amount: Money, told: Circumstances) -> Instruction:
    customer = _customer_account(_found(told, account_id), account_id)
    cash = _own_account(chart.CASH, amount, told)
    return Instruction(Kind.WITHDRAWAL, debit=customer, credit=cash, amount=amount, **told)


def _between(kind: Kind, from_account_id: UUID, to_account_id: UUID, amount: Money, told: Circumstances) -> Instruction:
    """Return a movement between two customers' accounts."""
    found = _found(told, from_account_id, to_account_id)
    payer = _customer_account(found, from_account_id)
    if from_account_id == to_account_id:
        raise errors.SameAccount(account=payer.number)
    payee = _customer_account(found, to_account_id)
    return Instruction(kind, debit=payer, credit=payee, amount=amount, **told)


def _carry_out(instruction: Instruction) -> Transaction:
    if instruction.is_genuine:
        require_reason(instruction.reason)
    if instruction.approval_request_id:
        return post_parked(instruction)
    return _book_under_lock(instruction, duplicates.policy_for(instruction))


def _book_under_lock(instruction: Instruction, policy: DuplicatePolicy | None) -> Transaction:
    with frame_for(instruction.idempotency_key):
        return _looked_at_and_booked(instruction, policy)


@transaction_required
def _looked_at_and_booked(instruction: Instruction, policy: DuplicatePolicy | None) -> Transaction:
    """Lock the accounts before looking at what was paid and used, so that of two payments at once one sees the other."""
    sides = instruction.debit.pk, instruction.credit.pk
    locked = dict(instruction.locked)
    if not locked.keys() >= set(sides):
        locked = {one.account_id: one for one in accounts_for_update(sides)}
        instruction = _as_locked(instruction, locked)
    if earlier := earlier_under_key(instruction):
        return earlier
    duplicates.refuse_known_reference(instruction)
    twins = duplicates.look(instruction, policy) if policy else None
    alike = twins if twins and twins.are_too_many else None
    if alike and instruction.is_genuine:
        instruction, alike = replace(instruction, is_confirmed=True, confirms=alike.twin), None
    instruction = assessed(instruction)
    if instruction.stops:
        return stop(instruction, alike, locked)
    if alike:
        return hold_back(instruction, alike, locked)
    limits.check_instruction(instruction, locked[instruction.debit.pk].account)
    row = book(instruction)
    if instruction.is_confirmed:
        note_look_alike(row=row, answer=NoteAnswer.CONFIRMED, actor=instruction.actor, now=instruction.now)
    return row


def _as_locked(instruction: Instruction, locked: Mapping[UUID, Balance]) -> Instruction:
    """Return an instruction with its accounts as they were read behind their locks; risk looks at the balance."""
    debit, credit = (locked[side.pk].account for side in (instruction.debit, instruction.credit))
    return replace(instruction, debit=debit, credit=credit)


def _found(told: Circumstances, *account_ids: UUID) -> Mapping[UUID, Account]:
    """Return the accounts that are there by their ids: as the caller locked them, or as they are now."""
    locked = told.get("locked", {})
    if locked.keys() >= set(account_ids):
        return {account_id: locked[account_id].account for account_id in account_ids}
    return account_selectors.accounts_by_id(account_ids)


def _customer_account(found: Mapping[UUID, Account], account_id: UUID) -> Account:
    account = found.get(account_id)
    if account is None:
        raise errors.UnknownAccount(account=account_id)
    if not account.is_customer_account:
        raise errors.NotACustomerAccount(account=account.number)
    return account


def _own_account(line: chart.Line, amount: Money, told: Circumstances) -> Account:
    return chart.own_account(
        line, amount.currency, business_date=told["business_date"], actor=told["actor"], now=told["now"]
    )
