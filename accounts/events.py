"""What this app writes into the audit trail."""

from django.utils.translation import gettext_lazy as _

from bankops.core.audit import event_type

CUSTOMER_REGISTERED = event_type("accounts.customer.registered", _("Customer registered"))
ACCOUNT_OPENED = event_type("accounts.account.opened", _("Account opened"))
ACCOUNT_FROZEN = event_type("accounts.account.frozen", _("Account frozen"))
ACCOUNT_RELEASED = event_type("accounts.account.released", _("Account released"))
ACCOUNT_CLOSED = event_type("accounts.account.closed", _("Account closed"))
BANK_IMPORTED = event_type("accounts.batch.imported", _("Customers and accounts taken over"))
