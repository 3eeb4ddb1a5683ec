"""Operations of other apps, ordered from a case: freeze an account, release or decline what is held, raise a rating.

What is held belongs to the books, which this app does not know: those two are asked for by key, and offered where they exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import numbers
from accounts.access import Person
from accounts.models import BLOCKING, AccountStatus, CustomerState, RestrictionReason, RiskRating
from bankops.core import operations
from bankops.core.admin.confirmed import ReasonOnceForm
from bankops.core.admin.doors import Done
from bankops.core.admin.forms import ReasonForm, capitalised
from bankops.core.admin.submitting import told
from risk import services
from risk.models import Case
from risk.reporting.facts import accounts_of, customers_of
from risk.selectors.case_movements import movements_of
from risk.selectors.case_veil import veil_of
from staff.actors import person_at
from staff.admin.submitting import SubmittingDoor, order_of


class FromCase(SubmittingDoor):
    """A door for whoever works the open case; the operation is that of its permission's name."""

    dangerous = False

    def offered_to(self, request: HttpRequest, record: Any) -> bool:
        mine = record.is_open and record.assignee_id == request.user.pk
        return mine and self.permission in operations.registered() and super().offered_to(request, record)

    def respond(self, request: HttpRequest, record: Any) -> Any:
        form_class: Any = self.form_class

        class Offering(form_class):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.offer(record, request.user)

        door = copy(self)  # the door itself serves others at this moment
        door.form_class = Offering  # type: ignore[misc]
        return super(FromCase, door).respond(request, record)

    def order(
        self,
        request: HttpRequest,
        form: Any,
        case: Case,
        *,
        payload: Mapping[str, Any],
        about: tuple[str, str],
        done: str | Promise,
    ) -> Done:
        """Submit it from the case, and say whether it is done or waits; the case's page comes next."""
        outcome = services.order_from_case(
            case_id=case.pk,
            key=self.permission,
            payload=payload,
            about=about,
            order=order_of(request, form),
            person=person_at(request),
        )
        said = told(outcome, done=str(done) % {"record": about[1]}, record=case)
        return Done(said.message, case, said.level)


class FreezeForm(ReasonForm):
    account = forms.ChoiceField(label=_("Account"))
    restriction = forms.ChoiceField(label=_("What to block"), choices=capitalised(reversed(BLOCKING)))
    reason_code = forms.ChoiceField(
        label=_("Why, for the account's page"),
        choices=capitalised(RestrictionReason.of_people()),
        initial=RestrictionReason.OTHER,
        help_text=_("Whoever serves the customer reads it there. Your reason below stays with the case."),
    )
    legal_reference = forms.CharField(
        label=_("Legal reference"),
        max_length=120,
        required=False,
        help_text=_("File number of the order. A court's order needs one."),
    )

    def offer(self, case: Case, person: Person) -> None:
        """Let the case's open accounts be chosen, as far as this person may know them."""
        accounts = accounts_of(case)
        veil = veil_of(case, person, accounts)
        self.fields["account"].choices = [  # type: ignore[attr-defined]
            (one.public_id, numbers.display(one.number))
            for one in accounts
            if one.status != AccountStatus.CLOSED and one.customer and one.pk not in veil.accounts
        ]


class FreezeFromCase(FromCase):
    name = "freeze_account"
    label = _("Freeze account")
    permission = "accounts.freeze_account"
    form_class = FreezeForm
    icon = "ac_unit"

    def summary(self, record: Any) -> str | Promise:
        return _(
            "What you block is refused from this moment on. The account's page shows that the bank decided so, and nothing of the"
            " case; your reason stays here, for those who may see it. A confidential account is frozen by somebody to whom it"
            " was granted."
        )

    def perform(self, request: HttpRequest, form: Any, record: Case) -> Done:
        data = form.cleaned_data
        payload = {name: data[name] for name in ("account", "restriction", "reason_code", "legal_reference")}
        number = dict(form.fields["account"].choices)[data["account"]]
        return self.order(
            request,
            form,
            record,
            payload={**payload, "ends_at": ""},
            about=(data["account"], str(number)),
            done=_("Account %(record)s is frozen."),
        )


class HeldForm(ReasonOnceForm):
    transaction = forms.ChoiceField(label=_("Transaction"))

    def offer(self, case: Case, _person: Person) -> None:
        """Let what an alert is about, or somebody linked, be chosen; not the many movements of a pattern, which all moved."""
        self.fields["transaction"].choices = [  # type: ignore[attr-defined]
            (one.public_id, one.label) for one in movements_of(case) if one.singly
        ]


class _OfHeld(FromCase):
    form_class = HeldForm
    done = _("%(record)s is decided.")

    def perform(self, request: HttpRequest, form: Any, record: Case) -> Done:
        chosen = form.cleaned_data["transaction"]
        reference = next(one.reference for one in movements_of(record) if one.public_id == chosen)
        return self.order(
            request, form, record, payload={"transaction": chosen}, about=(chosen, reference), done=self.done
        )


class ReleaseHeld(_OfHeld):
    name = "release_risk_held"
    label = _("Release payment")
    permission = "transactions.release_risk_held"
    icon = "lock_open"
    done = _("%(record)s is released.")

    def summary(self, record: Any) -> str | Promise:
        return _("A payment that risk held back moves after all, once two people agree.")


class DeclineHeld(_OfHeld):
    name = "decline_risk_held"
    label = _("Decline payment")
    permission = "transactions.decline_risk_held"
    icon = "block"
    done = _("%(record)s is declined.")

    def summary(self, record: Any) -> str | Promise:
        return _("A payment that risk held back never moves.")


class RatingForm(ReasonForm):
    customer = forms.ChoiceField(label=_("Customer"))
    rating = forms.ChoiceField(label=_("Risk rating"), choices=capitalised([RiskRating.MEDIUM, RiskRating.HIGH]))

    def offer(self, case: Case, person: Person) -> None:
        """Let the case's customers be chosen, as far as this person may know them."""
        veil = veil_of(case, person)
        self.fields["customer"].choices = [  # type: ignore[attr-defined]
            (one.public_id, f"{one} ({one.get_risk_rating_display()})")
            for one in customers_of(case)
            if one.state == CustomerState.ACTIVE and one.pk not in veil.holders
        ]


class RaiseRating(FromCase):
    name = "raise_risk_rating"
    label = _("Raise rating")
    permission = "accounts.raise_risk_rating"
    form_class = RatingForm
    icon = "trending_up"

    def summary(self, record: Any) -> str | Promise:
        return _("The customer is looked at more closely from now on. Two people agree before it is lowered again.")

    def perform(self, request: HttpRequest, form: Any, record: Case) -> Done:
        data = form.cleaned_data
        payload = {"customer": data["customer"], "rating": data["rating"]}
        number = next(one.number for one in customers_of(record) if one.public_id == data["customer"])
        return self.order(
            request,
            form,
            record,
            payload=payload,
            about=(data["customer"], number),
            done=_("Customer %(record)s is rated higher."),
        )
