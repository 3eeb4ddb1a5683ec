"""Why a repeated, held or refunded payment is refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class DuplicateReference(BankOpsError):
    code = "duplicate_reference"
    message = _(
        "The reference “%(external_reference)s” was used for %(transaction)s (%(where)s). Nothing was moved; "
        "give every payment a reference of its own."
    )
    http_status = 409


class PossibleDuplicate(BankOpsError):
    code = "possible_duplicate"
    message = _(
        "This looks like %(twin)s: the same accounts and about the same amount, of late. Nothing was held; where both are "
        "wanted, say why in “genuine_because”."
    )
    http_status = 409


class NotHeld(BankOpsError):
    code = "not_held"
    message = _("Transaction %(reference)s is %(state)s; only one that is held back can be released or cancelled.")
    http_status = 409


class HeldByRisk(BankOpsError):
    code = "under_review"
    message = _(
        "%(reference)s waits for the bank's own review, whatever it looks like. Wait for it, or cancel the payment."
    )
    http_status = 409


class NotHeldByRisk(BankOpsError):
    code = "not_held_by_risk"
    message = _("%(reference)s is not held by risk, or risk has decided. Look at what else it waits for.")
    http_status = 409


class StoppedByRisk(BankOpsError):
    """Where a payment cannot be held back: one that waits for approval, whether it is amended or about to be posted."""

    code = "stopped_by_risk"
    message = _(
        "The bank looks at this payment before it may move, so nothing was moved. Withdraw what still waits for approval and "
        "order the payment anew: it is held then until somebody has looked."
    )
    http_status = 409


class RefusedByRisk(BankOpsError):
    """Where people release a payment that risk refuses by then."""

    code = "refused_by_risk"
    message = _(
        "%(reference)s was not released: by what the bank knows now it must not move. Read why on its page and decline it, or "
        "ask for its release anew when that is no longer so, or everybody who agrees knows of it."
    )
    http_status = 409


class PayoutStoppedByRisk(BankOpsError):
    code = "payout_stopped_by_risk"
    message = _(
        "The bank looks at this payment before it may move. Order it as a transfer, which is held until somebody has looked, "
        "and close the account when it is empty."
    )
    http_status = 409


class PartnerMayNoLonger(BankOpsError):
    code = "partner_may_no_longer"
    message = _(
        "%(partner)s may no longer use the accounts of %(reference)s. Cancel the payment, or give the partner its rights back."
    )
    http_status = 409


class NotByItsMaker(BankOpsError):
    code = "not_by_its_maker"
    message = _("You made %(reference)s yourself. Ask a colleague to say whether it is a duplicate.")
    http_status = 403


class NotRefundable(BankOpsError):
    code = "not_refundable"
    message = _("%(reference)s is %(kind)s, %(state)s; only a posted transfer can be refunded.")
    http_status = 409


class RefundTooLarge(BankOpsError):
    code = "refund_too_large"
    message = _("%(amount)s is more than the %(left)s that can still be given back of %(reference)s.")


class RefundedAlready(BankOpsError):
    code = "refunded_already"
    message = _(
        "Of %(reference)s %(refunded)s was refunded, or is about to be. Refund the rest instead of reversing it."
    )
    http_status = 409


class NotAnAgent(BankOpsError):
    code = "not_an_agent"
    message = _("Cash is taken in and paid out by the bank's agents only. Nothing was moved.")
    http_status = 403


class OutOfRange(BankOpsError):
    code = "duplicate_policy_out_of_range"
    message = _("“%(field)s” is a whole number from %(least)s to %(most)s.")
