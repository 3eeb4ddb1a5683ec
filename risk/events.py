"""What this app writes into the audit trail."""

from django.utils.translation import gettext_lazy as _

from bankops.core.audit import event_type

ALERT_RAISED = event_type("risk.alert.raised", _("Alert raised"))
ALERT_RAISED_AGAIN = event_type("risk.alert.raised_again", _("Alert raised again"))
ALERT_TAKEN = event_type("risk.alert.taken", _("Alert taken"))
ALERT_HANDED_BACK = event_type("risk.alert.handed_back", _("Alert handed back"))
ALERT_REASSIGNED = event_type("risk.alert.reassigned", _("Alert handed to somebody else"))
ALERT_CONFLICT_DECLARED = event_type("risk.alert.conflict_declared", _("Conflict of interest declared"))
ALERT_CLOSED = event_type("risk.alert.closed", _("Alert closed"))
