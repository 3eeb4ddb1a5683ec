"""Typeset one document in a process of its own, which can be ended: `python typesetting.py DIRECTORY FONT_DIRECTORY`.

Reads `report.typ` and its data in DIRECTORY, and writes `report.pdf` there. Nothing outside that directory is read but the
fonts; typst has no network to fetch a package from.
"""

from __future__ import annotations

import sys
from pathlib import Path

import typst

if __name__ == "__main__":
    room, fonts = Path(sys.argv[1]), sys.argv[2]
    typst.compile(
        str(room / "report.typ"),
        output=str(room / "report.pdf"),
        root=str(room),
        font_paths=[fonts],
        ignore_system_fonts=True,
        package_path=str(room),
        package_cache_path=str(room),
    )
