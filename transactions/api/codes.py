"""The codes that services of payments, holds and batches refuse partners with: for the API's description, by operation.

Tests of the API fail when an operation answers with a code that it does not list (`tests.api.callers`).
"""

from __future__ import annotations

from typing import Final

from accounts.errors import PayeeCheckExhausted, UnknownAccount
from approvals.errors import IdenticalRequestOpen
from bankops.core.operations import NoApprovalGate
from partners import errors as partner_errors
from transactions import errors
from transactions.api.refusals import OF_AN_ACCOUNT, PayeeUnavailable
from transactions.duplicates import errors as duplicate_errors
from transactions.transfer_batches import errors as batch_errors

_ACCOUNTS: Final = {error.code for error in (*OF_AN_ACCOUNT, UnknownAccount, PayeeUnavailable)}
_ACCOUNTS_STILL: Final = _ACCOUNTS - {errors.AccountPending.code}
"""Of accounts between which money was moved or held before: neither becomes pending again."""
_LIMITS: Final = {partner_errors.PartnerLimitMissing.code, partner_errors.PartnerLimitExceeded.code}
_COVER: Final = {errors.InsufficientFunds.code}
_FITS: Final = {errors.LimitExceeded.code}
_NAMED: Final = {errors.SameAccount.code}
_ONCE: Final = {duplicate_errors.DuplicateReference.code}
_GATE: Final = {NoApprovalGate.code, partner_errors.PartnerNotAllowed.code}
"""What the gate refuses: a partner that was let in a moment ago and may not any more, too."""

_DECLINED: Final = {errors.PaymentDeclined.code}
"""What risk has declined: on record all the same."""

PLACE: Final = frozenset(_ACCOUNTS | _LIMITS | _COVER | _FITS | _NAMED | _ONCE | _GATE | _DECLINED)
"""A transfer."""
PLACE_CASH: Final = PLACE | {duplicate_errors.NotAnAgent.code}
CANCEL: Final = frozenset({errors.NotCancellable.code})
CONFIRM_CASH_IN: Final = frozenset(
    (_ACCOUNTS_STILL - {errors.WrongCurrency.code})
    | _LIMITS
    | _COVER
    | _GATE
    | _DECLINED
    | {duplicate_errors.NotHeld.code, duplicate_errors.HeldByRisk.code, IdenticalRequestOpen.code}
)
"""Cash that an agent took in: no limit of its account counts it. What is confirmed looks like what both accounts took, so that
neither is pending or kept in another currency."""
CONFIRM: Final = CONFIRM_CASH_IN | _FITS
REFUND: Final = frozenset(
    _ACCOUNTS_STILL
    | _DECLINED
    | _LIMITS
    | _COVER
    | _ONCE
    | _GATE
    | {duplicate_errors.NotRefundable.code, duplicate_errors.RefundTooLarge.code}
)
HOLD: Final = frozenset(
    _ACCOUNTS
    | _LIMITS
    | _COVER
    | _FITS
    | _NAMED
    | _ONCE
    | {
        duplicate_errors.PossibleDuplicate.code,
        errors.HoldEndsInThePast.code,
        errors.HoldEndsTooLate.code,
    }
)
CAPTURE: Final = frozenset(
    _ACCOUNTS_STILL
    | _DECLINED
    | _LIMITS
    | _COVER
    | _FITS
    | _ONCE
    | _GATE
    | {
        IdenticalRequestOpen.code,
        errors.HoldCapturedAlready.code,
        errors.HoldVoided.code,
        errors.HoldExpired.code,
        errors.CaptureTooLarge.code,
    }
)
RELEASE: Final = frozenset({errors.HoldNotPending.code})
BATCH: Final = frozenset(_LIMITS | _ONCE | _GATE | {UnknownAccount.code, batch_errors.BatchRefused.code})
"""A batch as a whole; its items are refused one by one."""
CANCEL_BATCH: Final = frozenset({batch_errors.BatchNotCancellable.code})
CHECK_PAYEE: Final = frozenset({PayeeCheckExhausted.code})
