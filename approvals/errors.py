"""What `approvals` refuses, each with a stable code."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError

# -- Policies and reference rates -------------------------------------------------------------------------------------


class PolicyUnreadable(BankOpsError):
    code = "policy_unreadable"
    message = _("%(path)s: %(problem)s. Nothing was changed.")


class PolicyNameRequired(BankOpsError):
    code = "policy_name_required"
    message = _("Give the policy a name of at most 100 characters.")


class PolicyNotFound(BankOpsError):
    code = "policy_not_found"
    message = _("There is no policy “%(name)s” that could be retired.")
    http_status = 404


class PolicyMoved(BankOpsError):
    code = "policy_moved"
    message = _(
        "“%(name)s” is at version %(current)s by now; this change was made for version %(based_on)s. Look at the policy again."
    )
    http_status = 409


class PolicyUnchanged(BankOpsError):
    code = "policy_unchanged"
    message = _("“%(name)s” says exactly that already.")
    http_status = 409


class PolicyRetired(BankOpsError):
    code = "policy_retired"
    message = _("“%(name)s” is retired already.")
    http_status = 409


class PolicyBelowMinimum(BankOpsError):
    code = "policy_below_minimum"
    message = _(
        "Two different people must always agree to: %(operations)s. After this change the policies would ask for fewer. "
        "Keep a policy for them that applies always and asks for two."
    )


class NobodyHoldsRole(BankOpsError):
    code = "nobody_holds_role"
    message = _(
        "A stage needs %(needed)s with the role %(role)s, and %(held)s active people hold it. Grant the role first, "
        "or ask for fewer."
    )


class NobodyCouldDecide(BankOpsError):
    code = "nobody_could_decide"
    message = _(
        "After this change too few different people could decide: %(operations)s. "
        "Ask for fewer people, exclude fewer roles, or grant the roles first."
    )


class InvalidRate(BankOpsError):
    code = "invalid_rate"
    message = _(
        "“%(value)s” is not a rate. Write how many %(base)s one %(currency)s is worth, above zero, with at most "
        "10 digits before and 8 after the decimal point, for instance 7.12."
    )


class RateOfBaseCurrency(BankOpsError):
    code = "rate_of_base_currency"
    message = _("%(currency)s is the bank's base currency; its rate is 1 and cannot be set.")


class RateUnchanged(BankOpsError):
    code = "rate_unchanged"
    message = _("One %(currency)s is worth %(rate)s %(base)s already.")
    http_status = 409


# -- Submitting ------------------------------------------------------------------------------------------------------


class IdenticalRequestOpen(BankOpsError):
    code = "identical_request_open"
    message = _("The same is waiting for approval already: %(reference)s. Look there, or withdraw that one first.")
    http_status = 409


class OrderKeyConflict(BankOpsError):
    code = "order_key_conflict"
    message = _("This order's key was used for something else (%(reference)s). Open the form again.")
    http_status = 409


class UnknownRequest(BankOpsError):
    code = "unknown_request"
    message = _("There is no approval request %(reference)s.")
    http_status = 404


class NotTheMaker(BankOpsError):
    code = "not_the_maker"
    message = _("Only %(maker)s, who made %(reference)s, can do this.")
    http_status = 403


class RequestNotAmendable(BankOpsError):
    code = "request_not_amendable"
    message = _(
        "%(reference)s is %(state)s. Only a request that was returned to its maker, or failed, can be submitted again."
    )


# -- Deciding: each code is also what the database's guards say --------------------------------------------------------


class RequestNotPending(BankOpsError):
    code = "request_not_pending"
    message = _("%(reference)s is %(state)s, so there is nothing left to decide.")
    http_status = 409


class RequestExpired(BankOpsError):
    code = "request_expired"
    message = _("%(reference)s has expired. The maker can submit it anew.")
    http_status = 409


class RequestChanged(BankOpsError):
    code = "request_changed"
    message = _("%(reference)s was changed after you opened the page. Read it again, then decide.")
    http_status = 409


class StageNotOpen(BankOpsError):
    code = "stage_not_open"
    message = _("%(reference)s is at another stage now. Open its page again.")
    http_status = 409


class OwnRequest(BankOpsError):
    code = "own_request"
    message = _("You made %(reference)s. Somebody else has to decide it.")
    http_status = 403


class ConcernsReviewer(BankOpsError):
    code = "concerns_reviewer"
    message = _("%(reference)s is about %(name)s themselves. Somebody else has to decide it.")
    http_status = 403


class ReviewerDisabled(BankOpsError):
    code = "reviewer_disabled"
    message = _("%(name)s cannot sign in any more, so nothing can be decided by them.")
    http_status = 403


class WrongRole(BankOpsError):
    code = "wrong_role"
    message = _("At this stage %(reference)s is decided by somebody who is %(role)s, which %(name)s is not.")
    http_status = 403


class RoleExcluded(BankOpsError):
    code = "role_excluded"
    message = _("%(name)s works in a role too close to the maker's to decide %(reference)s.")
    http_status = 403


class DecidedAlready(BankOpsError):
    code = "decided_already"
    message = _("%(name)s decided %(reference)s at an earlier stage already. Another person has to decide now.")
    http_status = 403


class PairTooOften(BankOpsError):
    code = "pair_too_often"
    message = _(
        "%(name)s approved the last requests of %(maker)s, one after the other. Another reviewer has to take this one."
    )
    http_status = 403


class NotAssigned(BankOpsError):
    code = "not_assigned"
    message = _("%(reference)s is not assigned to %(name)s. It can be decided by: %(who)s.")
    http_status = 403


class StandInNotAllowed(BankOpsError):
    code = "stand_in_not_allowed"
    message = _("The policy lets nobody stand in for the assigned reviewers of %(reference)s.")
    http_status = 403


class NotAStandIn(BankOpsError):
    code = "not_a_stand_in"
    message = _("%(name)s does not stand in for the assigned reviewer of %(reference)s at present.")
    http_status = 403


class CodeRequired(BankOpsError):
    code = "code_required"
    message = _("Enter the one-time code your phone shows now. Every decision needs one.")


class CodeForSomethingElse(BankOpsError):
    code = "code_for_something_else"
    message = _("That code was given for another person, request or decision. Enter a fresh one.")


class CodeTooOld(BankOpsError):
    code = "code_too_old"
    message = _("Too much time has passed since the code was entered. Enter a fresh one.")


class DecidingLocked(BankOpsError):
    code = "deciding_locked"
    message = _("%(count)s wrong codes in a row: deciding is locked for %(name)s until an administrator unlocks it.")
    http_status = 429


class NotLocked(BankOpsError):
    code = "not_locked"
    message = _("Deciding is not locked for %(name)s.")


class CommentRequired(BankOpsError):
    code = "comment_required"
    message = _("Say why: the maker has to know what to change, or why it was refused.")


class TooManyAtOnce(BankOpsError):
    code = "too_many_at_once"
    message = _("At most %(limit)s requests can be decided with one code; %(count)s were chosen.")


class NothingChosen(BankOpsError):
    code = "nothing_chosen"
    message = _("Choose the requests to decide.")


class EmptyComment(BankOpsError):
    code = "empty_comment"
    message = _("Write the comment first.")


class NotForYou(BankOpsError):
    code = "not_for_you"
    message = _(
        "What %(reference)s is about is for its maker and those who were asked to decide it. You are not one of them."
    )
    http_status = 403


class CannotReassignOwn(BankOpsError):
    code = "cannot_reassign_own"
    message = _("You made %(reference)s, or it is about you, so somebody else has to choose its reviewers.")
    http_status = 403


class AssignedAlready(BankOpsError):
    code = "assigned_already"
    message = _("%(name)s is assigned to %(reference)s already.")


# -- Carrying out ----------------------------------------------------------------------------------------------------


class OperationOutdated(BankOpsError):
    code = "operation_outdated"
    message = _("The product carries this out differently since it was submitted. It has to be submitted anew.")


class PayloadAltered(BankOpsError):
    code = "payload_altered"
    message = _("What is stored is not what was approved. Nothing was done; tell the auditor.")


class MakerNotAllowed(BankOpsError):
    code = "maker_not_allowed"
    message = _("%(maker)s may no longer ask for this.")


class PreconditionsChanged(BankOpsError):
    code = "preconditions_changed"
    message = _("Changed since it was submitted: %(changes)s.")


class UnexpectedFailure(BankOpsError):
    code = "unexpected_failure"
    message = _("It could not be carried out: %(fault)s. Nothing was changed; tell the administrator.")
    http_status = 500


# -- Roster and stand-ins --------------------------------------------------------------------------------------------


class StandInIsOneself(BankOpsError):
    code = "stand_in_is_oneself"
    message = _("%(name)s cannot stand in for themselves. Choose somebody else.")


class StandInCircle(BankOpsError):
    code = "stand_in_circle"
    message = _(
        "%(stand_in)s is away then too, and %(absent)s stands in for them. Choose somebody else or another time."
    )
    http_status = 409


class StandInWithoutRole(BankOpsError):
    code = "stand_in_without_role"
    message = _(
        "%(stand_in)s holds none of the reviewing roles of %(absent)s, so they could not decide anything. "
        "Choose somebody who holds the same role."
    )


class StandInNamedAlready(BankOpsError):
    code = "stand_in_named_already"
    message = _("%(stand_in)s stands in for %(absent)s in that time already. End that first, or choose another time.")
    http_status = 409


class StandInPeriodRefused(BankOpsError):
    code = "stand_in_period_refused"
    message = _(
        "A stand-in is named for a time that has not begun yet and ends after its start, for at most %(days)s days."
    )


class UnknownStandIn(BankOpsError):
    code = "unknown_stand_in"
    message = _("There is no such stand-in.")
    http_status = 404


class StandInOver(BankOpsError):
    code = "stand_in_over"
    message = _("%(stand_in)s does not stand in for %(absent)s any more.")
    http_status = 409


class DutyWithoutRole(BankOpsError):
    code = "duty_without_role"
    message = _(
        "%(name)s does not hold the role %(role)s, so they could decide nothing on that duty. Grant the role first."
    )


class DutyOverlaps(BankOpsError):
    code = "duty_overlaps"
    message = _("%(name)s is on the roster as %(role)s on some of these days already. End that duty first.")
    http_status = 409


class DutyPeriodRefused(BankOpsError):
    code = "duty_period_refused"
    message = _("A duty begins today or later, does not end before it begins, and names at least one day of the week.")


class UnknownDuty(BankOpsError):
    code = "unknown_duty"
    message = _("There is no such duty on the roster.")
    http_status = 404


class DutyEndsEarlier(BankOpsError):
    code = "duty_ends_earlier"
    message = _("This duty can end from yesterday on, and before its present end (%(until)s).")
    http_status = 409
