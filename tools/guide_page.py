"""Write docs/api-guide.md as the page at /api/docs/guide: `python tools/guide_page.py`; with `--check`, only look.

What a bank runs has no Markdown in it: the page is written when the guide is, and a test says so where it was forgotten.
"""

from __future__ import annotations

import sys
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "docs" / "api-guide.md"
PAGE = ROOT / "templates" / "api" / "guide_text.html"
SERVED = {"api.md": "/api/docs/", "api-errors.md": "/api/docs/errors"}
"""Pages of the documentation that are served; what else the guide names stays a name."""
_HEAD = "{# Written by tools/guide_page.py from docs/api-guide.md. #}{% verbatim %}\n"
_END = "{% endverbatim %}\n"


def page() -> str:
    """Return the guide as a Django template."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(GUIDE.read_text())
    for token in tokens:
        _lead_somewhere(token.children or [])
    return f"{_HEAD}{reader.renderer.render(tokens, reader.options, {})}{_END}"


def _lead_somewhere(inline: list[Token]) -> None:
    """Let links lead to what is served, and turn the others into emphasis."""
    stays = True
    for token in inline:
        if token.type == "link_open":
            address = SERVED.get(str(token.attrGet("href")), "")
            stays = bool(address)
            token.attrSet("href", address)
        if token.type in ("link_open", "link_close") and not stays:
            token.type, token.tag, token.attrs = token.type.replace("link", "em"), "em", {}


def main(arguments: list[str]) -> int:
    """Return the exit status: 1 when the page is not the guide."""
    if "--check" not in arguments:
        PAGE.write_text(page())
        return 0
    if PAGE.read_text() == page():
        return 0
    sys.stderr.write(f"{PAGE.relative_to(ROOT)} is out of date: run python tools/guide_page.py\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
