"""The rows of the policy editor: conditions, stages, exclusions. Each knows how it is written in a policy's document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from approvals.policies.chain import ASSIGNED_MAX, QUORUM_MAX, STAGE_ROLES
from approvals.policies.conditions import CHANNELS, RISK_BANDS
from bankops.core import operations
from bankops.core.admin.forms import DressedForm
from bankops.core.errors import BankOpsError
from bankops.core.money import Money
from staff.roles import Role

ROWS_MAX = 60
_NONE = [("", "—")]

# What can be asked of a submission: `field operator` as policies write it, what people read, and what to write beside it.
_AMOUNT, _LIST, _ROLES = _("for instance 50000.00 CNY"), _("several with commas"), ", ".join(Role.values)
TESTS: tuple[tuple[str, Promise, Any], ...] = (
    ("amount at_least", _("amount is at least"), _AMOUNT),
    ("amount more_than", _("amount is more than"), _AMOUNT),
    ("amount at_most", _("amount is at most"), _AMOUNT),
    ("amount less_than", _("amount is less than"), _AMOUNT),
    ("currency one_of", _("currency is one of"), _("for instance USD, EUR")),
    ("currency none_of", _("currency is none of"), _("for instance USD, EUR")),
    ("branch one_of", _("branch is one of"), _("branch codes, for instance 001, 002")),
    ("branch none_of", _("branch is none of"), _("branch codes, for instance 001, 002")),
    ("maker_role one_of", _("maker's role is one of"), _ROLES),
    ("maker_role none_of", _("maker's role is none of"), _ROLES),
    ("channel one_of", _("channel is one of"), ", ".join(CHANNELS)),
    ("channel none_of", _("channel is none of"), ", ".join(CHANNELS)),
    ("risk_band at_least", _("risk is at least"), ", ".join(RISK_BANDS)),
    ("risk_band one_of", _("risk is one of"), ", ".join(RISK_BANDS)),
    ("risk_band none_of", _("risk is none of"), ", ".join(RISK_BANDS)),
    ("hour between", _("hour is between"), _("two hours, for instance 22-6: from 22:00 until 6:00")),
    ("hour one_of", _("hour is one of"), _("for instance 0, 1, 2")),
    ("operation one_of", _("operation is one of"), _("keys, for instance transactions.transfer")),
    ("operation none_of", _("operation is none of"), _("keys, for instance transactions.transfer")),
)
_HINTS = {test: hint for test, _label, hint in TESTS}
_ROLE_VALUES = {str(role.label).lower(): role.value for role in Role}


class ConditionForm(DressedForm):
    """One condition of a case: all conditions of a case hold together, and any one case is enough."""

    case = forms.IntegerField(min_value=1, max_value=ROWS_MAX, widget=forms.HiddenInput)
    test = forms.ChoiceField(
        label=_("Condition"), required=False, choices=[*_NONE, *((test, label) for test, label, _hint in TESTS)]
    )
    value = forms.CharField(
        label=_("Value"), required=False, max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def hint(self) -> str:
        """Return what to write beside the condition chosen."""
        chosen = self["test"].value()
        return str(_HINTS[chosen]) if chosen in _HINTS else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        test, value = cleaned.get("test", ""), (cleaned.get("value") or "").strip()
        if bool(test) != bool(value):
            self.add_error("value" if test else "test", _("A condition needs both: what is looked at, and with what."))
        elif test:
            cleaned["written"] = self._written(test, value)
        return cleaned

    def _written(self, test: str, value: str) -> dict[str, Any] | None:
        """Return the condition as policies write it; what it says is checked with the whole policy."""
        field, operator = test.split()
        try:
            return {"field": field, "operator": operator, "value": _value_of(field, operator, value)}
        except (BankOpsError, ValueError) as fault:
            said = fault if isinstance(fault, BankOpsError) else _("Write whole hours.")
            self.add_error("value", str(said))
            return None


class StageForm(DressedForm):
    role = forms.ChoiceField(
        label=_("Who decides"), required=False, choices=[*_NONE, *((role, Role(role).label) for role in STAGE_ROLES)]
    )
    quorum = forms.IntegerField(label=_("How many people"), min_value=1, max_value=QUORUM_MAX, initial=1)
    assigned = forms.IntegerField(label=_("How many are asked"), min_value=1, max_value=ASSIGNED_MAX, initial=2)
    one_time_code = forms.BooleanField(label=_("One-time code"), required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("assigned", 0) < cleaned.get("quorum", 0):
            self.add_error("assigned", _("At least as many have to be asked as have to agree."))
        return cleaned


class ExclusionForm(DressedForm):
    maker_role = forms.ChoiceField(label=_("Made by"), required=False, choices=[*_NONE, *Role.choices])
    reviewer_role = forms.ChoiceField(label=_("Not reviewed by"), required=False, choices=[*_NONE, *Role.choices])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("maker_role")) != bool(cleaned.get("reviewer_role")):
            self.add_error("reviewer_role", _("Choose both roles, or neither."))
        return cleaned


def _rows(form: type[DressedForm]) -> Any:
    return formset_factory(form, extra=0, max_num=ROWS_MAX, absolute_max=ROWS_MAX, validate_max=True)


ConditionRows, StageRows, ExclusionRows = _rows(ConditionForm), _rows(StageForm), _rows(ExclusionForm)


# -- From rows to a document ------------------------------------------------------------------------------------------


def blocks_of(rows: Iterable[Mapping[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the cases as policies write them; rows left empty do not count."""
    blocks: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        if row.get("written"):
            blocks.setdefault(row["case"], []).append(row["written"])
    return [blocks[case] for case in sorted(blocks)]


