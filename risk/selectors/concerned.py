"""Who may not work a case, and may not agree to its closing."""

from __future__ import annotations

from bankops.core.db import prepared
from risk.models import Case
from staff.models import User

# Whoever `risk_conflict_of_interest` names for one of its alerts, asked for everybody at once. (A test compares the two.)
_CONCERNED = """
    SELECT c.user_id FROM risk_alert a JOIN risk_alertconflict c ON c.alert_id = a.id
     WHERE a.case_id = %(case)s::uuid
     UNION
    SELECT u.id FROM risk_alert a
      JOIN risk_alertcustomer b ON b.alert_id = a.id
      JOIN accounts_customer c ON c.id = b.customer_id
      JOIN staff_user u ON lower(btrim(u.full_name)) = lower(btrim(c.name))
     WHERE a.case_id = %(case)s::uuid
"""


def concerned_in(case: Case) -> list[User]:
    """Return everybody with a conflict of interest in one of a case's alerts, in the order of their keys."""
    keys = [key for (key,) in prepared(_CONCERNED, {"case": case.pk})]
    return list(User.objects.filter(pk__in=keys).order_by("pk"))
