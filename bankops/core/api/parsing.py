"""Reading a body: JSON, and nothing that only looks like it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.parsers import BaseParser

from bankops.core.api.errors import BodyTooLarge, DuplicateField, JsonTooDeep, MalformedJson
from bankops.core.errors import UnstorableText
from bankops.core.texts import check_storable

DEPTH_MAX = 8


@dataclass(frozen=True, slots=True)
class FloatLiteral:
    """A number with a point or an exponent, as it was written. No field takes one: a float is not an amount."""

    text: str


class StrictJSONParser(BaseParser):
    """The API's only parser. It puts the bytes it read on the request as `raw_body`, for the signature."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the parsed value.

        :raises BodyTooLarge: before reading more than `BANKOPS_API_BODY_MAX` bytes.
        :raises MalformedJson, DuplicateField, JsonTooDeep: for what is not JSON, or would be read in two ways.
        :raises UnstorableText: for a NUL or half a character, which the database cannot keep.
        """
        request = (parser_context or {}).get("request")
        raw = _read(stream, request.META.get("CONTENT_LENGTH") if request else None)
        if request:
            request.raw_body = raw
        value = _loaded(raw)
        _check_deep(value, "", 1)
        return value


def _read(stream: IO[Any], announced: str | None) -> bytes:
    limit = settings.BANKOPS_API_BODY_MAX
    if announced and announced.isdecimal() and int(announced) > limit:
        raise BodyTooLarge(limit=limit)
    raw: bytes = stream.read(limit + 1)
    if len(raw) > limit:
        raise BodyTooLarge(limit=limit)
    return raw


def _loaded(raw: bytes) -> Any:
    try:
        return json.loads(
            raw.decode("utf-8"), parse_float=FloatLiteral, parse_constant=_refuse, object_pairs_hook=_object
        )
    except RecursionError as error:
        raise JsonTooDeep(limit=DEPTH_MAX) from error
    except ValueError as error:  # not UTF-8, not JSON, or a number of more digits than Python reads
        raise MalformedJson from error


def _refuse(_constant: str) -> NoReturn:
    raise MalformedJson


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, value in pairs:
        if name in read:
            raise DuplicateField(name=name[:40].encode("utf-8", "replace").decode())
        read[name] = value
    return read


def _check_deep(value: Any, path: str, depth: int) -> None:
    if isinstance(value, str):
        _check_text(value, path)
        return
    inner: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        for name in value:
            _check_text(name, path)
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    else:
        return
    if depth > DEPTH_MAX:
        raise JsonTooDeep(limit=DEPTH_MAX)
    for name, each in inner:
        _check_deep(each, f"{path}.{name}".lstrip("."), depth + 1)


def _check_text(text: str, path: str) -> None:
    try:
        check_storable(text)
    except UnstorableText as error:
        error.param = path  # type: ignore[attr-defined]
        raise
