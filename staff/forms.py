"""The forms of the sign-in pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bankops.core.admin.forms import DressedForm


class SignInForm(DressedForm):
    employee_number = forms.CharField(
        label=_("Employee number"),
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_employee_number(self) -> str:
        number: str = self.cleaned_data["employee_number"]
        return number.strip().upper()


class CodeForm(DressedForm):
    code = forms.RegexField(
        r"^\s*\d{3}\s?\d{3}\s*$",
        label=_("One-time code"),
        max_length=16,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "pattern": "[0-9 ]*", "spellcheck": "false"}
        ),
        error_messages={"invalid": _("A code has six digits.")},
    )

    def clean_code(self) -> str:
        """Return six plain digits: an East Asian keyboard may type full-width ones, and apps show a gap."""
        return f"{int(''.join(self.cleaned_data['code'].split())):06}"


class RecoveryCodeForm(DressedForm):
    recovery_code = forms.CharField(
        label=_("Recovery code"),
        max_length=32,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        help_text=_("Two groups of five letters and digits. Each code is good once."),
    )


class StoredForm(DressedForm):
    stored = forms.BooleanField(
        label=_("I have stored these codes where I can reach them without my phone."),
        error_messages={"required": _("Store the codes first: without them a lost phone locks you out.")},
    )


class NewPasswordForm(DressedForm):
    new = forms.CharField(
        label=_("New password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters. A few words in a row are easier to remember than signs."),
    )
    again = forms.CharField(
        label=_("New password, again"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("new") != self.cleaned_data.get("again"):
            self.add_error("again", _("The two are not the same."))
        return self.cleaned_data


class ChangePasswordForm(NewPasswordForm):
    present = forms.CharField(
        label=_("Present password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    field_order = ["present", "new", "again"]
