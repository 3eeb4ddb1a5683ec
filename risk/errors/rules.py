"""What writing, trying and passing over rules refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class RulesUnusable(BankOpsError):
    """Nobody can assess: an active rule does not compile."""

    code = "rules_unusable"
    message = _(
        "The active rule %(rule)s cannot be read any more: %(problem)s Movements wait for a person until it is replaced."
    )
    http_status = 503


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


class RuleNotSnoozed(BankOpsError):
    code = "risk_rule_not_snoozed"
    message = _(
        "Nobody is excepted from rule %(rule)s: it refuses, or looks into the bank's own lists. Take the customer off the list, "
        "or have the rule changed."
    )
    http_status = 409


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
