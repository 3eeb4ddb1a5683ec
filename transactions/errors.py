"""Why a movement of money is refused. The codes are those the SQL function answers (`migrations/ledger_post.sql`)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.errors import PostingRefused as PostingRefused  # noqa: PLC0414 - said twice, it may be imported from here
from accounts.errors import UnknownAccount as UnknownAccount  # noqa: PLC0414 - likewise
from bankops.core.errors import BankOpsError


class PaymentDeclined(BankOpsError):
    code = "payment_declined"
    message = _(
        "The bank has declined %(transaction)s. Nothing was moved, and the same payment would be declined again."
    )


class InsufficientFunds(PostingRefused):
    code = "insufficient_funds"
    message = _("The available balance of account %(account)s is not enough.")


class LimitExceeded(PostingRefused):
    code = "limit_exceeded"
    message = _(
        "Account %(account)s has a limit (%(limit)s) of %(amount)s. Used: %(used)s; left: %(left)s. Nothing was moved."
    )


class AccountClosed(PostingRefused):
    code = "account_closed"
    message = _("Account %(account)s is closed. Use another account.")


class AccountPending(PostingRefused):
    code = "account_pending"
    message = _("Account %(account)s has not been activated yet.")


class AccountDormant(PostingRefused):
    code = "account_dormant"
    message = _("Account %(account)s is dormant and cannot be debited. Reactivate it first.")


class AccountBlocked(PostingRefused):
    code = "account_blocked"
    message = _("Account %(account)s is blocked for this movement. Release the restriction first.")


class WrongCurrency(PostingRefused):
    code = "currency_mismatch"
    message = _("Account %(account)s is kept in another currency.")


class AmountNotPositive(PostingRefused):
    code = "amount_not_positive"
    message = _("The amount must be greater than zero.")


class InvalidIpAddress(BankOpsError):
    code = "invalid_ip_address"
    message = _("“%(address)s” is no IP address. Write it as 203.0.113.7 or 2001:db8::7, or leave it out.")


class PostingTooLarge(PostingRefused):
    code = "posting_too_large"
    message = _("The amount or the balance it leads to is more than the books can hold.")


class UnbalancedEntry(PostingRefused):
    code = "unbalanced_entry"
    message = _("The debits and credits of the entry are not equal in every currency.")


class TooFewPostings(PostingRefused):
    code = "too_few_postings"
    message = _("A journal entry needs at least two postings.")


class AlreadyReversed(PostingRefused):
    code = "already_reversed"
    message = _("This has been reversed already; it can be reversed once only.")


class ReversalOfReversal(PostingRefused):
    code = "reversal_of_reversal"
    message = _("A reversal cannot be reversed. Make the original transaction again instead.")


class ReversalNotAMirror(PostingRefused):
    code = "reversal_not_a_mirror"
    message = _("A reversal must swap the sides of exactly the postings it reverses.")


class UnknownEntry(PostingRefused):
    code = "unknown_entry"
    message = _("There is no such journal entry.")
    http_status = 404


class IdempotencyConflict(PostingRefused):
    code = "idempotency_conflict"
    message = _("This idempotency key was used for a different request. Use a new key for a new request.")


class SameAccount(BankOpsError):
    code = "same_account"
    message = _("Choose two different accounts: money cannot move from account %(account)s to itself.")


class NotACustomerAccount(BankOpsError):
    code = "not_a_customer_account"
    message = _("Account %(account)s belongs to the bank itself. Choose a customer's account.")


class NotReversible(BankOpsError):
    code = "not_reversible"
    message = _("Transaction %(reference)s is %(state)s; only a posted one can be reversed.")


class InvalidTransition(BankOpsError):
    code = "invalid_transition"
    message = _("A transaction that is %(from_state)s cannot become %(to_state)s.")
    http_status = 409


class UnknownTransaction(BankOpsError):
    code = "unknown_transaction"
    message = _("There is no transaction %(reference)s.")
    http_status = 404


class NotCancellable(BankOpsError):
    code = "not_cancellable"
    message = _("Transfer %(reference)s is %(status)s; only one that waits or is held can be cancelled.")
    http_status = 409


class UnknownHold(BankOpsError):
    code = "unknown_hold"
    message = _("There is no hold %(hold)s.")
    http_status = 404


class HoldNotPending(BankOpsError):
    code = "hold_not_pending"
    message = _("The hold of %(amount)s is %(state)s already; only a pending one can be ended.")
    http_status = 409


class HoldExpired(BankOpsError):
    code = "hold_expired"
    message = _("The hold of %(amount)s ended at %(ended)s, and its money was given back. Ask for the payment anew.")
    http_status = 409


class HoldVoided(BankOpsError):
    code = "hold_voided"
    message = _("The hold of %(amount)s was given back at %(ended)s. Ask for the payment anew.")
    http_status = 409


class HoldCapturedAlready(BankOpsError):
    code = "hold_captured_already"
    message = _("The hold of %(amount)s was captured already: %(captured)s by %(reference)s.")
    http_status = 409


class HoldNotCapturable(BankOpsError):
    code = "hold_not_capturable"
    message = _("The hold of %(amount)s (%(purpose)s) announces no payment, so it cannot be captured; only given back.")
    http_status = 409


class CaptureTooLarge(BankOpsError):
    code = "capture_too_large"
    message = _("%(amount)s is more than the %(held)s held. Capture at most that, and ask for the rest separately.")


class HoldEndsInThePast(BankOpsError):
    code = "hold_ends_in_the_past"
    message = _("A hold cannot end before it begins. Choose a later moment, or leave it open.")


class HoldEndsTooLate(BankOpsError):
    code = "hold_ends_too_late"
    message = _("A hold lasts %(days)s days at most. Capture it by then, or place another one.")


class HoldBelongsToTransaction(BankOpsError):
    code = "hold_belongs_to_transaction"
    message = _(
        "The hold of %(amount)s belongs to transaction %(reference)s, which waits for approval. It ends with it."
    )
    http_status = 409


class HoldBelongsToBatch(BankOpsError):
    code = "hold_belongs_to_batch"
    message = _("The hold of %(amount)s belongs to a partner's batch, which waits in %(request)s. It ends with it.")
    http_status = 409


class NotParked(BankOpsError):
    code = "transaction_not_parked"
    message = _("No transaction waits in approval request %(request)s.")
    http_status = 409


class NotWhatWasParked(BankOpsError):
    code = "not_what_was_parked"
    message = _("Transaction %(reference)s waits for something else than this. Nothing was posted; submit it again.")
    http_status = 409


class FieldMissing(BankOpsError):
    code = "field_missing"
    message = _("“%(field)s” is missing.")


class BatchTooLarge(BankOpsError):
    code = "batch_too_large"
    message = _("A batch holds at most %(limit)s entries; this one has %(count)s. Split it.")


class EntryTooLarge(BankOpsError):
    code = "entry_too_large"
    message = _("A journal entry holds at most %(limit)s postings; this one has %(count)s. Split it.")


class StatementTooLong(BankOpsError):
    code = "statement_too_long"
    message = _(
        "The period has %(count)s bookings; %(form)s is made for at most %(limit)s. Choose a shorter period, or CSV."
    )


class StatementNotTypeset(BankOpsError):
    code = "statement_not_typeset"
    message = _("The PDF could not be made. Try a shorter period, or take another form; tell IT if it happens again.")
    http_status = 503


def refusal(code: str) -> type[PostingRefused]:
    """Return the error class for a code answered by the ledger."""
    return _by_code[code]


_by_code: dict[str, type[PostingRefused]] = {
    error.code: error
    for error in (
        InsufficientFunds,
        AccountClosed,
        AccountPending,
        AccountDormant,
        AccountBlocked,
        UnknownAccount,
        WrongCurrency,
        AmountNotPositive,
        PostingTooLarge,
        UnbalancedEntry,
        TooFewPostings,
        AlreadyReversed,
        ReversalOfReversal,
        ReversalNotAMirror,
        UnknownEntry,
        IdempotencyConflict,
    )
}
