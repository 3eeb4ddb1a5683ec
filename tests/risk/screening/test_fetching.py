"""Fetching lists: bounded, over addresses that are looked at first, and told of when it fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.core.management import CommandError, call_command

from bankops.core.models import OutboxMessage
from notifications.addresses import Rules
from risk import tasks
from risk.errors import ListNotFetched, NoListAddress
from risk.lists.fetching import fetched
from risk.models import EditionState, ListEdition, ListFormat
from risk.services import list_editions
from tests.risk.screening.lists import HEADING, KEY, LINES, written

NO_LOOPBACK = Rules(https_only=False)


class Publisher(BaseHTTPRequestHandler):
    """A publisher whose pages are what the test says, by path."""

    pages: ClassVar[dict[str, bytes]] = {}

    def do_GET(self) -> None:
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "/list.csv")
            self.end_headers()
            return
        content = self.pages[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content) + (10 if self.path == "/torn" else 0)))
        self.end_headers()
        if self.path == "/slow":
            time.sleep(2)
        self.wfile.write(content)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def publisher() -> Iterator[str]:
    content = "\n".join([HEADING, *LINES]).encode()
    Publisher.pages = dict.fromkeys(("/list.csv", "/torn", "/slow"), content)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def read(**bounds: Any) -> str:
    with fetched(KEY, ListFormat.PARTIES_CSV, **bounds) as folder:
        return (folder / "list.csv").read_text()


def test_a_list_comes_as_its_publisher_has_it(publisher: str, settings: Any) -> None:
    settings.BANKOPS_LIST_URLS = {KEY: f"{publisher}/list.csv"}
    assert read().splitlines()[1:] == list(LINES)


@pytest.mark.parametrize(
    ("page", "bounds", "words"),
    [
        ("/elsewhere", {}, "answered 302"),
        ("/torn", {}, "10 bytes short"),
        ("/slow", {"seconds": 0.5}, "timed out"),
        ("/list.csv", {"most_bytes": 200}, "more than 200 bytes"),
        ("/list.csv", {"by": NO_LOOPBACK}, "not public"),
    ],
)
def test_what_does_not_come_whole_from_a_public_place_is_no_list(
    publisher: str, settings: Any, page: str, bounds: dict[str, Any], words: str
) -> None:
    settings.BANKOPS_LIST_URLS = {KEY: f"{publisher}{page}"}
    with pytest.raises(ListNotFetched, match=words):
        read(**bounds)


@pytest.mark.parametrize(("page", "bounds"), [("/elsewhere", {}), ("/torn", {}), ("/list.csv", {"most_bytes": 200})])
def test_what_went_wrong_is_said_in_the_readers_language(
    publisher: str, settings: Any, translated: None, page: str, bounds: dict[str, Any]
) -> None:
    settings.BANKOPS_LIST_URLS = {KEY: f"{publisher}{page}"}
    with pytest.raises(ListNotFetched) as refused:
        read(**bounds)
    assert refused.value.context["problem"].startswith("«")


def test_the_bound_is_that_of_all_files_together(publisher: str, settings: Any) -> None:
    files = ("sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv")
    settings.BANKOPS_LIST_URLS = {"ofac_sdn": dict.fromkeys(files, f"{publisher}/list.csv")}
    one = len(Publisher.pages["/list.csv"]) + 500  # with its headers
    with fetched("ofac_sdn", ListFormat.OFAC_CSV, most_bytes=4 * one) as folder:
        assert sorted(path.name for path in folder.iterdir()) == sorted(files)
    with (
        pytest.raises(ListNotFetched, match="more than"),
        fetched("ofac_sdn", ListFormat.OFAC_CSV, most_bytes=2 * one),
    ):
        pass


@pytest.mark.parametrize("urls", [{}, {KEY: {}}, {KEY: {"../list.csv": "https://example.com/"}}])
def test_nothing_is_fetched_from_nowhere(settings: Any, urls: dict[str, Any]) -> None:
    settings.BANKOPS_LIST_URLS = urls
    with pytest.raises(NoListAddress):
        read()


@pytest.mark.django_db
def test_the_schedule_takes_on_what_comes_and_tells_of_what_does_not(publisher: str, settings: Any) -> None:
    settings.BANKOPS_LIST_URLS = {KEY: f"{publisher}/list.csv", "pep.test": f"{publisher}/elsewhere"}
    tasks.fetch_lists()
    assert ListEdition.objects.get().state == EditionState.CURRENT
    told = OutboxMessage.objects.get(topic="risk.list.not_fetched")
    assert told.payload["list"] == "pep.test"
    assert "302" in told.payload["problem"]


@pytest.mark.django_db
def test_a_fault_that_nobody_foresaw_of_one_list_keeps_no_other_back(
    publisher: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BANKOPS_LIST_URLS = {KEY: f"{publisher}/list.csv", "pep.test": f"{publisher}/list.csv"}
    plain = list_editions.load_list

    def breaks(*, key: str, **told: Any) -> Any:
        if key == "pep.test":
            raise ZeroDivisionError
        return plain(key=key, **told)

    monkeypatch.setattr(tasks, "load_list", breaks)
    tasks.fetch_lists()
    assert ListEdition.objects.get().watch_list.key == KEY
    told = OutboxMessage.objects.get(topic="risk.list.not_fetched").payload
    assert told["problem"] == "an unexpected fault (ZeroDivisionError), which is in the log"


@pytest.mark.django_db
def test_the_command_loads_a_file_and_says_what_was_refused(tmp_path: Path, capsys: Any) -> None:
    call_command("load_list", KEY, str(written(tmp_path / "one.csv", *LINES)))
    assert "Edition 1 of Test list is in use. 23 entries: 23 added" in capsys.readouterr().out
    with pytest.raises(CommandError, match="screening_list_shrunken"):
        call_command("load_list", KEY, str(written(tmp_path / "two.csv", *LINES[:5])))
    with pytest.raises(CommandError, match="risk_unknown_list"):
        call_command("load_list", "nobody", str(tmp_path))
    with pytest.raises(CommandError, match="either a file or --fetch"):
        call_command("load_list", KEY)
