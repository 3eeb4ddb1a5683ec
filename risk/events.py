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
