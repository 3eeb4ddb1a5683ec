"""What is done with a rule: into shadow, into force, out of it; passed over for a customer; handed over; discarded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from bankops.core import clock
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm
from risk.admin.rule_forms import OwnerForm, SnoozeForm, VersionForm
from risk.errors import CustomerNotFound
from risk.models import Rule, VersionState
from risk.services import rules, snoozes
from staff.actors import actor_of
from staff.admin.submitting import SubmittingDoor

_DRAFT, _SHADOW = VersionState.DRAFT, VersionState.SHADOW
_COUNTING = (VersionState.ACTIVE, VersionState.SHADOW)


class DraftOnlyForm(VersionForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, states=(_DRAFT,), **kwargs)


class NotCountingForm(VersionForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, states=(_DRAFT, _SHADOW), **kwargs)


class VersionDoor(SubmittingDoor):
    """Something that is asked for with one version."""

    states: ClassVar[tuple[VersionState, ...]]
    done: ClassVar[Promise]

    def offered(self, record: Rule) -> bool:
        return record.versions.filter(state__in=self.states).exists()

    def perform(self, request: HttpRequest, form: Any, record: Rule) -> Done:
        return self.submit(request, form, form.wish, done=str(self.done))


class StartShadow(VersionDoor):
    name = "start_shadow"
    label = _("Run in shadow")
    permission = "risk.start_shadow"
    form_class = DraftOnlyForm
    states = (_DRAFT,)
    done = _("It runs beside the live rules.")
    icon = "contrast"

    def summary(self, record: Any) -> str | Promise:
        return _(
            "It is evaluated for every movement beside the live rules. Its hits are counted, and nothing comes of them."
        )


class ActivateRule(VersionDoor):
    name = "activate_rule"
    label = _("Activate")
    permission = "risk.activate_rule"
    form_class = NotCountingForm
    states = (_DRAFT, _SHADOW)
    done = _("It counts from now on.")
    icon = "check_circle"

    def summary(self, record: Any) -> str | Promise:
        return _(
            "It begins to count when two reviewers have agreed. They see what it asks, what changes, and its back-test."
        )


class RetireRule(SubmittingDoor):
    name = "retire_rule"
    label = _("Retire rule")
    permission = "risk.retire_rule"
    form_class = ReasonForm
    dangerous = True
    icon = "archive"

    def offered(self, record: Rule) -> bool:
        return record.versions.filter(state__in=_COUNTING).exists()

    def summary(self, record: Any) -> str | Promise:
        return _("It counts until two reviewers have agreed. Its versions stay readable.")

    def perform(self, request: HttpRequest, form: ReasonForm, record: Rule) -> Done:
        return self.submit(request, form, {"rule": record.key}, done=gettext("The rule counts no more."))


class SnoozeRule(SubmittingDoor):
    name = "snooze_rule"
    label = _("Snooze for a customer")
    permission = "risk.snooze_rule"
    form_class = SnoozeForm
    icon = "snooze"

    def offered(self, record: Rule) -> bool:
        return record.versions.filter(state=VersionState.ACTIVE).exists() and snoozes.may_be_snoozed(record)

    def summary(self, record: Any) -> str | Promise:
        return _("For one customer the rule is passed over until a day has ended. All other rules count on.")

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        month = clock.business_date() + timedelta(days=30)
        return {"customer": request.GET.get("customer", ""), "last_day": month.isoformat()}

    def perform(self, request: HttpRequest, form: Any, record: Rule) -> Done:
        customer = Customer.objects.filter(number=form.cleaned_data["customer"].strip()).first()
        if customer is None:
            raise CustomerNotFound
        last_day = form.cleaned_data["last_day"].isoformat()
        payload = {"rule": record.key, "customer": customer.public_id, "last_day": last_day}
        return self.submit(request, form, payload, done=gettext("The rule is passed over for this customer."))


class DiscardVersion(Door):
    name = "discard_version"
    label = _("Discard a version")
    permission = "risk.draft_rule"
    form_class = NotCountingForm
    dangerous = True
    icon = "delete"

    def offered(self, record: Rule) -> bool:
        return record.versions.filter(state__in=(_DRAFT, _SHADOW)).exists()

    def summary(self, record: Any) -> str | Promise:
        return _("A draft, or a version in shadow, is retired for good. What counts is not touched.")

    def perform(self, request: HttpRequest, form: Any, record: Rule) -> Done:
        version = record.versions.get(number=form.wish["version"])
        rules.discard_version(
            version_id=version.pk, reason=form.cleaned_data["reason"], actor=actor_of(request), now=clock.now()
        )
        return Done(gettext("Version %(number)s is discarded.") % {"number": version.number})


class HandOverRule(Door):
    name = "hand_over_rule"
    label = _("Hand over")
    permission = "risk.draft_rule"
    form_class = OwnerForm
    icon = "person"

    def summary(self, record: Any) -> str | Promise:
        return _("Somebody else answers for the rule from now on.")

    def initial(self, request: HttpRequest, record: Rule) -> dict[str, Any]:
        return {"owner": record.owner}

    def perform(self, request: HttpRequest, form: Any, record: Rule) -> Done:
        data = form.cleaned_data
        rules.hand_over_rule(
            rule_id=record.pk, owner=data["owner"], reason=data["reason"], actor=actor_of(request), now=clock.now()
        )
        return Done(gettext("%(owner)s answers for it now.") % {"owner": data["owner"]})
