"""The frame of the demo's story, and the visitor who plays it against a real HTTP server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from bankops.core.page import Page, UnexpectedPage
from bankops.core.story import Step, play
from bankops.core.visitor import Visitor

FORM = """
<form method="post" action="/sign-out"><input type="hidden" name="csrf" value="other"><button>Out</button></form>
<form method="post">
  <input type="hidden" name="csrf" value="token">
  <input name="amount" value="1.00"> <input type="checkbox" name="sure"> <input type="checkbox" name="loud" checked>
  <select name="side"><option value="D">Debit</option><option value="C">Credit</option></select>
  <select name="roles" multiple><option value="a">A</option></select>
  <textarea name="reason">
as before</textarea> <input type="submit" name="save" value="Save">
</form>
"""


class Bank(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        pages = {
            "/form": FORM,
            "/empty": "<p>Nothing here</p>",
            "/hello": "<script>no()</script><p>Hello &amp; welcome</p>",
        }
        self._answer(200 if self.path in pages else 404, pages.get(self.path, "Not found"))

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True)
        if sent["amount"] == ["0"]:
            self._answer(200, f'<ul class="errorlist nonfield"><li>Too<br>little</li></ul>{FORM}')
            return
        self._answer(200, f"<p>Sent {sorted((name, *values) for name, values in sent.items())}</p>")

    def _answer(self, status: int, body: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_arguments: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bank)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Visitor(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_story_that_holds() -> None:
    said: list[str] = []
    world: list[str] = []

    def sign_in(world: list[str]) -> None:
        world.append("in")

    steps: list[Step[list[str]]] = [Step("Sign in", sign_in), Step("Pay", lambda w: f"after {w[0]}")]
    assert play(steps, world, say=said.append) == 0
    assert [line.partition("  (")[0] for line in said] == ["✓ Sign in", "✓ Pay: after in"]
    assert all(line.endswith(" ms)") for line in said)


def test_a_story_stops_at_the_first_step_that_does_not_hold() -> None:
    said: list[str] = []

    def fails(_world: None) -> None:
        raise UnexpectedPage("the balance is wrong")

    steps: list[Step[None]] = [Step("One", lambda _: None), Step("Two", fails), Step("Three", lambda _: None)]
    assert play(steps, None, say=said.append) == 1
    assert [line.partition("  (")[0].strip() for line in said] == [
        "✓ One",
        "✗ Two",
        "UnexpectedPage: the balance is wrong",
        "1 of 3 steps held.",
    ]


def test_a_visitor_reads_pages(visitor: Visitor) -> None:
    page = visitor.get("/hello")
    assert page.text == "Hello & welcome"
    page.must_show("Hello & welcome")
    with pytest.raises(UnexpectedPage, match="does not show “Goodbye”"):
        page.must_show("Goodbye")
    with pytest.raises(UnexpectedPage, match=r"/nowhere answered 404 instead of 200. It says: Not found"):
        visitor.get("/nowhere")


def test_a_visitor_fills_in_a_form_as_a_browser_would(visitor: Visitor) -> None:
    page = visitor.post_form("/form", {"amount": "2.50", "roles": ["a"]})
    expected = [
        ("amount", "2.50"),
        ("csrf", "token"),
        ("loud", "on"),
        ("reason", "as before"),
        ("roles", "a"),
        ("side", "D"),
    ]
    page.must_show(f"Sent {expected}")


def test_a_visitor_notices_a_form_that_is_refused_lacks_a_field_or_is_not_there(visitor: Visitor) -> None:
    with pytest.raises(UnexpectedPage, match=r"was refused. It says: Too little"):
        visitor.post_form("/form", {"amount": "0"})
    assert visitor.post_form("/form", {"amount": "0"}, refused=True).errors == ["Too little"]
    with pytest.raises(UnexpectedPage, match="accepted what it should refuse"):
        visitor.post_form("/form", {"amount": "1"}, refused=True)
    with pytest.raises(UnexpectedPage, match=r"no field colour. It has: amount, csrf"):
        visitor.post_form("/form", {"amount": "1", "colour": "red"})
    with pytest.raises(UnexpectedPage, match=r"has no form. It says: Nothing here"):
        visitor.post_form("/empty", {"amount": "1"})


def test_text_of_a_page_is_what_is_read() -> None:
    page = Page(url="/", status=200, html="<style>p{}</style><p>A\n  <b>B</b></p><template>no</template>")
    assert page.text == "A B"
    assert page.errors == []
