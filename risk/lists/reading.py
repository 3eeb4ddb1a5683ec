"""Bytes of a published list to text: marks of byte order, the Ctrl-Z of old systems, letters of old code pages."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from risk.lists.errors import ListUnreadable

_CTRL_Z = b"\x1a"
MOST_BYTES = 256 * 1024 * 1024


def read_bytes(path: Path) -> bytes:
    """Return the file without byte order mark and without what follows a last Ctrl-Z.

    :raises ListUnreadable: when it is not there, is no file, or is larger than any list known.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            problem = _("it has more than %(limit)s bytes") % {"limit": MOST_BYTES}
            raise ListUnreadable(name=path.name, problem=problem)
        content = path.read_bytes()
    except OSError as error:
        raise ListUnreadable(name=path.name, problem=error.strerror or str(error)) from error
    stripped = content.rstrip(b"\r\n\t \0")
    if stripped.endswith(_CTRL_Z):
        content = stripped.rstrip(_CTRL_Z)
    return content.removeprefix(b"\xef\xbb\xbf")


def read_text(path: Path, *, or_windows: bool = False) -> str:
    """Return the file's text, which is in UTF-8.

    :param or_windows: read Windows-1252 where it is not: OFAC published in it for years. Any other list would come with
        letters that nobody wrote, and its people would not be found.
    :raises ListUnreadable: as `read_bytes`, and when the file is binary, or in another encoding.
    """
    content = read_bytes(path)
    if b"\0" in content:
        raise ListUnreadable(name=path.name, problem=_("it is not a text file"))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if or_windows:
            return content.decode("cp1252", errors="replace")
        line = content.count(b"\n", 0, error.start) + 1
        problem = _("line %(line)s: it is not in UTF-8") % {"line": line}
        raise ListUnreadable(name=path.name, problem=problem) from error
