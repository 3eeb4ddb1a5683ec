"""What `staff` writes into the audit trail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.audit import Subject, event_type
from staff.models import Branch, User

HIRED = event_type("staff.user.hired", _("Hired"))
ROLE_GRANTED = event_type("staff.user.role_granted", _("Role granted"))
ROLE_REVOKED = event_type("staff.user.role_revoked", _("Role revoked"))
DISABLED = event_type("staff.user.disabled", _("Sign-in disabled"))
ENABLED = event_type("staff.user.enabled", _("Sign-in enabled"))
UNLOCKED = event_type("staff.user.unlocked", _("Sign-in unlocked"))

PASSWORD_RESET = event_type("staff.user.password_reset", _("Password reset"))
PASSWORD_CHANGED = event_type("staff.user.password_changed", _("Password changed"))
SECOND_FACTOR_SET_UP = event_type("staff.user.second_factor_set_up", _("Second factor set up"))
SECOND_FACTOR_RESET = event_type("staff.user.second_factor_reset", _("Second factor reset"))
RECOVERY_CODES_MADE = event_type("staff.user.recovery_codes_made", _("Recovery codes made"))
RECOVERY_CODE_USED = event_type("staff.user.recovery_code_used", _("Recovery code used"))

SIGNED_IN = event_type("staff.user.signed_in", _("Signed in"))
SIGNED_OUT = event_type("staff.user.signed_out", _("Signed out"))
SIGN_IN_FAILED = event_type("staff.user.sign_in_failed", _("Sign-in failed"))
LOCKED_OUT = event_type("staff.user.locked_out", _("Locked out after repeated failures"))
SESSION_ENDED = event_type("staff.user.session_ended", _("Session ended by its time limit"))

ROLE_SYNCED = event_type("staff.role.synced", _("Role set to the declared rights"))

BRANCH_OPENED = event_type("staff.branch.opened", _("Branch opened"))
BRANCH_RENAMED = event_type("staff.branch.renamed", _("Branch renamed"))
BRANCH_CLOSED = event_type("staff.branch.closed", _("Branch closed"))


def about(user: User) -> Subject:
    """Return a person as subject of an event; the label is the employee number, not the name."""
    return Subject("user", user.public_id, user.employee_number)


def about_branch(branch: Branch) -> Subject:
    """Return a branch as subject of an event."""
    return Subject("branch", branch.public_id, branch.code)


# Nobody's: whoever tried gave no employee number that exists. What was typed is not kept, it may be a password.
NOBODY = Subject("user", "unknown", "unknown")
