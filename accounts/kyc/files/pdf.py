"""PDF files (ISO 32000-2): whole, not encrypted, carrying no program and no other file, and no bomb.

A PDF is read here as bytes, never drawn. What a viewer would act on has a name such as `/JavaScript`. It can stand anywhere in
the file, because only the cross-reference table says where objects begin, and in compressed streams, because those can
hold objects. So the whole file is read, and every stream is unpacked, piece by piece and up to a limit, and read too.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from accounts.kyc import errors

MAX_UNPACKED = 100 * 1024 * 1024
"""What all streams together may unpack to. An uncompressed A4 page at 300 dpi in colour has 26 MB; scans are JPEG."""
MAX_STREAMS = 10_000
"""How many streams a document may have: a few for each page, and one for each hundred objects."""
_PIECE = 1024 * 1024
_PACKED_PIECE = 64 * 1024
_TAIL = 1024
_DICTIONARY = 4096  # how far before its data a stream's dictionary is looked for

_HEADER = re.compile(rb"%PDF-[12]\.\d")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_NAME_CODE = re.compile(rb"#([0-9A-Fa-f]{2})")
_END = rb"(?=[\s()<>\[\]{}/%]|$)"  # a name ends at white space or a delimiter (7.2.3)
# A script needs the name /JavaScript; /JS alone is too short to be looked for in pictures.
_ACTIVE = re.compile(
    rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE|GoToR|Rendition|Movie|Sound)" + _END
)
_ENCRYPTED = re.compile(rb"/Encrypt" + _END)
_LONGEST = 32  # of these names, written in codes of three characters
_OBJECTS = re.compile(rb"/ObjStm" + _END)
# What keeps an object stream from being read by unpacking it once.
_TWICE = re.compile(rb"/(ASCIIHexDecode|AHx|ASCII85Decode|A85|LZWDecode|LZW|RunLengthDecode|RL|Crypt|Predictor)" + _END)


def check(content: bytes) -> None:
    """Read the document through.

    :raises DocumentUnreadable: when its beginning or end is missing, or a stream of objects does not unpack.
    :raises DocumentEncrypted: when it needs a password.
    :raises DocumentActive: when it carries a program, an action that leaves the document, or other files.
    :raises DocumentBomb: when it unpacks to more than `MAX_UNPACKED`.
    """
    if not _HEADER.match(content) or b"%%EOF" not in content[-_TAIL:] or b"startxref" not in content[-2 * _TAIL :]:
        raise errors.DocumentUnreadable(found="PDF")
    _check_words(content)
    unpacked, tail = 0, b""
    for piece in _unpacked_streams(content):
        unpacked += len(piece)
        if unpacked > MAX_UNPACKED:
            raise errors.DocumentBomb
        _check_words(tail + piece)
        tail = piece[-3 * _LONGEST :]


def _check_words(text: bytes) -> None:
    if b"/" not in text:
        return
    plain = _with_names_decoded(text)
    if _ENCRYPTED.search(plain):
        raise errors.DocumentEncrypted
    found = _ACTIVE.search(plain)
    if found:
        raise errors.DocumentActive(found=found[1].decode())


def _unpacked_streams(content: bytes) -> Iterator[bytes]:
    """Yield every stream in pieces, unpacked as far as it is Flate data, whatever its dictionary says."""
    for number, start in enumerate(_STREAM.finditer(content)):
        if number == MAX_STREAMS:
            raise errors.DocumentBomb
        dictionary = content[max(0, start.start() - _DICTIONARY) : start.start()]
        dictionary = _with_names_decoded(dictionary[dictionary.rfind(b" obj") + 1 :])
        holds_objects = bool(_OBJECTS.search(dictionary))
        if holds_objects and _TWICE.search(dictionary):
            raise errors.DocumentActive(found="ObjStm")
        try:
            yield from _unpacked(memoryview(content)[start.end() :])
        except zlib.error:  # a picture, a font, or damage
            if holds_objects and b"/FlateDecode" in dictionary:
                raise errors.DocumentUnreadable(found="PDF") from None


def _unpacked(packed: memoryview) -> Iterator[bytes]:
    """Yield Flate data in pieces of at most a megabyte; the data itself says where it ends.

    :raises zlib.error: when it is none.
    """
    unpack = zlib.decompressobj()
    for place in range(0, len(packed), _PACKED_PIECE):
        left: bytes | memoryview = packed[place : place + _PACKED_PIECE]
        while left and not unpack.eof:
            yield unpack.decompress(left, _PIECE)
            left = unpack.unconsumed_tail
        if unpack.eof:
            return


def _with_names_decoded(text: bytes) -> bytes:
    """Return the text with `#4a` written as the letter it stands for."""
    return _NAME_CODE.sub(lambda code: bytes([int(code[1], 16)]), text)