def stages_of(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the stages as policies write them, in order; rows without a role do not count."""
    names = ("role", "quorum", "one_time_code", "assigned")
    return [{name: row[name] for name in names} for row in rows if row.get("role")]


def exclusions_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return who may not review whose requests, as policies write it."""
    excluded: dict[str, list[str]] = {}
    for row in rows:
        if row.get("maker_role") and row["reviewer_role"] not in excluded.get(row["maker_role"], []):
            excluded.setdefault(row["maker_role"], []).append(row["reviewer_role"])
    return excluded


# -- From a document to rows ------------------------------------------------------------------------------------------


def condition_rows(blocks: Iterable[Iterable[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Return what the editor shows for a document's blocks."""
    return [
        {
            "case": case,
            "test": f"{condition['field']} {condition['operator']}",
            "value": _text_of(condition["field"], condition["operator"], condition["value"]),
        }
        for case, block in enumerate(blocks, start=1)
        for condition in block
    ]


def exclusion_rows(excluded: Mapping[str, Iterable[str]]) -> list[dict[str, str]]:
    """Return what the editor shows for a document's exclusions: one row for each pair of roles."""
    return [{"maker_role": maker, "reviewer_role": role} for maker, roles in excluded.items() for role in roles]


def operation_choices() -> list[tuple[str, str]]:
    """Return every registered operation by what people call it."""
    return [(key, f"{operation.label} ({key})") for key, operation in operations.registered().items()]


def _value_of(field: str, operator: str, text: str) -> Any:
    if field == "amount":
        figure, _space, currency = text.replace(",", "").rpartition(" ")
        money = Money.parse(figure or currency, currency.upper())
        return f"{money} {money.currency}"
    if field == "hour":
        parts = text.replace(":00", "").replace("–", "-").split("-" if operator == "between" else ",")
        return [int(part) for part in parts]
    if operator == "at_least":
        return text.lower()
    return [_listed(field, part.strip()) for part in text.split(",") if part.strip()]


def _listed(field: str, text: str) -> str:
    if field == "maker_role":
        return _ROLE_VALUES.get(text.lower(), text.lower())
    return text.upper() if field == "currency" else text


def _text_of(field: str, operator: str, value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    return ("-" if field == "hour" and operator == "between" else ", ").join(map(str, value))
