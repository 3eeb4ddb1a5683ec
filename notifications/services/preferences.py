"""What somebody wants by e-mail, and when not."""

from __future__ import annotations

from datetime import datetime, time

from django.db import transaction

from bankops.core import audit
from notifications import events
from notifications.errors import QuietHoursIncomplete
from notifications.models import NoticePreference, Severity
from staff.models import User


@transaction.atomic
def set_notice_preferences(
    *, person: User, mail_from: Severity | None, quiet_from: time | None, quiet_until: time | None, now: datetime
) -> NoticePreference:
    """Set one's own preferences and return them. Writes `notifications.preferences.set`: silence is somebody's decision, too.

    :param mail_from: the least severity that is mailed; None for no mail at all.
    :param quiet_from, quiet_until: of the bank's own clock; over midnight where the end comes first. None for no quiet hours.
    :raises QuietHoursIncomplete: when one of them is missing, or both are the same.
    """
    if (quiet_from is None) != (quiet_until is None) or (quiet_from is not None and quiet_from == quiet_until):
        raise QuietHoursIncomplete
    wanted = {"mail_from": mail_from or "", "quiet_from": quiet_from, "quiet_until": quiet_until}
    preferences, _is_new = NoticePreference.objects.update_or_create(user=person, defaults=wanted)
    audit.record(
        events.PREFERENCES_SET,
        actor=person.as_actor(),
        subject=audit.Subject("user", person.public_id, person.employee_number),
        now=now,
        detail={name: str(value) if value else None for name, value in wanted.items()},
    )
    return preferences
