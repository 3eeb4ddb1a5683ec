from approvals.services.amendments import amend_request
from approvals.services.assignment import reassign_request
from approvals.services.comments import comment_on_request
from approvals.services.decisions import AT_ONCE_MAX, Decided, Seen, decide, decide_many
from approvals.services.endings import expire_due, withdraw_request
from approvals.services.proofs import unlock_reviewer
from approvals.services.reminders import remind_due, top_up
from approvals.services.roster import add_duty, end_duty
from approvals.services.stand_ins import end_stand_in, name_stand_in

__all__ = [
    "AT_ONCE_MAX",
    "Decided",
    "Seen",
    "add_duty",
    "amend_request",
    "comment_on_request",
    "decide",
    "decide_many",
    "end_duty",
    "end_stand_in",
    "expire_due",
    "name_stand_in",
    "reassign_request",
    "remind_due",
    "top_up",
    "unlock_reviewer",
    "withdraw_request",
]
