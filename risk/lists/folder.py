"""A folder of lists as they were fetched: OFAC's four files and the UN's one, under their usual names."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from risk.lists.errors import ListUnreadable
from risk.lists.ofac import read_ofac
from risk.lists.un import read_un
from risk.names.entry import Entry

OFAC_FILES = {"sdn": "sdn.csv", "alt": "alt.csv", "add": "add.csv", "comments": "sdn_comments.csv"}
UN_FILES = ("un_consolidated.xml", "consolidated.xml")


def read_folder(folder: Path) -> list[Entry]:
    """Return every entry of the lists in `folder`; OFAC's files are called `sdn.csv` or `ofac_sdn.csv`.

    :raises ListUnreadable: no list there, or one that cannot be read.
    :raises ListEmpty: one of them has no entries.
    """
    entries: list[Entry] = []
    ofac = {part: either(folder, (name, f"ofac_{name}")) for part, name in OFAC_FILES.items()}
    if (sdn := ofac["sdn"]) is not None:
        entries += read_ofac(sdn=sdn, alt=ofac["alt"], add=ofac["add"], comments=ofac["comments"])
    if (un := either(folder, UN_FILES)) is not None:
        entries += read_un(un)
    if not entries:
        raise ListUnreadable(
            name=str(folder), problem=_("neither sdn.csv of OFAC nor consolidated.xml of the UN is in it")
        )
    return entries


def either(folder: Path, names: tuple[str, ...]) -> Path | None:
    """Return the first of these files that is in the folder."""
    return next((folder / name for name in names if (folder / name).is_file()), None)
