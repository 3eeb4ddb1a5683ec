"""Streams of objects in a PDF (ISO 32000-2, 7.5.7): found, and refused where it is not certain how they are read.

Programs write their dictionaries in one way: names, numbers and arrays, no more than a few hundred bytes, compressed with
Flate or not at all. Whoever writes strings, comments, other filters or references there hides something, from us or from
the viewer; strings and comments could also pass for another dictionary. So nothing but the plain form is taken.
"""

from __future__ import annotations

import re

from accounts.kyc import errors

WINDOW = 4096
"""In bytes: how far the parts of such a dictionary may lie from its type."""

STREAM = re.compile(rb"(?<!end)stream\r?\n")
_SPACE = rb"[\x00\t\n\x0c\r ]"
_END = rb"(?=[\x00\s()<>\[\]{}/%]|$)"
_NAME_CODE = re.compile(rb"#([0-9A-Fa-f]{2})")
_BEGINS = re.compile(rb"(?:\A|(?<=[\r\n]))\d+" + _SPACE + rb"+\d+" + _SPACE + rb"+obj(?=" + _SPACE + rb"*<<)")
_PLAIN = re.compile(_SPACE + rb"*<<(?:[^()<>%\\]|<<|>>)*>>" + _SPACE + rb"*\Z")
_FILTER = re.compile(rb"/Filter" + _END)
_FLATE = re.compile(rb"/Filter(?:%s*/FlateDecode|%s*\[%s*/FlateDecode%s*\])" % ((_SPACE,) * 4) + rb"(?=[\x00\s/>])")
# What keeps it from being read by unpacking it once: parameters of a filter, and data in another file.
_MORE = re.compile(rb"/(DecodeParms|DP|F|FFilter|FDecodeParms)" + _END)


def _in_codes(name: bytes) -> bytes:
    """Return a pattern for a name each of whose letters may be written as a code: `#4f` is `O`."""
    return b"".join(rb"(?:%c|#(?i:%02x))" % (letter, letter) for letter in name)


_TYPE = re.compile(b"/" + _in_codes(b"ObjStm") + _END)


def starts_of_object_streams(content: bytes) -> dict[int, bool]:
    """Return where the data of each stream of objects begins, and whether they are packed.

    :raises DocumentUnreadable: when the dictionary is not plain, whole and near.
    :raises DocumentActive: when it asks for more than unpacking once.
    """
    return dict(_start_of(content, found.start()) for found in _TYPE.finditer(content))


def names_decoded(text: bytes) -> bytes:
    """Return the text with `#4a` written as the letter it stands for."""
    return _NAME_CODE.sub(lambda code: bytes([int(code[1], 16)]), text)


def _start_of(content: bytes, place: int) -> tuple[int, bool]:
    data = STREAM.search(content, place, place + WINDOW)
    first = max(0, place - WINDOW)
    begins = [found.end() for found in _BEGINS.finditer(content, first, place)]
    if data is None or not begins:
        raise errors.DocumentUnreadable(found="PDF")
    dictionary = content[begins[-1] : data.start()]
    if not _PLAIN.match(dictionary) or dictionary.count(b"<<") != dictionary.count(b">>"):
        raise errors.DocumentUnreadable(found="PDF")
    return data.end(), _is_packed(names_decoded(dictionary))


def _is_packed(dictionary: bytes) -> bool:
    filters = len(_FILTER.findall(dictionary))
    if _MORE.search(dictionary) or filters > 1 or (filters and not _FLATE.search(dictionary)):
        raise errors.DocumentActive(found="ObjStm")
    return bool(filters)
