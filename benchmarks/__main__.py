"""`python -m benchmarks`: measure, print the table, write `benchmarks/results/latest.json`."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from bankops.core import embedded
from benchmarks import report, session
from benchmarks.databases import Databases
from benchmarks.measure import Bench
from benchmarks.registry import MEASURES

_RESULT = Path(__file__).parent / "results" / "latest.json"


def main() -> int:
    """Return the exit status: 1 when a measurement failed. A missed target is a result, not a failure."""
    options = _options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops us, the databases are dropped
    databases = Databases()
    bench = Bench(databases, seconds=3.0, repeats=3) if options.quick else Bench(databases, seconds=12.0, repeats=7)
    wanted = [measure for measure in MEASURES if not options.only or measure.name in options.only]
    with embedded.lease(embedded.needed()):
        try:
            lines = list(session.run(wanted, bench, say=_say))
        finally:
            databases.clear()
    lines.insert(0, lines.pop())  # the yardstick leads, though it is known last
    print(report.as_table(lines))
    report.write_json(lines, options.output)
    return 1 if any(line.has_failed for line in lines) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute's impression instead of a measurement")
    parser.add_argument(
        "--only",
        action="append",
        metavar="NAME",
        choices=[measure.name for measure in MEASURES],
        help="may be repeated",
    )
    parser.add_argument("--output", type=Path, default=_RESULT, metavar="FILE.json", help="default: %(default)s")
    return parser.parse_args()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
