"""What a refused action must leave as it was is everything: a new table is remembered, or said to be an exception."""

from __future__ import annotations

from tests.architecture.source import APPS
from tests.unchanged import FORGOTTEN, REMEMBERED


def test_every_table_is_remembered() -> None:
    tables = {model._meta.db_table for config in APPS for model in config.get_models(include_auto_created=True)}
    assert sorted(tables - {*REMEMBERED, *FORGOTTEN}) == []
    assert sorted({*REMEMBERED, *FORGOTTEN} - tables) == []
