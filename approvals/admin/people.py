"""Choices of people in forms: by name, with the number that tells namesakes apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms

from approvals.permissions import REVIEWERS
from staff.models import User
from staff.models.user import UserQuerySet

if TYPE_CHECKING:
    PersonChoice = forms.ModelChoiceField[User]
else:
    PersonChoice = forms.ModelChoiceField


class PersonField(PersonChoice):
    """A choice of one person."""

    def label_from_instance(self, obj: User) -> str:
        return f"{obj.full_name} ({obj.employee_number})"


def reviewers() -> UserQuerySet:
    """Return everybody active who holds a role that reviews, by name."""
    roles = [role.value for role in REVIEWERS]
    people: UserQuerySet = User.objects.active().filter(groups__name__in=roles).distinct().order_by("full_name")
    return people
