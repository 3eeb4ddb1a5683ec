"""Why personal data is not shown or erased as asked."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class NoPartChosen(BankOpsError):
    code = "no_part_chosen"
    message = _("Choose what you need to see. Each choice is recorded.")


class CustomerHasAccounts(BankOpsError):
    code = "customer_has_accounts"
    message = _("Customer %(customer)s still has %(count)s account(s). Close them first.")
    http_status = 409


class CustomerHasRights(BankOpsError):
    code = "customer_has_rights"
    message = _("Customer %(customer)s still has rights on an account of somebody else (%(account)s). End them first.")
    http_status = 409


class RetentionNotOver(BankOpsError):
    code = "retention_not_over"
    message = _("The law asks the bank to keep the data of customer %(customer)s until %(day)s.")
    http_status = 409


class AlreadyPseudonymised(BankOpsError):
    code = "already_pseudonymised"
    message = _("The personal data of customer %(customer)s was erased already.")
    http_status = 409


class AccountsNotVisible(BankOpsError):
    code = "accounts_not_visible"
    message = _(
        "Customer %(customer)s has accounts that you may not see. Somebody who may see all of them has to do this."
    )
    http_status = 403
