"""What every test shares: real servers, one set for all test processes, and a browser where there is one."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Generator
from contextlib import ExitStack

import environ
import psycopg
import pytest

from bankops.core import embedded
from bankops.core.embedded.rooms import make_data_dir

pytest_plugins = ["tests.committed", "tests.consent", "tests.personas", "tests.reviewed_bank", "tests.template"]

_NO_BROWSER = "no Chromium on this machine (Debian: apt-get install chromium; or set BANKOPS_CHROMIUM)"
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


def chromium() -> str | None:
    """Return the browser's program, or nothing where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("BANKOPS_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def pytest_configure(config: pytest.Config) -> None:
    """Have PostgreSQL and Redis run until the tests are over; workers use what their controller holds."""
    if "PYTEST_XDIST_WORKER" not in os.environ and not config.option.help and not config.option.collectonly:
        config.stash[_lease] = ExitStack()
        config.stash[_lease].enter_context(embedded.lease(embedded.needed()))
        if "postgres" in embedded.needed():
            _let_tests_tidy_up()


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    _long_ones_first(items)
    if chromium() is None and not os.environ.get("CI"):
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=_NO_BROWSER))


def _long_ones_first(items: list[pytest.Item]) -> None:
    """Begin every process's share with some of the modules that have long tests, whole: none is left with them at the end."""
    shares = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = dict.fromkeys(
        item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("browser")
    )
    share_of = {path: place % shares for place, path in enumerate(long)}
    rest = [item for item in items if item.path not in share_of]
    ordered: list[pytest.Item] = []
    for share in range(shares):
        ordered += [item for item in items if share_of.get(item.path) == share]
        more = max(0, len(items) * (share + 1) // shares - len(ordered))
        ordered += rest[:more]
        del rest[:more]
    items[:] = ordered


def pytest_collection_finish() -> None:
    """Collect garbage seldom, and never look at what was imported: that is where a tenth of the tests' time went."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


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
