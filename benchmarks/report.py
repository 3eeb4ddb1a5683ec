"""The result: a table for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.session import Line

_HEADINGS = ("measurement", "value", "unit", "× pgbench", "target", "")


def as_table(lines: Sequence[Line]) -> str:
    """Return the lines as aligned columns under their headings."""
    rows = [_HEADINGS, *map(_cells, lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    return "\n".join(_aligned(row, widths) for row in rows)


def write_json(lines: Sequence[Line], path: Path) -> None:
    """Write a list of `{"name", "value", "unit", "ratio_to_pgbench", "detail"}`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([_record(line) for line in lines], indent=2, ensure_ascii=False) + "\n")


def _record(line: Line) -> dict[str, Any]:
    return {
        "name": line.name,
        "value": None if line.value is None else round(line.value, 3),
        "unit": line.unit,
        "ratio_to_pgbench": None if line.ratio is None else round(line.ratio, 3),
        "detail": {**line.detail, "target": str(line.target) if line.target else None, "verdict": line.verdict},
    }


def _cells(line: Line) -> tuple[str, ...]:
    value = "–" if line.value is None else f"{line.value:,.2f}" if line.value < 100 else f"{line.value:,.0f}"
    ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
    return (line.name, value, line.unit, ratio, str(line.target or ""), line.verdict)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    name, value, unit, ratio, target, verdict = row
    cells = (
        name.ljust(widths[0]),
        value.rjust(widths[1]),
        unit.ljust(widths[2]),
        ratio.rjust(widths[3]),
        target.ljust(widths[4]),
        verdict,
    )
    return "  ".join(cells).rstrip()
