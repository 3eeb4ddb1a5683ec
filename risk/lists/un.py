"""The UN Security Council's consolidated list, in XML.

Source of the elements: https://www.un.org/sc/resources/sc-sanctions.xsd. `QUALITY` of an alias is Good or Low for
people, “a.k.a.” or “f.k.a.” for entities.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.utils.translation import gettext as _
from lxml import etree

from risk.lists.errors import ListEmpty, ListUnreadable
from risk.lists.reading import read_bytes
from risk.names.countries import country_code
from risk.names.entry import BirthDate, Entry, Kind, Name, Strength

LIST_NAME = "UN consolidated"
_ROOT = "CONSOLIDATED_LIST"
_NAME_PARTS = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_LOW = "low"
_UNKNOWN = {"na", "n/a", "none", "unknown", "not available"}
_KINDS = {"INDIVIDUAL": Kind.PERSON, "ENTITY": Kind.ENTITY}


def read_un(path: Path) -> list[Entry]:
    """Return individuals, then entities, in the list's order.

    :raises ListUnreadable: not the UN's XML, torn off, or with entities or a document type of its own (an attack).
    :raises ListEmpty: no party in it.
    """
    content = read_bytes(path)
    try:
        entries = list(_entries(content, path.name))
    except etree.XMLSyntaxError as error:
        raise ListUnreadable(name=path.name, problem=str(error)) from error
    if not entries:
        raise ListEmpty(name=path.name)
    return entries


def _entries(content: bytes, file_name: str) -> Iterator[Entry]:
    parts = etree.iterparse(
        io.BytesIO(content),
        events=("end",),
        tag=[*_KINDS, _ROOT],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    for _event, element in parts:
        if element.tag == _ROOT:
            continue
        names = tuple(dict.fromkeys(_names(element)))
        if names:
            yield _entry(element, names)
        element.clear()
    if parts.root is None or parts.root.tag != _ROOT:
        raise ListUnreadable(name=file_name, problem=_("its root is not %(root)s") % {"root": _ROOT})
    if parts.root.getroottree().docinfo.internalDTD is not None:
        problem = _("it declares entities of its own, which the UN's list does not")
        raise ListUnreadable(name=file_name, problem=problem)


def _entry(element: etree._Element, names: tuple[Name, ...]) -> Entry:
    reference = _text(element, "REFERENCE_NUMBER")
    return Entry(
        key=f"un:{reference or _text(element, 'DATAID')}",
        list_name=LIST_NAME,
        reference=reference,
        kind=_KINDS[str(element.tag)],
        names=names,
        birth_dates=tuple(_birth_dates(element)),
        countries=frozenset(_countries(element)),
        programmes=tuple(filter(None, [_text(element, "UN_LIST_TYPE")])),
    )


def _text(element: etree._Element, tag: str) -> str:
    return " ".join((element.findtext(tag) or "").split())


def _names(element: etree._Element) -> Iterator[Name]:
    parts = [text for tag in _NAME_PARTS if (text := _text(element, tag)) and text.casefold() not in _UNKNOWN]
    for text in " ".join(parts).split(" ; "):  # a few entities have two names in one field
        if text.strip():
            yield Name(text.strip())
    if original := _text(element, "NAME_ORIGINAL_SCRIPT"):
        yield Name(original)
    for alias in element.iterfind(f"{element.tag}_ALIAS"):
        text = _text(alias, "ALIAS_NAME")
        if text and text.casefold() not in _UNKNOWN:
            weak = _text(alias, "QUALITY").casefold() == _LOW
            yield Name(text, Strength.WEAK if weak else Strength.STRONG)


def _birth_dates(element: etree._Element) -> Iterator[BirthDate]:
    for born in element.iterfind("INDIVIDUAL_DATE_OF_BIRTH"):
        if found := _birth_date(born):
            yield found


def _birth_date(born: etree._Element) -> BirthDate | None:
    circa = _text(born, "TYPE_OF_DATE") == "APPROXIMATELY"
    try:
        if day := _text(born, "DATE"):
            exact = date.fromisoformat(day[:10])
            return BirthDate(first=exact, last=exact, circa=circa)
        first, last = _text(born, "FROM_YEAR") or _text(born, "YEAR"), _text(born, "TO_YEAR")
        return BirthDate.of_years(int(first), int(last or first), circa=circa) if first else None
    except ValueError:
        return None


def _countries(element: etree._Element) -> Iterator[str]:
    places = [*element.iterfind("INDIVIDUAL_PLACE_OF_BIRTH"), *element.iterfind(f"{element.tag}_ADDRESS")]
    told = [value.text or "" for value in element.iterfind("NATIONALITY/VALUE")]
    for text in [*told, *(_text(place, "COUNTRY") for place in places)]:
        if code := country_code(text):
            yield code
