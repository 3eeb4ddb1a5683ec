"""Forms in the back office's dress: Unfold's look on plain Django fields, so that a form declares only fields."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Model, TextChoices
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from bankops.core.errors import ReasonRequired
from bankops.core.texts import REASON_MAX

_DRESS: tuple[tuple[type[forms.Widget], list[str]], ...] = (
    (forms.Textarea, widgets.TEXTAREA_CLASSES),
    (forms.CheckboxSelectMultiple, widgets.CHECKBOX_CLASSES),  # before what it is a kind of
    (forms.RadioSelect, widgets.RADIO_CLASSES),
    (forms.CheckboxInput, widgets.CHECKBOX_CLASSES),
    (forms.Select, widgets.SELECT_CLASSES),
    (forms.widgets.Input, widgets.INPUT_CLASSES),
)


class DressedForm(forms.Form):
    """A form whose widgets carry Unfold's classes. A widget that brings classes of its own keeps them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()

    def dress(self) -> None:
        """Give every widget its classes: once more where a form adds fields of its own."""
        for field in self.fields.values():
            _dress(field.widget)

    def focus_first(self) -> None:
        """Put the cursor into the first field somebody can fill."""
        for bound in self.visible_fields():
            bound.field.widget.attrs["autofocus"] = True
            return


class DoorForm(DressedForm):
    """The form of a door: knows the record it is about, and carries a one-use key.

    :param record: the record of the page, or None for a door on a list.
    """

    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, record: Model | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        self.initial.setdefault("idempotency_key", uuid.uuid4().hex)


class ReasonForm(DoorForm):
    """The form of a door whose reason the bank must record."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept for ever in the audit trail, with your name."),
        error_messages={"required": ReasonRequired.message},
    )

    field_order: list[str] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name != "reason"])


def moment_field(label: Any, **kept: Any) -> forms.DateTimeField:
    """Return a field for a minute of the bank's own clock."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], **kept)


def capitalised(choices: Iterable[TextChoices]) -> list[tuple[str, str]]:
    """Return choices for a form, their first letter in upper case."""
    return [(choice.value, capfirst(choice.label)) for choice in choices]


def _dress(widget: forms.Widget) -> None:
    if widget.is_hidden or "class" in widget.attrs:
        return
    for kind, classes in _DRESS:
        if isinstance(widget, kind):
            widget.attrs["class"] = " ".join(classes)
            return
