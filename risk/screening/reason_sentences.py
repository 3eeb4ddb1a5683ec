"""What an alert says that a screening hit raised."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from risk.reason_words import declare


def register_all() -> None:
    """Declare the sentences; called once, when the app is ready."""
    declare("payee_strong", _("The payee of standing order %(order)s is strongly like %(listed)s of %(list)s."))
    declare("payee_possible", _("The payee of standing order %(order)s is possibly %(listed)s of %(list)s."))
    declare("screening_strong", _("Screening hit %(hit)s: strongly somebody on a list."))
    declare("screening_possible", _("Screening hit %(hit)s: possibly somebody on a list."))
    declare("screening_weak", _("Screening hit %(hit)s: somebody on a list by an alias that it calls weak."))
