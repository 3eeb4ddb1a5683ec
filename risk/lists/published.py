"""A published list from its file or folder: its entries, and the fingerprint by which the same file is known again."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from risk.lists.errors import ListEmpty, ListUnreadable
from risk.lists.folder import OFAC_FILES, UN_FILES, either
from risk.lists.ofac import read_ofac
from risk.lists.own_format import read_parties, read_regions
from risk.lists.reading import read_bytes
from risk.lists.un import read_un
from risk.models import ListFormat
from risk.names.entry import Entry


@dataclass(frozen=True, slots=True)
class Published:
    """What came. Without entries it is a list that nobody should take on unseen."""

    entries: Sequence[Entry]
    sha256: str


def read_published(path: Path, *, format_: ListFormat, key: str, label: str) -> Published:
    """Read a list from a file, or from a folder with the publisher's files under their usual names.

    :param key, label: of the list, for entries of the bank's own formats.
    :raises ListUnreadable: when it is not there, or not what `format_` says, or when two entries have one key, or one has none:
        one of them would take the other's place.
    """
    files = _files(path, format_)
    fingerprint = _fingerprint(files)
    try:
        entries = _entries(files, format_, key, label)
    except ListEmpty:
        return Published((), fingerprint)
    _refuse_without_own_key(entries, path.name)
    return Published(entries, fingerprint)


def _refuse_without_own_key(entries: Sequence[Entry], name: str) -> None:
    for key, times in Counter(entry.key for entry in entries).items():
        if key.endswith(":"):
            raise ListUnreadable(name=name, problem=_("an entry has no key of its own"))
        if times > 1:
            raise ListUnreadable(name=name, problem=_("the key %(key)s occurs twice") % {"key": key})


def _files(path: Path, format_: ListFormat) -> dict[str, Path]:
    """Return the files by their part of the list."""
    if format_ == ListFormat.OFAC_CSV:
        folder = path if path.is_dir() else path.parent
        there = {part: either(folder, (name, f"ofac_{name}")) for part, name in OFAC_FILES.items()}
        found = {part: file for part, file in there.items() if file is not None}
        if missing := sorted(OFAC_FILES[part] for part in OFAC_FILES.keys() - found.keys()):
            raise ListUnreadable(name=path.name, problem=_("missing: %(files)s") % {"files": ", ".join(missing)})
        return found
    if not path.is_dir():
        return {"list": path}
    names = UN_FILES if format_ == ListFormat.UN_XML else ("list.csv",)
    file = either(path, names)
    if file is None:
        raise ListUnreadable(name=path.name, problem=_("%(file)s is not in it") % {"file": names[0]})
    return {"list": file}


def _entries(files: dict[str, Path], format_: ListFormat, key: str, label: str) -> list[Entry]:
    if format_ == ListFormat.OFAC_CSV:
        return read_ofac(sdn=files["sdn"], alt=files.get("alt"), add=files.get("add"), comments=files.get("comments"))
    if format_ == ListFormat.UN_XML:
        return read_un(files["list"])
    read = read_regions if format_ == ListFormat.REGIONS_CSV else read_parties
    return read(files["list"], list_key=key, list_name=label)


def _fingerprint(files: dict[str, Path]) -> str:
    digest = hashlib.sha256()
    for part in sorted(files):
        content = hashlib.sha256(read_bytes(files[part])).hexdigest()
        digest.update(f"{part} {content}\n".encode())
    return digest.hexdigest()
