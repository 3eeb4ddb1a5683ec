"""What lists and screening refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class ListMissing(BankOpsError):
    code = "risk_list_missing"
    message = _("The list %(name)s cannot be looked into: %(problem)s. Load it; until then nothing is cleared by it.")
    http_status = 503
    transient = True


class UnknownList(BankOpsError):
    code = "risk_unknown_list"
    message = _("There is no list %(name)s. Known ones are: %(known)s.")
    http_status = 404


class UnknownEdition(BankOpsError):
    code = "risk_unknown_edition"
    message = _("There is no such edition of a list.")
    http_status = 404


class EditionNotRefused(BankOpsError):
    code = "risk_edition_not_refused"
    message = _("Edition %(number)s of %(name)s waits for nobody: %(state)s.")
    http_status = 409


class EditionOvertaken(BankOpsError):
    code = "risk_edition_overtaken"
    message = _("Edition %(number)s of %(name)s came before the one in use. Load the list again instead.")
    http_status = 409


class ListNotFetched(BankOpsError):
    code = "risk_list_not_fetched"
    message = _("The list %(name)s could not be fetched: %(problem)s. The edition in use stays in use.")
    http_status = 502
    transient = True


class NoListAddress(BankOpsError):
    code = "risk_no_list_address"
    message = _(
        "Nothing says where the list %(name)s is fetched from. Name its addresses in BANKOPS_LIST_URLS, or give a file."
    )


class ListNotOwn(BankOpsError):
    code = "risk_list_not_own"
    message = _("%(name)s is published by others. Only the bank's own lists are changed by hand.")


class AlreadyOnList(BankOpsError):
    code = "risk_already_on_list"
    message = _("This is on the list %(name)s already. Take it off first, if its reason or last day is to change.")
    http_status = 409


class NotOnList(BankOpsError):
    code = "risk_not_on_list"
    message = _("This is not on the list any more.")
    http_status = 409


class ListValueUnreadable(BankOpsError):
    code = "risk_list_value_unreadable"
    message = _("“%(value)s” is no %(what)s. Write it as it stands on its page; a country as two letters.")


class LastDayPassed(BankOpsError):
    code = "risk_last_day_passed"
    message = _("The last day, %(day)s, has passed. Choose a later one, or none.")


class UnknownHit(BankOpsError):
    code = "risk_unknown_hit"
    message = _("There is no such screening hit.")
    http_status = 404


class HitMoved(BankOpsError):
    code = "risk_hit_moved"
    message = _(
        "This hit is not as you saw it: the list, the customer or somebody's decision changed it. Look at it again."
    )
    http_status = 409


class HitNotDecidable(BankOpsError):
    code = "risk_hit_not_decidable"
    message = _("Hit %(hit)s cannot be decided so: %(state)s.")
    http_status = 409


class TakesTwoPeople(BankOpsError):
    code = "risk_takes_two_people"
    message = _("This hit is a strong one, or was taken for true. Ask for its clearing; two reviewers have to agree.")
    http_status = 403


class UnknownOwner(BankOpsError):
    code = "risk_unknown_owner"
    message = _("Nobody here has this id. Choose a member of staff who answers for the entry.")
