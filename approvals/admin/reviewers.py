"""What an administrator does for a reviewer: unlock deciding after wrong codes, on the person's own page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from approvals.models import CodeLock
from approvals.services import unlock_reviewer
from bankops.core import clock
from bankops.core.admin import extensions
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm
from staff.actors import actor_of
from staff.models import User


class UnlockReviewer(Door):
    name = "unlock_reviewer"
    label = _("Unlock deciding")
    permission = "approvals.unlock_reviewer"
    form_class = ReasonForm
    icon = "lock_open"

    def offered(self, record: Any) -> bool:
        return CodeLock.objects.filter(user=record, locked_at__isnull=False).exists()

    def summary(self, record: Any) -> str | Promise:
        text = _(
            "%(name)s entered too many wrong codes when deciding. Ask them whether it was they, then let them try again."
        )
        return str(text) % {"name": record.full_name}

    def perform(self, request: HttpRequest, form: Any, record: Any) -> Done:
        unlock_reviewer(user=record, actor=actor_of(request), reason=form.cleaned_data["reason"], now=clock.now())
        return Done(str(_("%(name)s can decide again.")) % {"name": record.full_name})


def install() -> None:
    """Bring the door to the page of a person; called once, when the admin modules are loaded."""
    extensions.add_pages(User, UnlockReviewer)
