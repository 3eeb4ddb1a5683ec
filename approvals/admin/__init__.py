from approvals.admin import reviewers, waiting
from approvals.admin.policies import PolicyAdmin
from approvals.admin.rates import ReferenceRateAdmin
from approvals.admin.requests import ApprovalRequestAdmin
from approvals.admin.roster import DutyAdmin
from approvals.admin.stand_ins import StandInAdmin

waiting.install()
reviewers.install()

__all__ = [
    "ApprovalRequestAdmin",
    "DutyAdmin",
    "PolicyAdmin",
    "ReferenceRateAdmin",
    "StandInAdmin",
]
