"""The only writers of `staff`. One module per noun; import from here or from the module."""

from staff.services.branches import close_branch, open_branch, rename_branch
from staff.services.first_people import appoint_reviewer, hire_administrator
from staff.services.passwords import change_own_password, replace_temporary_password, reset_password
from staff.services.people import Hired, disable_user, enable_user, hire_user, unlock_user
from staff.services.recovery_codes import make_recovery_codes, mark_recovery_codes_stored, use_recovery_code
from staff.services.roles import grant_role, revoke_role, sync_roles
from staff.services.second_factor import begin_enrolment, confirm_enrolment, reset_second_factor, verify_code

__all__ = [
    "Hired",
    "appoint_reviewer",
    "begin_enrolment",
    "change_own_password",
    "close_branch",
    "confirm_enrolment",
    "disable_user",
    "enable_user",
    "grant_role",
    "hire_administrator",
    "hire_user",
    "make_recovery_codes",
    "mark_recovery_codes_stored",
    "open_branch",
    "rename_branch",
    "replace_temporary_password",
    "reset_password",
    "reset_second_factor",
    "revoke_role",
    "sync_roles",
    "unlock_user",
    "use_recovery_code",
    "verify_code",
]
