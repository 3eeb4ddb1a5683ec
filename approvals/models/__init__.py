from approvals.models.assignment import Assignment, ReviewGrant
from approvals.models.decision import Decision, Proof, ProofSubject, Verdict
from approvals.models.policy import Policy, PolicyVersion, ReferenceRate
from approvals.models.protected import ProtectedOperation
from approvals.models.request import OPEN, ApprovalRequest, Comment, RequestConcern, RequestVersion, State
from approvals.models.roster import CodeLock, Duty, StandIn

__all__ = [
    "OPEN",
    "ApprovalRequest",
    "Assignment",
    "CodeLock",
    "Comment",
    "Decision",
    "Duty",
    "Policy",
    "PolicyVersion",
    "Proof",
    "ProofSubject",
    "ProtectedOperation",
    "ReferenceRate",
    "RequestConcern",
    "RequestVersion",
    "ReviewGrant",
    "StandIn",
    "State",
    "Verdict",
]
