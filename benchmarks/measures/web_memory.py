"""The memory of one web process after somebody has signed in and looked around."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from bankops.core.visitor import Visitor
from benchmarks.databases import manage
from benchmarks.django_processes import PRODUCT
from benchmarks.measure import Bench, Measure, Measured, Target

# The auditor of the demo sees every page.
_AUDITOR = "E1008"
_ROUNDS = 3
# Its passwords and codes are shown on no database but the demo's own, unless one says so.
_DEMO = {"BANKOPS_DEMO": "true"}
_READY_SECONDS = 60.0
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class _WebServer:
    """Gunicorn as `make demo` runs it, with one worker."""

    process: psutil.Process

    def address(self) -> str | None:
        """Return where it answers, once it does."""
        listening = [each for each in self.process.net_connections("inet") if each.status == psutil.CONN_LISTEN]
        return f"http://127.0.0.1:{listening[0].laddr.port}/" if listening else None

    def worker(self) -> psutil.Process:
        """Return the process that serves the pages."""
        (worker,) = self.process.children()
        return worker


def _run(bench: Bench) -> Measured:
    with bench.databases.product("web") as url:
        password = _seed(url)
        with _web_server(url) as server:
            visitor = Visitor(_address(server))
            pages = _look_around(visitor, password=password, database_url=url)
            memory = server.worker().memory_full_info()
    detail = {"pages_served": pages, "private_mb": round(memory.uss / _MEGABYTE, 1), "server": "gunicorn, 4 threads"}
    return Measured(memory.rss / _MEGABYTE, detail)


def _seed(database_url: str) -> str:
    said = manage("seed_demo", database_url=database_url, extra=_DEMO)
    found = re.search("“(.+?)”", said)
    assert found, said
    return found[1]


def _look_around(visitor: Visitor, *, password: str, database_url: str) -> int:
    """Sign in and open every list of the admin a few times. Return how many pages that were."""
    visitor.post_form("sign-in/", {"employee_number": _AUDITOR, "password": password})
    code = manage("demo_code", _AUDITOR, database_url=database_url, extra=_DEMO).strip()
    home = visitor.post_form("sign-in/code/", {"code": code})
    lists = sorted(set(re.findall(r'href="(/admin/\w+/\w+/)"', home.html)))
    assert lists, f"the auditor sees no list: {home.text[:200]}"
    for path in lists * _ROUNDS:
        visitor.get(path)
    return len(lists) * _ROUNDS + 4


@contextmanager
def _web_server(database_url: str) -> Iterator[_WebServer]:
    command = [sys.executable, "-m", "gunicorn", "bankops.wsgi:application", "--bind", "127.0.0.1:0", "--workers", "1"]
    command += ["--worker-class", "gthread", "--threads", "4", "--log-level", "warning", "--no-control-socket"]
    environment = {**os.environ, **_DEMO, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": PRODUCT}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            yield _WebServer(psutil.Process(process.pid))
        finally:
            process.terminate()
            process.wait(timeout=30)


def _address(server: _WebServer) -> str:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if (address := server.address()) and server.process.children():
            return address
        time.sleep(0.1)
    raise RuntimeError("gunicorn does not listen")


MEASURE = Measure(name="web_process_rss_mb", unit="MB", run=_run, target=Target(value_max=150))
