"""Why an account or a customer cannot be had as asked."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class CustomerNameRequired(BankOpsError):
    code = "customer_name_required"
    message = _("Write the customer's name.")


class IdentifierTaken(BankOpsError):
    code = "identifier_taken"
    message = _("Customer %(customer)s has this identifier already. Open the account for that customer.")
    http_status = 409


class IdentifierIncomplete(BankOpsError):
    code = "identifier_incomplete"
    message = _("Write the %(type)s, or leave this identifier out.")


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
    message = _("Account %(account)s still holds %(balance)s. Bring it to zero before closing it.")


class MoneyHeld(BankOpsError):
    code = "money_held"
    message = _("%(held)s of account %(account)s is held for something undecided. Have that decided before closing it.")
    http_status = 409


class AccountNotOpen(BankOpsError):
    code = "account_not_open"
    message = _("Account %(account)s is %(status)s already.")
    http_status = 409


class RestrictionUnchanged(BankOpsError):
    code = "restriction_unchanged"
    message = _("Account %(account)s is in that state already: %(restriction)s.")
    http_status = 409


class OwnAccountProtected(BankOpsError):
    code = "own_account_protected"
    message = _("Account %(account)s belongs to the bank itself and cannot be frozen or closed here.")
