"""A small list in this bank's own form, and loading it. Nobody on it exists."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bankops.core.actor import Actor
from risk.models import ListEdition
from risk.services.list_editions import load_list

NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LOADER: Final = Actor.system("tests")
KEY: Final = "sanctions.test"
LISTS: Final[dict[str, Any]] = {
    KEY: {"kind": "SANCTIONS", "format": "PARTIES_CSV", "label": "Test list"},
    "pep.test": {"kind": "PEP", "format": "PARTIES_CSV"},
    "regions.test": {"kind": "REGION", "format": "REGIONS_CSV", "max_age_days": 30},
}
HEADING: Final = "key,kind,name,aliases,weak_aliases,birth_dates,countries,programmes"
KARAMAZOV: Final = "1,person,Dmitri Fyodorovich Karamazov,Mitya Karamazov,The Colonel,1974-02-17,RU,ARSON"
SMERDYAKOV: Final = "2,person,Pavel Fyodorovich Smerdyakov,,,c. 1970,RU,ARSON"
COMPANY: Final = "3,entity,Skotoprigonyevsk Timber Trading,Skoto Timber,,,RU,ARSON"
LINES: Final = (KARAMAZOV, SMERDYAKOV, COMPANY, *(f"9{n},person,Nobody Otherwise{n} Person{n},,,,," for n in range(20)))


def written(path: Path, *lines: str, heading: str = HEADING) -> Path:
    """Write a list and return its file."""
    path.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
    return path


def load(tmp_path: Path, *lines: str, key: str = KEY, now: datetime = NOW, heading: str = HEADING) -> ListEdition:
    """Load a list with these lines."""
    return load_list(key=key, path=written(tmp_path / "list.csv", *lines, heading=heading), actor=LOADER, now=now)
