"""The guide as a page: what docs/api-guide.md says, to anybody, with nothing from outside."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

from tests.api.callers import schema

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "guide_page.py"


def test_the_page_is_the_guide() -> None:
    told = subprocess.run([sys.executable, str(TOOL), "--check"], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


@pytest.mark.django_db
def test_it_is_served_with_every_program_as_it_stands_in_the_guide() -> None:
    answer = Client().get("/api/docs/guide")
    text = answer.content.decode()
    programs = re.findall(r"^```\w+\n(.*?)^```", (ROOT / "docs" / "api-guide.md").read_text(), re.DOTALL | re.MULTILINE)
    assert answer.status_code == 200
    assert len(programs) >= 4
    served = re.findall(r"<pre><code[^>]*>(.*?)</code></pre>", text, re.DOTALL)
    assert [unescape(one) for one in served] == programs
    assert "<script" not in text
    assert 'src="' not in text
    assert "{%" not in text


@pytest.mark.django_db
def test_its_links_lead_to_pages_that_are_served() -> None:
    page = Client().get("/api/docs/guide").content.decode()
    links = set(re.findall(r'<a href="([^"]+)"', page))
    assert links == {"/api/docs/", "/api/docs/errors"}
    assert {Client().get(link).status_code for link in links} == {200}
    assert "/api/docs/guide" in Client().get("/api/docs/errors").content.decode()
    assert "](/api/docs/guide)" in schema()["info"]["description"]
