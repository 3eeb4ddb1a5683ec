"""The policy editor: a form whose rows grow by buttons, without a script, and which becomes a policy's document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from unfold.widgets import CHECKBOX_CLASSES

from approvals.admin import policy_rows as rows
from approvals.models import Policy
from approvals.policies.chain import PAIR_LIMIT_MAX
from approvals.policies.definition import ANY_OPERATION
from approvals.services.policies import latest_version
from bankops.core.admin.confirmed import OnceForm
from bankops.core.admin.forms import ReasonForm

_MINUTES = {"minutes": 1, "hours": 60, "days": 24 * 60}
_UNITS = [("minutes", _("minutes")), ("hours", _("hours")), ("days", _("days"))]
_PREFIXES = ("conditions", "stages", "exclusions")
Row = dict[str, Any]


class ChangeForm(ReasonForm, OnceForm):
    """What every change of a policy carries: the version it was made for, and why."""

    based_on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    @property
    def policy_name(self) -> str:
        return self.record.name if isinstance(self.record, Policy) else self.cleaned_data["name"]

    @property
    def document(self) -> dict[str, Any] | None:
        """The new definition; none retires the policy."""
        return None

    @property
    def carried(self) -> list[tuple[str, str]]:
        """Everything that was filled in, to travel through the confirmation as it is."""
        assert isinstance(self.data, QueryDict)
        mine = {"csrfmiddlewaretoken", "confirmed", "change"}
        return [(name, value) for name, values in self.data.lists() if name not in mine for value in values]


class PolicyForm(ChangeForm):
    name = forms.CharField(label=_("Name"), max_length=100)
    every_operation = forms.BooleanField(label=_("Every operation"), required=False)
    operations = forms.MultipleChoiceField(
        label=_("Operations"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": " ".join(CHECKBOX_CLASSES)}),
    )
    expires_after = forms.IntegerField(label=_("Expires after"), min_value=1, max_value=100_000)
    expires_unit = forms.ChoiceField(label=_("Unit"), choices=_UNITS)
    pair_limit = forms.IntegerField(
        label=_("Same reviewer in a row"),
        min_value=1,
        max_value=PAIR_LIMIT_MAX,
        help_text=_("How often one after the other the same reviewer may approve what the same person made."),
    )
    stand_ins = forms.BooleanField(label=_("Stand-ins may decide"), required=False)

    field_order = ["name"]

    def __init__(self, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        shown: Mapping[str, list[Row]] = (kwargs.get("initial") or {}).get("rows") or {}
        super().__init__(data, files, **kwargs)
        choice: forms.MultipleChoiceField = self.fields["operations"]  # type: ignore[assignment]
        choice.choices = rows.operation_choices()
        if isinstance(self.record, Policy):
            del self.fields["name"]
        self.conditions = rows.ConditionRows(data, prefix="conditions", initial=shown.get("conditions"))
        self.stages = rows.StageRows(data, prefix="stages", initial=shown.get("stages"))
        self.exclusions = rows.ExclusionRows(data, prefix="exclusions", initial=shown.get("exclusions"))

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.conditions.is_valid(), self.stages.is_valid(), self.exclusions.is_valid()])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if bool(cleaned.get("operations")) == bool(cleaned.get("every_operation")):
            self.add_error("operations", _("Choose the operations, or “every operation”, and not both."))
        if self.stages.is_valid() and not rows.stages_of(self.stages.cleaned_data):
            self.add_error(None, forms.ValidationError(_("At least one stage has to decide."), code="stage_required"))
        return cleaned

    @property
    def document(self) -> dict[str, Any]:
        """The definition as policies write it, from a valid form."""
        data = self.cleaned_data
        return {
            "operations": [ANY_OPERATION] if data["every_operation"] else data["operations"],
            "blocks": rows.blocks_of(self.conditions.cleaned_data),
            "stages": rows.stages_of(self.stages.cleaned_data),
            "expires_after_minutes": data["expires_after"] * _MINUTES[data["expires_unit"]],
            "pair_limit": data["pair_limit"],
            "stand_ins": data["stand_ins"],
            "excluded": rows.exclusions_of(self.exclusions.cleaned_data),
        }

    def cases(self) -> list[tuple[str, list[Any]]]:
        """The condition rows, case by case, each with the number that its rows carry."""
        cases: dict[str, list[Any]] = {}
        for row in self.conditions.forms:
            cases.setdefault(str(row["case"].value()), []).append(row)
        return list(cases.items())

    def focus_first(self) -> None:
        """Put the cursor into the row that a button has just added, otherwise into the first field."""
        added = {"add_condition": self.conditions, "add_case": self.conditions, "add_stage": self.stages}
        pressed = self.initial.get("pressed")
        if not pressed:
            super().focus_first()
        elif pressed in added:
            next(iter(added[pressed].forms[-1].visible_fields())).field.widget.attrs["autofocus"] = True


# -- What is shown ----------------------------------------------------------------------------------------------------


def of_document(document: Mapping[str, Any], based_on: int) -> dict[str, Any]:
    """Return the form's initial values for a definition that can be read."""
    every = ANY_OPERATION in document["operations"]
    count, unit = _length(document["expires_after_minutes"])
    return {
        "based_on": based_on,
        "every_operation": every,
        "operations": [] if every else document["operations"],
        "expires_after": count,
        "expires_unit": unit,
        "pair_limit": document["pair_limit"],
        "stand_ins": document["stand_ins"],
        "rows": {
            "conditions": rows.condition_rows(document["blocks"]),
            "stages": document["stages"],
            "exclusions": rows.exclusion_rows(document["excluded"]),
        },
    }


