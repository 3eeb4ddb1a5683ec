"""What `approvals` writes into the audit trail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.audit import Subject, event_type

POLICY_CHANGED = event_type("approvals.policy.changed", _("Approval policy changed"))
POLICY_UNREADABLE = event_type("approvals.policy.unreadable", _("Approval policy cannot be read"))
REFERENCE_RATE_SET = event_type("approvals.reference_rate.set", _("Reference rate set"))


def about_policy(public_id: str, name: str) -> Subject:
    """Return a policy as subject of an event."""
    return Subject("policy", public_id, name)


def about_rate(currency: str) -> Subject:
    """Return a currency's reference rate as subject of an event."""
    return Subject("reference_rate", currency, currency)


# -- Requests ---------------------------------------------------------------------------------------------------------

SUBMITTED = event_type("approvals.request.submitted", _("Submitted for approval"))
APPROVED = event_type("approvals.request.approved", _("Approved by a reviewer"))
REJECTED = event_type("approvals.request.rejected", _("Rejected"))
RETURNED = event_type("approvals.request.returned", _("Returned to the maker"))
AMENDED = event_type("approvals.request.amended", _("Amended: a new version, earlier decisions void"))
WITHDRAWN = event_type("approvals.request.withdrawn", _("Withdrawn by the maker"))
EXPIRED = event_type("approvals.request.expired", _("Expired"))
WENT_STALE = event_type("approvals.request.went_stale", _("Overtaken by changes, not carried out"))
EXECUTED = event_type("approvals.request.executed", _("Approved and carried out"))
FAILED = event_type("approvals.request.failed", _("Approved, but could not be carried out"))
ASSIGNED = event_type("approvals.request.assigned", _("Assigned by rotation"))
REASSIGNED = event_type("approvals.request.reassigned", _("Assigned to another reviewer"))
UNASSIGNABLE = event_type("approvals.request.unassignable", _("Nobody may decide it"))
COMMENTED = event_type("approvals.request.commented", _("Commented"))

# -- Reviewers --------------------------------------------------------------------------------------------------------

REVIEWER_LOCKED = event_type("approvals.reviewer.locked", _("Deciding locked after wrong codes"))
REVIEWER_UNLOCKED = event_type("approvals.reviewer.unlocked", _("Deciding unlocked"))
STAND_IN_NAMED = event_type("approvals.stand_in.named", _("Stand-in named"))
STAND_IN_ENDED = event_type("approvals.stand_in.ended", _("Stand-in ended early"))
DUTY_ADDED = event_type("approvals.duty.added", _("Put on the duty roster"))
DUTY_ENDED = event_type("approvals.duty.ended", _("Taken off the duty roster"))
