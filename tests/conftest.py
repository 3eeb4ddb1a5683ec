"""What every test shares: real servers, one set for all test processes, and a browser where there is one."""

from __future__ import annotations

import gc
import os
import shutil
from contextlib import ExitStack

import environ
import psycopg
import pytest

from bankops.core import embedded

pytest_plugins = ["tests.committed", "tests.consent", "tests.personas", "tests.reviewed_bank"]

_NO_BROWSER = "no Chromium on this machine (Debian: apt-get install chromium; or set BANKOPS_CHROMIUM)"
_lease = pytest.StashKey[ExitStack]()


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    _long_ones_first(items)
    if chromium() is None and not os.environ.get("CI"):
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=_NO_BROWSER))


def _long_ones_first(items: list[pytest.Item]) -> None:
    """Begin with the modules that have long tests, whole, so that no process is left alone with one at the end."""
    long = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in long)


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
