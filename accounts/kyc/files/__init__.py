"""Files from outside: is it what it says it is, and is it harmless?

What a file is, its content decides; its name only has to agree. Nothing of the name is kept: the bank names the file itself.
"""

from __future__ import annotations

from accounts.kyc import errors
from accounts.kyc.files import images, pdf
from accounts.kyc.files.media import MediaType

__all__ = ["MediaType", "inspect"]

_SIGNATURES = {
    b"%PDF-": MediaType.PDF,
    b"\xff\xd8\xff": MediaType.JPEG,
    b"\x89PNG\r\n\x1a\n": MediaType.PNG,
}
_EXTENSIONS = {"pdf": MediaType.PDF, "jpg": MediaType.JPEG, "jpeg": MediaType.JPEG, "png": MediaType.PNG}


def inspect(*, name: str, content: bytes, max_bytes: int) -> MediaType:
    """Return what the file is, after reading it through.

    :param name: what the sender calls it; only what follows the last dot counts.
    :raises DocumentEmpty, DocumentTooLarge, DocumentTypeRefused: before it is looked into.
    :raises DocumentNotWhatItSays: when its name says something else.
    :raises DocumentUnreadable, DocumentBomb, DocumentActive, DocumentEncrypted: after that.
    """
    if not content:
        raise errors.DocumentEmpty
    if len(content) > max_bytes:
        raise errors.DocumentTooLarge(limit=megabytes(max_bytes))
    found = _type_of(content)
    named = _EXTENSIONS.get(name.strip().rpartition(".")[2].lower())
    if named != found:
        raise errors.DocumentNotWhatItSays(named=named.label if named else _last_part(name), found=found.label)
    if found == MediaType.PDF:
        pdf.check(content)
    else:
        images.check(content, found)
    return found


def megabytes(size: int) -> str:
    """Return a size as people say it: whole megabytes, or one decimal."""
    tenths = size * 10 // (1024 * 1024)
    return str(tenths // 10) if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}"


def _type_of(content: bytes) -> MediaType:
    for signature, media_type in _SIGNATURES.items():
        if content.startswith(signature):
            return media_type
    raise errors.DocumentTypeRefused


def _last_part(name: str) -> str:
    """Return the extension as plain letters, for a message."""
    extension = name.rpartition(".")[2]
    return "".join(letter for letter in extension if letter.isascii() and letter.isalnum())[:10] or "?"