def of_name(name: str) -> int:
    """Return the number of a policy's latest version, which a change of it is made for; 0 when there is none."""
    latest = latest_version(name)
    return latest.number if latest else 0


def _length(minutes: int) -> tuple[int, str]:
    unit = next(unit for unit in ("days", "hours", "minutes") if minutes % _MINUTES[unit] == 0)
    if unit == "days" and minutes == _MINUTES["days"]:
        unit = "hours"  # "24 hours" is how banks say it
    return minutes // _MINUTES[unit], unit


# -- Buttons that change the number or order of rows ----------------------------------------------------------------


def edited(data: QueryDict) -> dict[str, Any] | None:
    """Return the values to show after a button for rows was pressed, or None when none was. Nothing is checked yet."""
    pressed = next((name for name in _EDITS if name in data), None)
    if pressed is None:
        return None
    shown = {prefix: _typed(data, prefix) for prefix in _PREFIXES}
    _EDITS[pressed](shown, str(data[pressed]))
    fields = {name: value for name, value in data.items() if name not in ("operations", "csrfmiddlewaretoken", pressed)}
    ticked = {name: name in data for name in ("every_operation", "stand_ins")}
    return {**fields, **ticked, "operations": data.getlist("operations"), "rows": shown, "pressed": pressed}


def _typed(data: QueryDict, prefix: str) -> list[Row]:
    total = data.get(f"{prefix}-TOTAL_FORMS", "")
    count = min(int(total), rows.ROWS_MAX) if total.isdecimal() and total.isascii() and len(total) < 5 else 0
    names = {"conditions": rows.ConditionForm, "stages": rows.StageForm, "exclusions": rows.ExclusionForm}[prefix]
    return [{name: data.get(f"{prefix}-{number}-{name}", "") for name in names.base_fields} for number in range(count)]


def _add_condition(shown: dict[str, list[Row]], case: str) -> None:
    shown["conditions"].append({"case": case})


def _add_case(shown: dict[str, list[Row]], _value: str) -> None:
    cases = [int(row["case"]) for row in shown["conditions"] if str(row["case"]).isdecimal()]
    shown["conditions"].append({"case": max(cases, default=0) + 1})


def _add_stage(shown: dict[str, list[Row]], _value: str) -> None:
    shown["stages"].append({"quorum": 1, "assigned": 2, "one_time_code": "on"})


def _move_up(shown: dict[str, list[Row]], number: str) -> None:
    stages, place = shown["stages"], int(number) if number.isdecimal() else 0
    if 0 < place < len(stages):
        stages[place - 1], stages[place] = stages[place], stages[place - 1]


def _add_exclusion(shown: dict[str, list[Row]], _value: str) -> None:
    shown["exclusions"].append({})


_EDITS = {
    "add_condition": _add_condition,
    "add_case": _add_case,
    "add_stage": _add_stage,
    "move_up": _move_up,
    "add_exclusion": _add_exclusion,
}
