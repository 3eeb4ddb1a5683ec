"""A web page as a reader meets it: its text, its complaints, its forms. For the demo's story (``visitor.py``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser

FormData = Mapping[str, str | list[str]]
Files = Mapping[str, tuple[str, bytes]]
_Attributes = list[tuple[str, str | None]]

_VOID_TAGS = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_UNREAD_TAGS = frozenset({"script", "style", "template"})
_ERROR_CLASSES = frozenset({"bk-refusal", "errorlist", "errornote"})
_UNSENT_INPUTS = frozenset({"submit", "button", "reset", "image"})


class UnexpectedPage(AssertionError):
    """The site answered something else than a person in this situation would expect."""


class Form:
    """A form as the page offers it: where it goes and the values it would send untouched."""

    def __init__(self, attributes: Mapping[str, str]) -> None:
        self.action = attributes.get("action", "")
        self.posts = attributes.get("method", "get").lower() == "post"
        self.names: set[str] = set()
        self.values: dict[str, list[str]] = {}
        self.buttons: dict[str, str] = {}

    def add(self, name: str, value: str | None) -> None:
        """Note a field; ``None`` for one that sends nothing as it stands, such as an unticked box."""
        self.names.add(name)
        if value is not None:
            self.values.setdefault(name, []).append(value)

    def filled_in(self, data: FormData, *, press: str = "") -> dict[str, list[str]]:
        """Return what is sent when ``data`` is filled in and the button named ``press`` (or one without name) is pressed.

        :raises UnexpectedPage: when the form has no such field or button.
        """
        if press and press not in self.buttons:
            raise UnexpectedPage(f"The form has no button {press}. It has: {', '.join(sorted(self.buttons))}.")
        if missing := sorted(set(data) - self.names):
            offered = ", ".join(sorted(self.names))
            raise UnexpectedPage(f"The form has no field {', '.join(missing)}. It has: {offered}.")
        given = {name: [value] if isinstance(value, str) else value for name, value in data.items()}
        pressed = {press: [self.buttons[press]]} if press else {}
        return {**self.values, **given, **pressed}

    def chosen(self, files: Files) -> Files | None:
        """Return the files that are sent; None where there are none.

        :raises UnexpectedPage: when the form has no such field.
        """
        if missing := sorted(set(files) - self.names):
            raise UnexpectedPage(f"The form takes no file {', '.join(missing)}.")
        return files or None


class Page:
    """What came back: ``url`` after redirects, ``status``, ``html``, and what a reader sees of it."""

    def __init__(self, *, url: str, status: int, html: str) -> None:
        self.url = url
        self.status = status
        self.html = html
        words = _WordReader(html)
        self.text = _squeezed(words.text)
        self.errors = [error for error in map(_squeezed, words.errors) if error]
        self.forms = _FormReader(html).forms

    def must_show(self, words: str) -> None:
        """:raises UnexpectedPage: when the words are not on the page."""
        if words not in self.text:
            raise UnexpectedPage(f"{self.url} does not show “{words}”.{self.complaint()}")

    def form_for(self, data: FormData, press: str = "") -> Form:
        """Return the form that has this button and most of these fields; pages carry others too, such as the one that signs out.

        :raises UnexpectedPage: when nothing on the page can be posted.
        """
        forms = [form for form in self.forms if form.posts]
        if not forms:
            raise UnexpectedPage(f"{self.url} has no form.{self.complaint()}")
        return max(forms, key=lambda form: (press in form.buttons, len(form.names & set(data))))

    def complaint(self) -> str:
        """Say what the page itself says is wrong, or else how it begins."""
        said = " / ".join(self.errors) or self.text[:200]
        return f" It says: {said}" if said else ""


class _WordReader(HTMLParser):
    """Collects the readable text and, out of it, the error messages."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.errors: list[str] = []
        self._unread_depth = 0
        self._error_depth = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        self._unread_depth += tag in _UNREAD_TAGS
        if tag in _VOID_TAGS:
            return
        if self._error_depth:
            self._error_depth += 1
        elif _ERROR_CLASSES & set((dict(attrs).get("class") or "").split()):
            self._error_depth = 1
            self.errors.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNREAD_TAGS:
            self._unread_depth = max(0, self._unread_depth - 1)
        if tag not in _VOID_TAGS:
            self._error_depth = max(0, self._error_depth - 1)

    def handle_data(self, data: str) -> None:
        if self._unread_depth:
            return
        self.text += f" {data}"
        if self._error_depth:
            self.errors[-1] += f" {data}"


class _FormReader(HTMLParser):
    """Collects the forms with the values a browser would send for their fields."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""
        self._several = False
        self._options: list[str] = []
        self._textarea = ""
        self._written = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(attributes)
            self.forms.append(self._form)
        elif self._form and "disabled" not in attributes:
            self._read_field(self._form, tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        form, name = self._form, self._select or self._textarea
        if tag == "form":
            self._form = None
        elif tag == "select" and form and self._select:
            if self._options and name not in form.values:
                form.add(name, self._options[0])  # a drop-down always shows one
            self._select, self._options = "", []
        elif tag == "textarea" and form and self._textarea:
            form.add(name, re.sub(r"\A\r?\n", "", self._written))  # HTML lets a line break follow the opening tag
            self._textarea, self._written = "", ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._written += data

    def _read_field(self, form: Form, tag: str, attributes: dict[str, str]) -> None:
        name = attributes.get("name", "")
        if tag == "option" and self._select:
            self._read_option(form, attributes)
        elif not name:
            return
        elif tag == "button":
            form.buttons[name] = attributes.get("value", "")
        elif tag == "input":
            _read_input(form, name, attributes)
        elif tag == "textarea":
            self._textarea = name
        elif tag == "select":
            form.add(name, None)
            self._select = name
            self._several = "multiple" in attributes

    def _read_option(self, form: Form, attributes: dict[str, str]) -> None:
        value = attributes.get("value", "")
        if "selected" in attributes:
            form.add(self._select, value)
        elif not self._several:
            self._options.append(value)


def _read_input(form: Form, name: str, attributes: dict[str, str]) -> None:
    kind = attributes.get("type", "text").lower()
    if kind in {"checkbox", "radio"}:
        form.add(name, attributes.get("value", "on") if "checked" in attributes else None)
    elif kind == "file":
        form.add(name, None)
    elif kind not in _UNSENT_INPUTS:
        form.add(name, attributes.get("value", ""))


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
