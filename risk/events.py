"""What this app writes into the audit trail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.audit import Subject, event_type
from risk.models import Rule, ScoreModelVersion

ALERT_RAISED = event_type("risk.alert.raised", _("Alert raised"))
ALERT_RAISED_AGAIN = event_type("risk.alert.raised_again", _("Alert raised again"))
ALERT_TAKEN = event_type("risk.alert.taken", _("Alert taken"))
ALERT_HANDED_BACK = event_type("risk.alert.handed_back", _("Alert handed back"))
ALERT_REASSIGNED = event_type("risk.alert.reassigned", _("Alert handed to somebody else"))
ALERT_CONFLICT_DECLARED = event_type("risk.alert.conflict_declared", _("Conflict of interest declared"))
ALERT_CLOSED = event_type("risk.alert.closed", _("Alert closed"))
ALERT_INTO_CASE = event_type("risk.alert.put_into_case", _("Alert became part of a case"))
ALERT_OPEN_AGAIN = event_type("risk.alert.reopened", _("Alert opened again with its case"))
CASE_OPENED = event_type("risk.case.opened", _("Case opened"))
CASE_ALERT_ADDED = event_type("risk.case.alert_added", _("Alert added to the case"))
CASE_RISEN = event_type("risk.case.risen", _("Case weighs more, as its alerts do"))
CASE_NOTE_WRITTEN = event_type("risk.case.note_written", _("Note written"))
CASE_FILE_ADDED = event_type("risk.case.file_added", _("File added"))
CASE_FILE_OPENED = event_type("risk.case.file_opened", _("File opened"))
CASE_LINKED = event_type("risk.case.linked", _("Record linked"))
CASE_WAITS = event_type("risk.case.parked", _("Case waits for something"))
CASE_RESUMED = event_type("risk.case.resumed", _("Case worked again"))
CASE_REASSIGNED = event_type("risk.case.reassigned", _("Case handed to somebody else"))
CASE_ACTION = event_type("risk.case.operation_ordered", _("Operation ordered from the case"))
CASE_CLOSED = event_type("risk.case.closed", _("Case closed"))
CASE_REOPENED = event_type("risk.case.reopened", _("Case opened again"))
CASE_ERASED = event_type("risk.case.erased", _("Notes, reports and files erased"))
REPORT_WRITTEN = event_type("risk.report.written", _("Report drafted or changed"))
REPORT_FROZEN = event_type("risk.report.frozen", _("Report frozen"))
REPORT_EXPORTED = event_type("risk.report.exported", _("Report exported"))
REGISTER_EXPORTED = event_type("risk.register.exported", _("Register exported"))

LIST_TAKEN_ON = event_type("risk.list.taken_on", _("Edition of a list taken on"))
LIST_REFUSED = event_type("risk.list.refused", _("Edition of a list not taken on"))
LIST_ACCEPTED = event_type("risk.list.accepted", _("Refused edition of a list taken on after all"))
LIST_OVERDUE = event_type("risk.list.overdue", _("List missing or too old"))
LIST_RECOVERED = event_type("risk.list.recovered", _("List there again"))
LIST_NOT_FETCHED = event_type("risk.list.not_fetched", _("List could not be fetched"))
MEMBER_ADDED = event_type("risk.list.member_added", _("Put on a list of the bank's own"))
MEMBER_REMOVED = event_type("risk.list.member_removed", _("Taken off a list of the bank's own"))
MEMBER_REVEALED = event_type("risk.list.member_revealed", _("Member of an own list shown"))
HIT_FOUND = event_type("risk.hit.found", _("Screening hit found"))
HIT_REOPENED = event_type("risk.hit.reopened", _("Screening hit open again"))
HIT_LAPSED = event_type("risk.hit.lapsed", _("Screening hit lapsed"))
HIT_DECIDED = event_type("risk.hit.decided", _("Screening hit decided"))

RULE_CREATED = event_type("risk.rule.created", _("Rule created"))
RULE_DRAFTED = event_type("risk.rule.drafted", _("New version of a rule drafted"))
RULE_DRAFT_EDITED = event_type("risk.rule.edited", _("Draft of a rule edited"))
RULE_DISCARDED = event_type("risk.rule.discarded", _("Version of a rule discarded"))
RULE_SHADOWED = event_type("risk.rule.shadowed", _("Rule runs in shadow"))
RULE_ACTIVATED = event_type("risk.rule.activated", _("Rule counts"))
RULE_RETIRED = event_type("risk.rule.retired", _("Rule counts no more"))
RULE_HANDED_OVER = event_type("risk.rule.handed_over", _("Rule handed over"))
RULE_SNOOZED = event_type("risk.rule.snoozed", _("Rule passed over for a customer"))
SNOOZE_ENDED = event_type("risk.rule.snooze_ended", _("Rule no longer passed over for a customer"))
BACKTEST_STARTED = event_type("risk.rule.backtest_started", _("Back-test of a rule started"))
BACKTEST_ENDED = event_type("risk.rule.backtest_ended", _("Back-test of a rule ended"))

SCORE_MODEL_REGISTERED = event_type("risk.score_model.registered", _("Score model trained"))
SCORE_MODEL_SHADOWED = event_type("risk.score_model.shadowed", _("Score model runs in shadow"))
SCORE_MODEL_ACTIVATED = event_type("risk.score_model.activated", _("Score model counts"))
SCORE_MODEL_RETIRED = event_type("risk.score_model.retired", _("Score model retired"))


def about_rule(rule: Rule) -> Subject:
    """Return a rule as subject of an event."""
    return Subject("rule", rule.public_id, rule.key)


def about_score_model(model: ScoreModelVersion) -> Subject:
    """Return a score model as subject of an event."""
    return Subject("score_model", model.public_id, str(model.number))
