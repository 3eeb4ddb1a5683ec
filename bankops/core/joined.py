"""Records of several tables, read together by one prepared statement: `select_related` without putting it together each time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Field, Model

from bankops.core.db import prepared


class Joined:
    """A statement that reads records of several models, joined one to one.

    Sealed columns are left out: a record that was read so reads them when somebody asks for them.

    :param source: what comes after `FROM`, with an alias for each table; `{name}` stands for what `read` is given for it.
    :param models: by alias, in the order in which the records are returned.
    """

    def __init__(self, source: str, **models: type[Model]) -> None:
        self._source = source
        self._models = models

    def read(self, parameters: Mapping[str, Any], **written: str) -> list[list[Any]]:
        """Return the records of each row, None where an outer join found none."""
        rows = prepared(self._statement.format(**written), parameters)
        return [list(map(_record, self._parts, self._cut(row))) for row in rows]

    @cached_property
    def _parts(self) -> list[tuple[type[Model], list[str], int]]:
        told = []
        for model in self._models.values():
            names = [field.attname for field in _plain(model)]
            told.append((model, names, names.index(model._meta.pk.attname)))
        return told

    @cached_property
    def _statement(self) -> str:
        columns = [f'{alias}."{field.column}"' for alias, model in self._models.items() for field in _plain(model)]
        return f"SELECT {', '.join(columns)} FROM {self._source}"  # noqa: S608 - names of ours

    def _cut(self, row: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        cut, start = [], 0
        for _model, names, _key in self._parts:
            cut.append(row[start : start + len(names)])
            start += len(names)
        return cut


def _record(part: tuple[type[Model], list[str], int], values: tuple[Any, ...]) -> Model | None:
    model, names, key = part
    return None if values[key] is None else model.from_db(DEFAULT_DB_ALIAS, names, values)


def _plain(model: type[Model]) -> list[Field[Any, Any]]:
    """Return the columns whose values are what the driver reads."""
    return [field for field in model._meta.concrete_fields if not hasattr(field, "from_db_value")]
