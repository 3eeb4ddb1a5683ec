"""What every test shares: real servers, one set for all test processes, and a browser where there is one."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Generator
from contextlib import ExitStack
from itertools import cycle, filterfalse
from pathlib import Path

import environ
import psycopg
import pytest

from bankops.core import embedded
from bankops.core.embedded.rooms import make_data_dir
from tests import properties

pytest_plugins = [
    "tests.announced",
    "tests.committed",
    "tests.consent",
    "tests.patience",
    "tests.personas",
    "tests.rendered",
    "tests.reviewed_bank",
    "tests.template",
]

_NO_BROWSER = "no Chromium on this machine (Debian: apt-get install chromium; or set BANKOPS_CHROMIUM)"
_LONG = ("slow", "browser", "shared")
_lease = pytest.StashKey[ExitStack]()


def _compile_once() -> None:
    """Keep compiled modules of all test processes, the servers and commands they start too, where they may be kept.

    Whoever forbids them beside the sources would have each of them compile the product anew, which takes longer than most tests.
    """
    if sys.dont_write_bytecode and not sys.pycache_prefix:
        make_data_dir(embedded.data_dir())
        sys.dont_write_bytecode = False
        sys.pycache_prefix = str(embedded.data_dir() / "bytecode")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix


_compile_once()  # before the first test is imported
properties.set_up()  # likewise: what a test says of itself is laid over it
gc.set_threshold(50_000, 20, 20)  # there is much to look through and little to collect


def chromium() -> str | None:
    """Return the browser's program, or nothing where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("BANKOPS_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def pytest_configure(config: pytest.Config) -> None:
    """Have PostgreSQL and Redis run until the tests are over; workers use what their controller holds."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        if config.args == config.getini("testpaths"):
            _begin_elsewhere(config)
    elif not config.option.help and not config.option.collectonly:
        config.stash[_lease] = ExitStack()
        config.stash[_lease].enter_context(embedded.lease(embedded.needed()))
        if "postgres" in embedded.needed():
            _let_tests_tidy_up()


def _begin_elsewhere(config: pytest.Config) -> None:
    """Have each process read the tests from another directory on: what one has compiled, the others find compiled."""
    place = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
    here = sorted(Path(__file__).parent.iterdir())
    parts = [str(path) for path in here if path.match("test_*.py") or any(path.rglob("test_*.py"))]
    first = len(parts) * place // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    config.args[:] = parts[first:] + parts[:first]


def _let_tests_tidy_up() -> None:
    """Allow the product's role what only `committed_db` does with it: put append-only tables back as they were."""
    server = environ.Env.db_url_config(embedded.database_url())
    with psycopg.connect(host=server["HOST"], user="postgres", dbname="postgres") as superuser:
        superuser.execute(f"GRANT SET ON PARAMETER session_replication_role TO {server['USER']}")


def pytest_unconfigure(config: pytest.Config) -> None:
    if _lease in config.stash:
        config.stash[_lease].close()


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Have one process more than processors: there is always a test that waits for a server, a browser or a clock."""
    processors = yield
    return processors if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else processors + 1


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    items.sort(key=lambda item: item.path)
    yield
    _long_ones_first(items)
    if chromium() is None and not os.environ.get("CI"):
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=_NO_BROWSER))


def _long_ones_first(items: list[pytest.Item]) -> None:
    """Begin every process's share with some of the modules that have long tests, whole: none is left with them at the end.

    Those that ask for no database come before, in every process but the first, which migrates for all meanwhile. A test
    that is shared has some of its cases in every share.
    """
    shares = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    share_of = _shares_of_long_ones(items, shares)
    rest = [item for item in items if item not in share_of]
    ordered: list[pytest.Item] = []
    for share in range(shares):
        ordered += [item for item, whose in share_of.items() if whose == share]
        more = max(0, len(items) * (share + 1) // shares - len(ordered))
        ordered += rest[:more]
        del rest[:more]
    items[:] = ordered


def _shares_of_long_ones(items: list[pytest.Item], shares: int) -> dict[pytest.Item, int]:
    """Return who begins with which of the long tests, by their place among the shares."""
    long = dict.fromkeys(item.path for item in items if any(map(item.get_closest_marker, _LONG)))
    asking = {item.path for item in items if _asks_for_a_database(item)}
    modules = {path: place % shares for place, path in enumerate(filterfalse(asking.__contains__, long), 1)}
    modules |= {path: place % shares for place, path in enumerate(filter(asking.__contains__, long))}
    ordered = sorted((item for item in items if item.path in modules), key=lambda item: item.path in asking)
    dealt = cycle(range(shares))
    return {item: next(dealt) if item.get_closest_marker("shared") else modules[item.path] for item in ordered}


def _asks_for_a_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "live_server", "django_db_setup"}
    return item.get_closest_marker("django_db") is not None or not fixtures.isdisjoint(
        getattr(item, "fixturenames", ())
    )


def pytest_collection_finish() -> None:
    """Never look for garbage in what was imported: that is where a tenth of the tests' time went."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if _NO_BROWSER in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line("")
        terminalreporter.write_line(f"{len(skipped)} BROWSER TESTS WERE NOT RUN: {_NO_BROWSER.upper()}", red=True)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Return the browser to drive: ``playwright.chromium.launch(executable_path=…, args=["--no-sandbox"])``."""
    path = chromium()
    assert path, _NO_BROWSER
    return path
