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
