"""PDF files (ISO 32000-2): whole, not encrypted, carrying no program and no other file, and no bomb.

A PDF is read here as bytes, never drawn. What a viewer would act on has a name such as `/JavaScript`. It can stand anywhere in
the file, because only the cross-reference table says where objects begin, and in streams of objects, which are mostly
compressed. So the whole file is read, every stream is unpacked, piece by piece and up to a limit, and read too; and a
stream of objects is taken only where its dictionary is as plain as programs write it (`object_streams`).
"""

from __future__ import annotations

import re
import zlib
from bisect import bisect_left
from collections.abc import Iterator

from accounts.kyc import errors
from accounts.kyc.files.object_streams import STREAM, names_decoded, starts_of_object_streams

MAX_UNPACKED = 100 * 1024 * 1024
"""What all streams together may unpack to. An uncompressed A4 page at 300 dpi in colour has 26 MB; scans are JPEG."""
MAX_STREAMS = 10_000
"""How many streams a document may have: a few for each page, and one for each hundred objects."""
_PIECE = 1024 * 1024
_PACKED_PIECE = 64 * 1024
_TAIL = 1024

_HEADER = re.compile(rb"%PDF-[12]\.\d")
_STREAM_END = re.compile(rb"endstream")
_END = rb"(?=[\s()<>\[\]{}/%]|$)"  # a name ends at white space or a delimiter (7.2.3)
# A script needs the name /JavaScript; /JS alone is too short to be looked for in pictures.
_ACTIVE = re.compile(
    rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE|GoToR|Rendition|Movie|Sound)" + _END
)
_ENCRYPTED = re.compile(rb"/Encrypt" + _END)
_LONGEST = 32  # of these names, written in codes of three characters


def check(content: bytes) -> None:
    """Read the document through.

    :raises DocumentUnreadable: when its beginning or end is missing, or a stream of objects cannot be read for certain.
    :raises DocumentEncrypted: when it needs a password.
    :raises DocumentActive: when it carries a program, an action that leaves the document, or other files.
    :raises DocumentBomb: when it unpacks to more than `MAX_UNPACKED`, or its streams lie over each other.
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
        tail = (tail + piece)[-3 * _LONGEST :]  # a piece can be shorter than a name


def _check_words(text: bytes) -> None:
    if b"/" not in text:
        return
    plain = names_decoded(text)
    if _ENCRYPTED.search(plain):
        raise errors.DocumentEncrypted
    found = _ACTIVE.search(plain)
    if found:
        raise errors.DocumentActive(found=found[1].decode())


def _unpacked_streams(content: bytes) -> Iterator[bytes]:
    """Yield every stream in pieces, unpacked as far as it is Flate data, whatever its dictionary says."""
    packed_objects = starts_of_object_streams(content)
    for start, end in _streams(content):
        try:
            yield from _unpacked(memoryview(content)[start:end])
        except zlib.error:  # a picture, a font, or damage
            if packed_objects.get(start):
                raise errors.DocumentUnreadable(found="PDF") from None


def _streams(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the data of each stream begins and ends: at the next `endstream`.

    Streams that lie in each other are refused once they are longer together than two such files: no writer makes them.
    """
    ends, total = [found.start() for found in _STREAM_END.finditer(content)], 0
    for number, found in enumerate(STREAM.finditer(content)):
        place = bisect_left(ends, found.end())
        end = ends[place] if place < len(ends) else len(content)
        total += end - found.end()
        if number == MAX_STREAMS or total > 2 * len(content):
            raise errors.DocumentBomb
        yield found.end(), end


def _unpacked(packed: memoryview) -> Iterator[bytes]:
    """Yield Flate data in pieces of at most a megabyte; the data itself says where it ends.

    :raises zlib.error: when it is none, or ends too early.
    """
    unpack = zlib.decompressobj()
    for place in range(0, len(packed), _PACKED_PIECE):
        left: bytes | memoryview = packed[place : place + _PACKED_PIECE]
        while left and not unpack.eof:
            yield unpack.decompress(left, _PIECE)
            left = unpack.unconsumed_tail
        if unpack.eof:
            return
    raise zlib.error("cut short")
