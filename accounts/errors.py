"""Why an account or a customer cannot be had as asked."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class CustomerNameRequired(BankOpsError):
    code = "customer_name_required"
    message = _("Write the customer's name.")


class IdentifierTaken(BankOpsError):
    code = "identifier_taken"
    message = _(
        "Somebody is registered with this number already (%(type)s). Search for it: those who may see the customer find them."
    )
    http_status = 409


class IdentifierIncomplete(BankOpsError):
    code = "identifier_incomplete"
    message = _("Write the %(type)s, or leave this identifier out.")


class PayeeCheckExhausted(BankOpsError):
    code = "payee_check_exhausted"
    message = _(
        "%(limit)s payee checks of the last hour found no match. Ask your customers for the right details, and go on in "
        "%(seconds)s s."
    )
    http_status = 429

    @property
    def retry_after(self) -> int:
        return int(self.context["seconds"])


class UnknownCustomer(BankOpsError):
    code = "unknown_customer"
    message = _("There is no such customer.")
    http_status = 404


class AccountNotFound(BankOpsError):
    code = "account_not_found"
    message = _("There is no such account.")
    http_status = 404


class ProductNotOffered(BankOpsError):
    code = "product_not_offered"
    message = _("“%(product)s” is not offered to new customers. Choose another product.")


class OpeningConflict(BankOpsError):
    code = "opening_conflict"
    message = _(
        "This request opened account %(account)s already, on other terms. Open the form again for another account."
    )
    http_status = 409


class OverdraftNegative(BankOpsError):
    code = "overdraft_negative"
    message = _("An overdraft limit is zero or more.")


class InvalidAccountNumber(BankOpsError):
    code = "invalid_account_number"
    message = _("“%(number)s” is not an account number: its check digits do not fit. Compare it with the document.")


class BalanceNotZero(BankOpsError):
    code = "balance_not_zero"
    message = _(
        "Account %(account)s still holds %(balance)s, accrued interest included. Before it is closed, a debt is paid back, and"
        " what it holds is brought to zero or paid out: name the account that takes it."
    )


class AccountNotOpen(BankOpsError):
    code = "account_not_open"
    message = _("Account %(account)s is %(status)s already.")
    http_status = 409


class RestrictionUnchanged(BankOpsError):
    code = "restriction_unchanged"
    message = _("Account %(account)s is in that state already: %(restriction)s.")
    http_status = 409


class ReasonOfTheWatch(BankOpsError):
    code = "reason_of_the_watch"
    message = _("“%(reason)s” is placed and lifted by the bank's own watch over documents. Choose another reason.")


class OwnAccountProtected(BankOpsError):
    code = "own_account_protected"
    message = _("Account %(account)s belongs to the bank itself and cannot be frozen or closed here.")


class ConfidentialUnchanged(BankOpsError):
    code = "confidential_unchanged"
    message = _("Account %(account)s is as confidential as that already.")
    http_status = 409


class AccountNotConfidential(BankOpsError):
    code = "account_not_confidential"
    message = _("Account %(account)s is not confidential: whoever may view accounts sees it.")
    http_status = 409


class AccessGrantedAlready(BankOpsError):
    code = "access_granted_already"
    message = _("%(name)s may see account %(account)s already.")
    http_status = 409


class AccessNotGranted(BankOpsError):
    code = "access_not_granted"
    message = _("%(name)s was not granted access to account %(account)s.")
    http_status = 409


class CustomerNotApproved(BankOpsError):
    code = "customer_not_approved"
    message = _("Customer %(customer)s has not been approved. Have the application approved before opening an account.")
    http_status = 409


class RestrictionNotFound(BankOpsError):
    code = "restriction_not_found"
    message = _("There is no such restriction on this account. Reload its page.")
    http_status = 404


class RestrictionOver(BankOpsError):
    code = "restriction_over"
    message = _("This restriction of account %(account)s has ended already: %(ending)s.")
    http_status = 409


class LegalReferenceRequired(BankOpsError):
    code = "legal_reference_required"
    message = _("Write the file number of the order: nobody could find it again without.")


class RestrictionEndsTooSoon(BankOpsError):
    code = "restriction_ends_too_soon"
    message = _("The restriction would end before it begins. Choose a later end, or none.")


class FreezeConflict(BankOpsError):
    code = "freeze_conflict"
    message = _("This request froze account %(account)s already, on other terms. Open the form again for another one.")
    http_status = 409


class UnknownChoice(BankOpsError):
    code = "unknown_choice"
    message = _("“%(value)s” is no choice for “%(field)s”. Choose one of: %(choices)s.")


class InvalidMoment(BankOpsError):
    code = "invalid_moment"
    message = _("“%(value)s” is not a point in time. Write it as 2026-03-31T18:00:00+08:00.")


class AccountNotActive(BankOpsError):
    code = "account_not_active"
    message = _("Account %(account)s is %(status)s; only an active one can be marked dormant.")
    http_status = 409


class AccountNotDormant(BankOpsError):
    code = "account_not_dormant"
    message = _("Account %(account)s is %(status)s; only a dormant one can be woken.")
    http_status = 409


class AccountNotClosed(BankOpsError):
    code = "account_not_closed"
    message = _("Account %(account)s is %(status)s; only a closed one can be reopened.")
    http_status = 409


class AccountRestricted(BankOpsError):
    code = "account_restricted"
    message = _("Account %(account)s is restricted: %(restriction)s. Have the restriction lifted before closing it.")
    http_status = 409


class AccountHasPending(BankOpsError):
    code = "account_has_pending"
    message = _(
        "Something is undecided on account %(account)s: %(pending)s. Have it decided before closing the account."
    )
    http_status = 409


class PayoutRefused(BankOpsError):
    code = "payout_refused"
    message = _("The balance of account %(account)s cannot be paid out to account %(payee)s: %(why)s")


class PayeeUnfit(BankOpsError):
    code = "payee_unfit"
    message = _("The balance cannot be paid out to account %(payee)s. Choose another account in the same currency.")


class OverdraftUnchanged(BankOpsError):
    code = "overdraft_unchanged"
    message = _("The overdraft limit of account %(account)s is %(limit)s already.")
    http_status = 409


class LimitsUnchanged(BankOpsError):
    code = "limits_unchanged"
    message = _("The limits of account %(account)s are exactly these already.")
    http_status = 409


class LimitGivenTwice(BankOpsError):
    code = "limit_given_twice"
    message = _("The limit “%(limit)s” is given twice. Give one figure for each.")


class LimitNegative(BankOpsError):
    code = "limit_negative"
    message = _("A limit is zero or more.")


class OwnAccountHasNoTerms(BankOpsError):
    code = "own_account_has_no_terms"
    message = _("Account %(account)s belongs to the bank itself: it has neither overdraft nor limits.")


class UnknownProduct(BankOpsError):
    code = "unknown_product"
    message = _("There is no product “%(product)s”.")


class UnknownBranch(BankOpsError):
    code = "unknown_branch"
    message = _("There is no branch “%(branch)s”.")


class PostingRefused(BankOpsError):
    """The journal did not take an entry; nothing was written."""

    code = "posting_refused"
    message = _("The journal refused the entry.")


class UnknownAccount(PostingRefused):
    code = "unknown_account"
    message = _("There is no account %(account)s.")
    http_status = 404


class PartnerHasRights(BankOpsError):
    code = "partner_has_rights"
    message = _("%(partner)s has all these rights to account %(account)s already.")
    http_status = 409


class PartnerHasNoRights(BankOpsError):
    code = "partner_has_no_rights"
    message = _("%(partner)s has no rights to account %(account)s.")
    http_status = 409


class UnknownPartnerRight(BankOpsError):
    code = "unknown_partner_right"
    message = _("Name at least one right out of: %(rights)s.")
