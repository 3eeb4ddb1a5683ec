"""What `staff` refuses, each with a stable code."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class SuperusersDoNotExist(BankOpsError):
    code = "superusers_do_not_exist"
    message = _("There are no superusers here. Make a bank's first administrator with: manage.py create_administrator")


class UserNotFound(BankOpsError):
    code = "user_not_found"
    message = _("Nobody here has the id or employee number “%(user)s”.")
    http_status = 404


class EmployeeNumberTaken(BankOpsError):
    code = "employee_number_taken"
    message = _("%(employee_number)s is somebody else's employee number. Numbers are never used again.")


class InvalidEmployeeNumber(BankOpsError):
    code = "invalid_employee_number"
    message = _(
        "“%(employee_number)s” is not an employee number: a letter, then letters, digits or dashes, for instance E1001."
    )


class InvalidStaffEmail(BankOpsError):
    code = "invalid_staff_email"
    message = _("“%(email)s” is not an e-mail address. Write it as in fang@bank.example, or leave it out.")


class CannotChangeOwnRights(BankOpsError):
    code = "cannot_change_own_rights"
    message = _("Nobody changes their own rights or sign-in. Ask another administrator.")
    http_status = 403


class LastAdministrator(BankOpsError):
    code = "last_administrator"
    message = _("%(name)s is the last active administrator. Make somebody else administrator first.")


class RolesMustStayApart(BankOpsError):
    code = "roles_must_stay_apart"
    message = _("%(wanted)s and %(held)s may not be held by one person. Revoke %(held)s first.")


class RoleAlreadyHeld(BankOpsError):
    code = "role_already_held"
    message = _("%(name)s holds the role %(role)s already.")


class RoleNotHeld(BankOpsError):
    code = "role_not_held"
    message = _("%(name)s does not hold the role %(role)s.")


class UnknownRole(BankOpsError):
    code = "unknown_role"
    message = _("“%(role)s” is not a role. Choose one of: %(roles)s.")


class RolesNeedApproval(BankOpsError):
    code = "roles_need_approval"
    message = _("Two reviewers agree before anybody gets a role. Hire without one, then ask for it with “Grant role”.")
    http_status = 403


class AdministratorExists(BankOpsError):
    code = "administrator_exists"
    message = _(
        "The bank has an active administrator. Ask for the role with “Grant role”; if no administrator can sign in any "
        "more, say why with --emergency."
    )


class ReviewersExist(BankOpsError):
    code = "reviewers_exist"
    message = _(
        "%(count)s active people hold the role %(role)s, which is enough to review. Ask for it with “Grant role”."
    )


class NotAReviewingRole(BankOpsError):
    code = "not_a_reviewing_role"
    message = _("%(role)s is not a role that a new bank appoints by command. Ask for it with “Grant role”.")


class RolesNotSynced(BankOpsError):
    code = "roles_not_synced"
    message = _("The role %(role)s is missing in the database. Run: manage.py sync_roles")


class AlreadyDisabled(BankOpsError):
    code = "already_disabled"
    message = _("%(name)s is disabled already.")


class CannotSignIn(BankOpsError):
    code = "cannot_sign_in"
    message = _("%(name)s is disabled and could not review anything. Appoint somebody who can sign in.")


class NotDisabled(BankOpsError):
    code = "not_disabled"
    message = _("%(name)s is not disabled.")


class NoSecondFactor(BankOpsError):
    code = "no_second_factor"
    message = _("%(name)s has no second factor yet; it is set up at the next sign-in.")


class SecondFactorExists(BankOpsError):
    code = "second_factor_exists"
    message = _("A second factor is set up already. If the phone is lost, an administrator can reset it.")


class CodeRefused(BankOpsError):
    code = "code_refused"
    message = _(
        "That code is not right. Check that the phone's clock is set automatically, and enter the code it shows now."
    )


class CodeAlreadyUsed(BankOpsError):
    code = "code_already_used"
    message = _("That code was used already; each is good once. Wait until the app shows the next one.")


class TooManyWrongCodes(BankOpsError):
    code = "too_many_wrong_codes"
    message = _("Too many wrong codes. Wait %(seconds)s seconds, then enter the code the app shows.")
    http_status = 429


class RecoveryCodeRefused(BankOpsError):
    code = "recovery_code_refused"
    message = _("That recovery code is not right, or it was used before. Each is good once.")


class WrongPassword(BankOpsError):
    code = "wrong_password"
    message = _("That is not your present password.")


class NoTemporaryPassword(BankOpsError):
    code = "no_temporary_password"
    message = _("Your password is your own already. Change it under “My sign-in”.")


class PasswordTooWeak(BankOpsError):
    code = "password_too_weak"
    message = _("Choose another password: %(problems)s")


class BranchCodeTaken(BankOpsError):
    code = "branch_code_taken"
    message = _("There is a branch %(branch_code)s already.")


class BranchClosed(BankOpsError):
    code = "branch_closed"
    message = _("Branch %(branch_code)s is closed. Choose an open one.")


class BranchInUse(BankOpsError):
    code = "branch_in_use"
    message = _(
        "%(count)s active people still work at branch %(branch_code)s. Disable them, or hire them elsewhere, first."
    )


class NotInDemo(BankOpsError):
    code = "not_in_demo"
    message = _("This works in the demo only. Production never shows a one-time code.")
    http_status = 403
