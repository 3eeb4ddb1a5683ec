"""Every way in which `risk` says no, with the code that programs see."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class UnknownAlert(BankOpsError):
    code = "unknown_alert"
    message = _("There is no such alert.")
    http_status = 404


class ScoreOutOfRange(BankOpsError):
    code = "score_out_of_range"
    message = _("%(score)s is no score: it goes from 0 to 1000.")


class AlertWithoutReason(BankOpsError):
    code = "alert_without_reason"
    message = _("An alert says why it is raised: give it at least one reason.")


class QueueEmpty(BankOpsError):
    code = "queue_empty"
    message = _("No alert waits that you may work. Look again later.")
    http_status = 404


class AlertNotWaiting(BankOpsError):
    code = "alert_not_waiting"
    message = _("Alert %(alert)s does not wait to be taken: %(state)s. Take another one.")
    http_status = 409


class AlertNotYours(BankOpsError):
    code = "alert_not_yours"
    message = _("You do not work alert %(alert)s: %(state)s. Take it first, or have it handed to you.")
    http_status = 409


class AlertNotInWork(BankOpsError):
    code = "alert_not_in_work"
    message = _("Alert %(alert)s is not in anybody's hands: %(state)s.")
    http_status = 409


class ConflictOfInterest(BankOpsError):
    code = "conflict_of_interest"
    message = _("%(name)s may not work alert %(alert)s: %(cause)s. Let somebody else work it.")
    http_status = 403


class NotAnAnalyst(BankOpsError):
    code = "not_an_analyst"
    message = _("%(name)s may not work alerts. Choose somebody who holds that right.")


class UnknownAlertOutcome(BankOpsError):
    code = "unknown_alert_outcome"
    message = _("“%(outcome)s” is nothing an alert comes to by itself. Choose one of: %(choices)s.")


class HighAlertNeedsCase(BankOpsError):
    code = "high_alert_needs_case"
    message = _("Alert %(alert)s is of high priority: two people decide it. Open a case from it, and close that.")
    http_status = 409


class UnknownCase(BankOpsError):
    code = "unknown_case"
    message = _("There is no such case.")
    http_status = 404


class CaseClosed(BankOpsError):
    code = "case_closed"
    message = _("Case %(case)s is closed: nothing is added to it. Open it again first.")
    http_status = 409


class CaseNotClosed(BankOpsError):
    code = "case_not_closed"
    message = _("Case %(case)s is %(state)s; only a closed one can be opened again.")
    http_status = 409


class CaseNotYours(BankOpsError):
    code = "case_not_yours"
    message = _("Case %(case)s is worked by %(name)s. Ask them, or have it handed to you.")
    http_status = 409


class CaseUnchanged(BankOpsError):
    code = "case_unchanged"
    message = _("Case %(case)s is so already: %(state)s.")
    http_status = 409


class CaseNeedsTwo(BankOpsError):
    code = "case_needs_two"
    message = _("Case %(case)s is of high priority: submit its closing as risk.close_high_risk_case, for two people.")
    http_status = 409


class CaseNeedsNoTwo(BankOpsError):
    code = "case_needs_no_two"
    message = _("Case %(case)s is not of high priority: submit its closing as risk.close_case.")
    http_status = 409


class CaseWithoutAlert(BankOpsError):
    code = "case_without_alert"
    message = _("A case is opened from at least one alert.")


class AlertOpenAgain(BankOpsError):
    code = "alert_open_again"
    message = _("About the same as alert %(alert)s another one was raised since. Open a case from that one instead.")
    http_status = 409


class CaseFileTaken(BankOpsError):
    code = "case_file_taken"
    message = _("Case %(case)s has this file already.")
    http_status = 409


class UnknownCaseFile(BankOpsError):
    code = "unknown_case_file"
    message = _("There is no such file on this case, or it was erased with its customers' personal data.")
    http_status = 404


class LinkedAlready(BankOpsError):
    code = "linked_already"
    message = _("%(record)s is linked to case %(case)s already.")
    http_status = 409


class NothingToLink(BankOpsError):
    code = "nothing_to_link"
    message = _(
        "“%(text)s” is no record of this kind that you may see. Write a customer number, an account number or tr_…."
    )


class NoteRequired(BankOpsError):
    code = "note_required"
    message = _("Write the note.")


class ReportIncomplete(BankOpsError):
    code = "report_incomplete"
    message = _("The report of case %(case)s is not complete. Still missing: %(missing)s.")
    http_status = 409


class ReportChanged(BankOpsError):
    code = "report_changed"
    message = _(
        "Somebody changed the report meanwhile. Open it again and enter your change into what stands there now."
    )
    http_status = 409


class ReportMissing(BankOpsError):
    code = "report_missing"
    message = _("Case %(case)s has no draft of a report yet.")
    http_status = 404


class NoteTooLong(BankOpsError):
    code = "note_too_long"
    message = _("A note takes at most %(limit)s characters; this has %(count)s. Shorten it, or write two.")


class ReportErased(BankOpsError):
    code = "report_erased"
    message = _("The report of case %(case)s was erased with its customers' personal data.")
    http_status = 410


class ReportNotTypeset(BankOpsError):
    code = "report_not_typeset"
    message = _("The report could not be put on paper. Try again, or take the JSON file.")
    http_status = 503


class RulesUnusable(BankOpsError):
    """Nobody can assess: an active rule does not compile."""

    code = "rules_unusable"
    message = _(
        "The active rule %(rule)s cannot be read any more: %(problem)s Movements wait for a person until it is replaced."
    )
    http_status = 503


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


class RuleNotFound(BankOpsError):
    code = "risk_rule_not_found"
    message = _("There is no rule “%(rule)s”.")
    http_status = 404


class RuleVersionNotFound(BankOpsError):
    code = "risk_rule_version_not_found"
    message = _("Rule %(rule)s has no version %(version)s.")
    http_status = 404


class RuleKeyTaken(BankOpsError):
    code = "risk_rule_key_taken"
    message = _("There is a rule “%(key)s” already: choose another key, or write a new version of that one.")
    http_status = 409


class RuleTermInvalid(BankOpsError):
    code = "risk_rule_term_invalid"
    message = _("%(field)s cannot be “%(value)s”. %(hint)s")


class RuleDraftExists(BankOpsError):
    code = "risk_rule_draft_exists"
    message = _("Rule %(rule)s has a draft already, version %(version)s: go on with that one, or discard it first.")
    http_status = 409


class RuleDraftMoved(BankOpsError):
    code = "risk_rule_draft_moved"
    message = _("Version %(version)s was changed meanwhile by %(author)s. Look at it again before you go on.")
    http_status = 409


class RuleNotInState(BankOpsError):
    code = "risk_rule_not_in_state"
    message = _("Version %(version)s is %(state)s: this is done with one that is %(wanted)s.")
    http_status = 409


class RuleUnchanged(BankOpsError):
    code = "risk_rule_unchanged"
    message = _("Version %(version)s says the same as the active one. Nothing would change.")


class RuleNotActive(BankOpsError):
    code = "risk_rule_not_active"
    message = _("No version of rule %(rule)s is active or in shadow: there is nothing to retire.")
    http_status = 409


class CustomerNotFound(BankOpsError):
    code = "risk_customer_not_found"
    message = _("There is no such customer.")
    http_status = 404


class SnoozeEndInvalid(BankOpsError):
    code = "risk_snooze_end_invalid"
    message = _("Say the last day of the snooze: today at the earliest, and at most %(days)s days from now.")


class SnoozeOver(BankOpsError):
    code = "risk_snooze_over"
    message = _("This snooze is over already.")
    http_status = 409


class BacktestRangeInvalid(BankOpsError):
    code = "risk_backtest_range_invalid"
    message = _("Say from when until when: the end comes after the beginning, at most %(days)s days.")


class BacktestRuns(BankOpsError):
    code = "risk_backtest_runs"
    message = _("This version is being tried already. Wait until that has ended, or cancel it.")
    http_status = 409


class BacktestOver(BankOpsError):
    code = "risk_backtest_over"
    message = _("This back-test has ended already.")
    http_status = 409


class NothingStored(BankOpsError):
    code = "risk_backtest_nothing_stored"
    message = _("No movement of that time was assessed: there is nothing to try the rule over.")


class TooFewLabels(BankOpsError):
    code = "score_too_few_labels"
    message = _(
        "To %(part)s there are %(found)s movements that are %(kind)s; %(least)s are needed. "
        "Train again when more alerts are closed, or over a longer time."
    )


class ScoreModelNoBetter(BankOpsError):
    code = "score_model_no_better"
    message = _(
        "The model does not tell confirmed movements from others better than chance (%(figure)s). It is not kept."
    )


class ScoreModelNotFound(BankOpsError):
    code = "score_model_not_found"
    message = _("There is no score model %(number)s.")
    http_status = 404


class ScoreModelNotInState(BankOpsError):
    code = "score_model_not_in_state"
    message = _("Score model %(number)s is %(state)s: this is done with one that is %(wanted)s.")
    http_status = 409


class ScoreModelMoved(BankOpsError):
    code = "score_model_moved"
    message = _("Score model %(number)s is not the one that was asked for. Look at it again before you go on.")
    http_status = 409


class ScoreModelUnusable(BankOpsError):
    code = "score_model_unusable"
    message = _("Score model %(number)s cannot be read by this version of the product: %(problem)s. Train another one.")
    http_status = 409
