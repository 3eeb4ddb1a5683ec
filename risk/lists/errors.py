"""Why a list cannot be taken as it came."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class ListUnreadable(BankOpsError):
    code = "screening_list_unreadable"
    message = _("The list %(name)s cannot be read: %(problem)s. Fetch it again; the version in use stays in use.")


class ListEmpty(BankOpsError):
    code = "screening_list_empty"
    message = _("The list %(name)s came without entries. Fetch it again; the version in use stays in use.")


class ListShrunken(BankOpsError):
    code = "screening_list_shrunken"
    message = _(
        "The list %(name)s lost %(lost)s of %(before)s entries, more than %(allowed)s %%. Compare it with its publisher's "
        "notice of changes; the version in use stays in use until somebody takes this one on."
    )


class ListPoorer(BankOpsError):
    code = "screening_list_poorer"
    message = _(
        "The list %(name)s lost %(lost)s of %(before)s %(what)s, more than %(allowed)s %%. One of its files may have been cut "
        "off; the version in use stays in use until somebody takes this one on."
    )
