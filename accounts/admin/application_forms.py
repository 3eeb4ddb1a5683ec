"""The forms of the doors on applications and documents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import CHECKBOX_CLASSES

from accounts.admin.customer_forms import BranchForm, day_field
from accounts.kyc.findings import CheckKind
from accounts.kyc.rating import Activity, LegalForm
from accounts.kyc.required import DocumentKind
from accounts.models import DocumentRefusal, Outcome, OverrideCode, Product, RejectionReason
from bankops.core.admin.confirmed import OnceForm
from bankops.core.admin.forms import DoorForm, ReasonForm, capitalised

_CODE = _("ISO 3166-1 code, for instance CN.")


class StartForm(BranchForm):
    legal_form = forms.TypedChoiceField(label=_("Legal form"), choices=capitalised(LegalForm), coerce=LegalForm)
    activity = forms.TypedChoiceField(label=_("Line of business"), choices=capitalised(Activity), coerce=Activity)
    residence = forms.CharField(label=_("Country of residence or seat"), max_length=2, help_text=_CODE)
    tax_country = forms.CharField(
        label=_("Country of taxes"), max_length=2, required=False, help_text=_("Leave empty when it is the same.")
    )
    politically_exposed = forms.BooleanField(label=_("Politically exposed person"), required=False)
    cash_intensive = forms.BooleanField(label=_("Business of much cash"), required=False)
    product = forms.ModelChoiceField(
        label=_("Account wanted"), queryset=Product.objects.none(), required=False, empty_label=_("none")
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, help_text=_("ISO 4217 code, for instance CNY."))
    overdraft = forms.CharField(label=_("Overdraft limit"), max_length=30)

    field_order = ["legal_form", "activity", "residence", "tax_country"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        product: forms.ModelChoiceField[Product] = self.fields["product"]  # type: ignore[assignment]
        product.queryset = Product.objects.filter(is_offered=True).order_by("code")

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()


class UploadForm(DoorForm):
    kind = forms.TypedChoiceField(label=_("Kind"), choices=capitalised(DocumentKind), coerce=DocumentKind)
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,  # the service says why not
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        help_text=_("PDF, JPEG or PNG. Its name is not kept."),
    )


class VerifyForm(DoorForm):
    expires_on = day_field(_("Valid until"), help_text=_("As it stands on the document."))
    permanent = forms.BooleanField(label=_("The document says that it does not expire"), required=False)


class RefuseForm(ReasonForm):
    refusal = forms.TypedChoiceField(
        label=_("What is wrong"), choices=capitalised(DocumentRefusal), coerce=DocumentRefusal
    )


class ConfirmForm(ReasonForm):
    same = forms.TypedChoiceField(
        label=_("What you see"),
        choices=[
            ("", "—"),
            ("yes", _("The document shows this customer")),
            ("no", _("The document shows somebody else")),
        ],
        coerce=lambda answer: answer == "yes",
    )


class OverrideForm(ReasonForm, OnceForm):
    check = forms.ChoiceField(label=_("Check"), choices=capitalised(CheckKind))
    code = forms.ChoiceField(label=_("Why it may be put aside"), choices=capitalised(OverrideCode))


class ApproveForm(ReasonForm, OnceForm):
    """Why, with the key that makes a double click one order."""


class RejectForm(ReasonForm):
    outcome = forms.TypedChoiceField(label=_("Outcome"), choices=capitalised(Outcome), coerce=Outcome)
    reasons = forms.TypedMultipleChoiceField(
        label=_("Reasons"),
        choices=capitalised(RejectionReason),
        coerce=RejectionReason,
        required=False,  # the service says so, with its code
        widget=forms.CheckboxSelectMultiple(attrs={"class": " ".join(CHECKBOX_CLASSES)}),
    )


class ReviewForm(ReasonForm):
    activity = forms.TypedChoiceField(label=_("Line of business"), choices=capitalised(Activity), coerce=Activity)
    politically_exposed = forms.BooleanField(label=_("Politically exposed person"), required=False)
    cash_intensive = forms.BooleanField(label=_("Business of much cash"), required=False)
