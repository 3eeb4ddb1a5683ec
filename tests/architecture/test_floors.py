"""Foreign keys run downwards, as imports do. `lint-imports` cannot see them, nor `apps.get_model`."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.db.models import ForeignKey, ManyToManyField

from tests.architecture.source import APPS, calls

# docs/architecture.md, from the bottom up. Apps on one floor do not know each other.
FLOORS = [
    {"core"},
    {"staff"},
    {"partners"},
    {"notifications"},
    {"approvals"},
    {"accounts"},
    {"risk"},
    {"transactions"},
    {"complaints"},
    {"reporting"},
]
FLOOR_OF = {label: number for number, labels in enumerate(FLOORS) for label in labels}


def test_every_app_has_its_floor() -> None:
    assert {config.label for config in APPS} <= FLOOR_OF.keys()
    assert {"core", "staff", "accounts", "transactions"} <= {config.label for config in APPS}


def test_foreign_keys_point_downwards() -> None:
    """Within an app, to a floor below, or to the swappable user; the history keeps whom it had."""
    user = apps.get_model(settings.AUTH_USER_MODEL)
    upwards = []
    for config in APPS:
        for model in config.get_models(include_auto_created=True):
            for field in model._meta.get_fields():
                if not isinstance(field, ForeignKey | ManyToManyField) or field.related_model is user:
                    continue
                target = field.related_model._meta.app_label
                if target != config.label and FLOOR_OF.get(target, -1) >= FLOOR_OF[config.label]:
                    upwards.append(f"{model.__name__}.{field.name} → {target}")
    assert upwards == []


def test_no_app_finds_another_by_name_at_run_time() -> None:
    assert [where for where, called in calls() if called.endswith("apps.get_model")] == []
