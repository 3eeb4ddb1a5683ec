"""The forms of rules: what a rule is, what a version says, and which version something is done with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from bankops.core.admin.forms import DoorForm, ReasonForm, capitalised
from risk.language.errors import Problem, RuleError, line_and_column
from risk.language.rule import compile_rule
from risk.models import Family, Rule, RuleVersion, SourceKind, VersionState
from risk.models.rules import WEIGHT_MAX
from risk.outcomes import Outcome
from risk.rules.terms import About, Draft
from risk.rules.vocabulary import vocabulary


def problems_of(condition: str) -> tuple[Problem, ...]:
    """Return all that is wrong with a condition."""
    try:
        compile_rule(condition, vocabulary())
    except RuleError as error:
        return error.problems
    return ()


def told_problem(condition: str, problem: Problem) -> dict[str, Any]:
    """Return a problem with its place as people count, and the text at fault, for a page or for the script beside it."""
    line, column = line_and_column(condition, problem.position)
    return {
        "code": problem.code,
        "position": problem.position,
        "length": problem.length,
        "line": line,
        "column": column,
        "message": problem.message,
        "hint": problem.hint,
    }


class DraftForm(DoorForm):
    """What a version says. `problems` holds what is wrong with the condition."""

    condition = forms.CharField(
        label=_("Condition"),
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 6, "spellcheck": "false", "autocapitalize": "off", "autocomplete": "off", "maxlength": 2000}
        ),
        help_text=_("It hits when this is true of a movement. Ctrl + Space shows what may stand at the cursor."),
    )
    outcome = forms.ChoiceField(label=_("What comes of it"), choices=capitalised(Outcome))
    weight = forms.IntegerField(
        label=_("Weight"),
        min_value=0,
        max_value=WEIGHT_MAX,
        help_text=_("What a hit adds to the score, 0 to 1000."),
    )
    explains = forms.CharField(
        label=_("What it tells"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What somebody reads who looks at a movement that it hit."),
    )
    note = forms.CharField(label=_("Why this version"), widget=forms.Textarea(attrs={"rows": 2}))
    edition = forms.IntegerField(widget=forms.HiddenInput, required=False)
    movement = forms.CharField(
        label=_("Try it on a past movement"),
        required=False,
        max_length=40,
        help_text=_("Its id (tr_…), or its reference when it is one of the latest. Nothing is saved by trying."),
    )

    @cached_property
    def problems(self) -> list[dict[str, Any]]:
        """All that is wrong with the condition as it was sent."""
        condition = self.data.get("condition", "") if self.is_bound else ""
        return [told_problem(condition, problem) for problem in problems_of(condition)] if condition.strip() else []

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The condition in pieces, each with whether something is wrong with it: what is underlined without a script."""
        condition = self.data.get("condition", "") if self.is_bound else ""
        pieces: list[tuple[str, bool]] = []
        done = 0
        for problem in self.problems:
            start = max(done, problem["position"])
            end = max(start, problem["position"] + (problem["length"] or 1))
            pieces += [(condition[done:start], False), (condition[start:end] or "␣", True)]
            done = end
        return [*pieces, (condition[done:], False)]

    def clean_condition(self) -> str:
        condition: str = self.cleaned_data["condition"]
        if count := len(self.problems):
            text = ngettext("One thing is wrong with it:", "%(count)s things are wrong with it:", count)
            raise ValidationError(text % {"count": count}, code="rule_invalid")
        return condition

    def draft(self) -> Draft:
        """Return what was filled in."""
        data = self.cleaned_data
        return Draft(data["condition"], data["weight"], Outcome(data["outcome"]), data["explains"], data["note"])


class RuleForm(DraftForm):
    """A rule with its first version."""

    key = forms.CharField(label=_("Key"), max_length=60, help_text=_("What programs call it: small letters and _."))
    name = forms.CharField(label=_("Name"), max_length=120)
    purpose = forms.CharField(label=_("What it is for"), widget=forms.Textarea(attrs={"rows": 2}))
    family = forms.ChoiceField(label=_("Family"), choices=capitalised(Family))
    source_kind = forms.ChoiceField(label=_("Kind of source"), choices=capitalised(SourceKind))
    source = forms.CharField(
        label=_("Source"), max_length=300, help_text=_("The law, standard or paper it follows from, with its article.")
    )
    reason_code = forms.CharField(
        label=_("Reason code"), max_length=40, help_text=_("What systems are told; rules may share one.")
    )
    owner = forms.CharField(label=_("Owner"), max_length=150, help_text=_("Who answers for it: a person or a desk."))

    ABOUT = ("key", "name", "purpose", "family", "source_kind", "source", "reason_code", "owner")

    @property
    def about_fields(self) -> list[forms.BoundField]:
        """The fields that say what the rule is."""
        return [self[name] for name in self.ABOUT]

    def about(self) -> About:
        """Return what was filled in of the rule."""
        told = {name: self.cleaned_data[name] for name in self.ABOUT}
        family, kind = Family(told.pop("family")), SourceKind(told.pop("source_kind"))
        return About(**told, family=family, source_kind=kind)


class VersionForm(ReasonForm):
    """Which version something is done with; it says the edition that was seen, too."""

    version = forms.ChoiceField(label=_("Version"))

    def __init__(self, *args: Any, states: tuple[VersionState, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: forms.ChoiceField = self.fields["version"]  # type: ignore[assignment]
        assert isinstance(self.record, Rule)
        found = self.record.versions.filter(state__in=states).order_by("-number")
        choice.choices = [(f"{one.number}.{one.edition}", _named(one)) for one in found]

    @property
    def wish(self) -> dict[str, Any]:
        """The version in the shape of an operation's payload."""
        number, _dot, edition = self.cleaned_data["version"].partition(".")
        assert isinstance(self.record, Rule)
        return {"rule": self.record.key, "version": int(number), "edition": int(edition)}


class SnoozeForm(ReasonForm):
    customer = forms.CharField(label=_("Customer number"), max_length=20)
    last_day = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("From the day after it the rule counts again; at most 90 days from now."),
    )


class OwnerForm(ReasonForm):
    owner = forms.CharField(label=_("Owner"), max_length=150)


def _named(version: RuleVersion) -> str:
    words = {"number": version.number, "state": version.get_state_display(), "note": version.note[:60]}
    return str(_("%(number)s (%(state)s): %(note)s") % words)
