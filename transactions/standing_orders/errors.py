"""Why a standing order is refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class UnknownStandingOrder(BankOpsError):
    code = "unknown_standing_order"
    message = _("There is no standing order %(order)s.")
    http_status = 404


class OnePayee(BankOpsError):
    code = "standing_order_one_payee"
    message = _("Name one payee: an account of this bank, or bank and account at another one.")


class PayeeBankMissing(BankOpsError):
    code = "payee_bank_missing"
    message = _(
        "This account number is no IBAN, so it needs its bank: the BIC or, in China, the CNAPS code of 12 digits."
    )


class PayeeNameMissing(BankOpsError):
    code = "payee_name_missing"
    message = _("Say whom the order pays at the other bank: the payee's name, as it stands on the account there.")


class IbanNeeded(BankOpsError):
    code = "iban_needed"
    message = _("Accounts at %(bank)s have an IBAN, and this is none. Ask the customer for the payee's IBAN.")


class BankWithoutIbans(BankOpsError):
    code = "bank_without_ibans"
    message = _(
        "Accounts at %(bank)s have no IBAN, and this is one. Compare bank and account with what the customer gave."
    )


class BankElsewhere(BankOpsError):
    code = "iban_of_another_country"
    message = _(
        "%(bank)s is a bank in %(bank_country)s, and the IBAN is of %(country)s. Compare both with what the customer gave, or "
        "leave the bank out: the IBAN says enough."
    )


class InvalidSchedule(BankOpsError):
    code = "standing_order_schedule"
    message = _("This schedule is none: %(problem)s")


class NothingDue(BankOpsError):
    code = "standing_order_never_due"
    message = _("Nothing would be due between %(first)s and %(last)s. Choose other days.")


class FirstPaymentPast(BankOpsError):
    code = "standing_order_in_the_past"
    message = _("The first payment cannot be on %(first)s: that day is over. Choose %(today)s or later.")


class StandingOrderMoved(BankOpsError):
    code = "standing_order_changed"
    message = _("Somebody changed the standing order in the meantime (version %(present)s). Look at it again.")
    http_status = 409


class NotInThisState(BankOpsError):
    code = "standing_order_state"
    message = _("The standing order is %(state)s, so this cannot be done.")
    http_status = 409


class NoSchedule(BankOpsError):
    code = "standing_order_without_schedule"
    message = _("The standing order has no schedule yet. Change it: say when the first payment is due.")
