"""What counts as a possible duplicate: the policies, and the door that changes one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core.admin.display import moment
from bankops.core.admin.doors import Done
from bankops.core.admin.forms import ReasonForm
from bankops.core.admin.readonly import BigTableAdmin
from partners.models import Partner
from staff.admin.submitting import SubmittingDoor
from transactions.models import DuplicatePolicy
from transactions.services.duplicate_policies import TERMS
from transactions.services.duplicates import policy_of


class PolicyForm(ReasonForm):
    partner = forms.ModelChoiceField(
        label=_("Partner"),
        queryset=Partner.objects.order_by("name"),
        required=False,
        empty_label=_("Everybody without a policy of their own"),
    )
    window_minutes = forms.IntegerField(
        label=_("Window in minutes"), help_text=_("Payments that came in this long ago are compared. A day is 1440.")
    )
    twins_tolerated = forms.IntegerField(
        label=_("Twins tolerated"), help_text=_("So many that look the same are posted before one is held back.")
    )
    amount_within_basis_points = forms.IntegerField(
        label=_("Amounts within, in basis points"), help_text=_("0: only equal amounts look the same. 100 is 1 %.")
    )
    held_hours = forms.IntegerField(
        label=_("Held for, in hours"), help_text=_("Then it expires, and nothing is moved.")
    )
    staff_too = forms.BooleanField(
        label=_("Hold back what the bank's own people order, too"),
        required=False,
    )


class ChangeDuplicatePolicy(SubmittingDoor):
    name = "change_duplicate_policy"
    label = _("Change policy")
    permission = "transactions.change_duplicate_policy"
    form_class = PolicyForm
    on_list = True
    icon = "tune"

    def summary(self, record: Any) -> str | Promise:
        return _(
            "Payments that look the same are compared by these terms from then on. Two reviewers have to agree first; "
            "what is held back already stays so."
        )

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {term: getattr(policy_of(None), term) for term in TERMS}

    def perform(self, request: HttpRequest, form: PolicyForm, record: Any) -> Done:
        data = form.cleaned_data
        partner = {"partner": data["partner"].public_id} if data["partner"] else {}
        payload = {**{term: data[term] for term in TERMS}, **partner}
        return self.submit(request, form, payload, done=str(_("The policy is changed.")))


@admin.register(DuplicatePolicy)
class DuplicatePolicyAdmin(BigTableAdmin):
    doors = (ChangeDuplicatePolicy,)
    timeline_subject = "duplicate_policy"

    list_display = (
        "whom",
        "window_minutes",
        "twins_tolerated",
        "amount_within_basis_points",
        "held_hours",
        "staff_too",
        "since",
    )
    list_select_related = ("partner",)
    fields = list_display
    readonly_fields = list_display
    ordering = ("-set_at", "-id")

    @admin.display(description=_("for whom"))
    def whom(self, policy: DuplicatePolicy) -> str:
        return str(policy.partner or _("everybody"))

    @admin.display(description=_("since"))
    def since(self, policy: DuplicatePolicy) -> str:
        return moment(policy.set_at)
