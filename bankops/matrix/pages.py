"""Every listed door, tried by every persona through a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from bankops.matrix import doors
from bankops.matrix.listed import listed
from bankops.matrix.listing import Listed
from bankops.matrix.people import PERSONAS, Persona
from bankops.matrix.report import Plan
from bankops.matrix.stage import Stage
from bankops.matrix.tries import Answer, Try

SECTION = "Pages and doors"
_CODE = re.compile(r"<code>([a-z_]+)</code>")
_OPEN = {HTTPStatus.OK, HTTPStatus.FOUND, HTTPStatus.MOVED_PERMANENTLY}


class Browser:
    """One browser for all, and one that asks for our own token: loading the middleware for every try would take too long."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._clients = {
            strict: Client(raise_request_exception=False, enforce_csrf_checks=strict) for strict in (False, True)
        }

    def knock(self, entry: Listed, persona: Persona) -> Answer:
        """Knock as a persona, with a copy of their cookies, and say whether the door opened."""
        client = self._clients[entry.from_elsewhere]
        client.cookies = SimpleCookie(self._stage.browsers[persona.key].output(header="", sep=";"))
        send = client.get if entry.method == "GET" else client.post
        response = send(self.address(entry), entry.form(self._stage, persona))
        broken = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        opened = _opened(entry.door, response) and self._shows(entry, response)
        return Answer(opened, _words(response), broken)

    def _shows(self, entry: Listed, response: Any) -> bool:
        return entry.shows is None or escape(entry.shows(self._stage)) in response.content.decode()

    def address(self, entry: Listed) -> str:
        if entry.path:
            return entry.path(self._stage)
        return reverse(entry.door, args=list(entry.arguments(self._stage)))


def plans(stage: Stage) -> Iterator[Plan]:
    """Yield every listed entry whose door is there."""
    browser, there = Browser(stage), set(doors.found())
    for entry in listed():
        if entry.door in there:
            before = partial(entry.before, stage) if entry.before else None
            tries = {
                persona.key: Try(partial(browser.knock, entry, persona), entry.wanted(persona), before)
                for persona in PERSONAS
            }
            yield Plan(SECTION, _name(entry), entry.who.words, tries)


def unlisted() -> list[str]:
    """Return the doors that are there and not listed."""
    known = {entry.door for entry in listed()}
    return sorted(door for door in doors.found() if door not in known)


def vanished() -> list[str]:
    """Return the doors that are listed and not there."""
    return sorted({entry.door for entry in listed()} - set(doors.found()))


def _name(entry: Listed) -> str:
    name = f"{entry.method} {entry.door.removeprefix('admin:')}"
    return f"{name} ({entry.remark})" if entry.remark else name


def _opened(door: str, response: Any) -> bool:
    """Tell whether the door opened. To lead somebody to the sign-in, or away from a record, is to refuse."""
    if response.status_code not in _OPEN:
        return False
    target = urlsplit(response.get("Location", "")).path
    away = (
        {reverse("staff:sign_in"), reverse("admin:index")} if door.startswith("admin") else {reverse("staff:sign_in")}
    )
    return target not in away


def _words(response: Any) -> str:
    """Return the code of the refusal that the page shows, or else the status and where it leads."""
    shown = _CODE.search(response.content.decode()) if response.status_code >= HTTPStatus.BAD_REQUEST else None
    if shown:
        return shown[1]
    target = response.get("Location", "")
    return f"{response.status_code} → {urlsplit(target).path}" if target else str(response.status_code)
